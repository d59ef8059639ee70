"""What waits for a second person: list, approve, refuse."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from midan.access.services import open_agreed_cases, publish_agreed
from midan.approval import selectors as approvals_read
from midan.approval import services
from midan.approval.rules import State
from midan.console.doors import acting, fresh, room
from midan.console.rules import Room
from midan.console.selectors.keeping import approvals_page
from midan.core.actor import Actor
from midan.core.errors import MidanError
from midan.destruction.services import end_agreed_holds
from midan.gateway.services import grant_agreed
from midan.people.posts.granting import carry_out


@require_safe
@room(Room.APPROVALS)
def approvals(request: HttpRequest) -> HttpResponseBase:
    return _list(request)


def _list(request: HttpRequest, fault: MidanError | None = None) -> HttpResponse:
    """Show what waits; after a refusal with what was refused and why."""
    page = approvals_page(acting(request), now=timezone.now())
    shown = {"page": page, "fault": fault}
    return render(request, "console/approvals.html", shown, status=fault.status if fault else 200)


@require_POST
@room(Room.APPROVALS)
@fresh
def approve(request: HttpRequest, code: str) -> HttpResponseBase:
    """Allow it. All but runs follow at once; a run is carried out by the jobs process within seconds."""
    now = timezone.now()
    try:
        services.approve(actor=acting(request), code=code, now=now)
    except MidanError as error:
        return _list(request, error)
    end_agreed_holds(actor=Actor.system("destruction"), now=now)
    carry_out(now=now)
    publish_agreed(now=now)
    open_agreed_cases(now=now)
    grant_agreed(now=now)
    if approvals_read.request(code, now=now).state == State.REFUSED:
        messages.warning(
            request, gettext("已批准，但已不能办理：此人的岗位或状态已变，或与其他岗位冲突；申请已撤回")
        )
    else:
        messages.success(request, gettext("已批准，记入日志"))
    return redirect("console:approvals")


@require_POST
@room(Room.APPROVALS)
def refuse(request: HttpRequest, code: str) -> HttpResponseBase:
    try:
        services.refuse(actor=acting(request), code=code, now=timezone.now())
    except MidanError as error:
        return _list(request, error)
    messages.success(request, gettext("已驳回，记入日志"))
    return redirect("console:approvals")
