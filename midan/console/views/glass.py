"""Break the glass for one waybill; review what others broke."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from midan.access import services
from midan.access.errors import AccessDenied, BadQuestion
from midan.access.rules.glass import GlassReason
from midan.access.selectors import glass as reads
from midan.console.accessforms import OPENED, FindingForm, GlassForm
from midan.console.doors import acting, fresh, person, room
from midan.console.rules import Room
from midan.console.selectors.refusals import Refusal, refusal
from midan.console.selectors.waybills import purposes_for
from midan.core.errors import MidanError


@require_http_methods(["GET", "HEAD", "POST"])
@room(Room.GLASS)
@fresh
def break_glass(request: HttpRequest) -> HttpResponseBase:
    """Show what breaking means and what one broke so far; break it."""
    if request.method != "POST":
        return _page(request)
    form = GlassForm(request.POST)
    if not form.is_valid():
        return _page(request, fault=BadQuestion(next(iter(form.errors)).rstrip("_")))
    asked = form.cleaned_data
    try:
        broken = services.break_glass(
            actor=acting(request),
            waybill=asked["waybill"].upper(),
            fields=frozenset(asked["fields_"]),
            purpose=asked["purpose"],
            reason=asked["reason"],
            note=asked["note"],
            now=timezone.now(),
        )
    except AccessDenied as error:
        denied = refusal(
            reason=str(error.details.get("reason", "")),
            clause=error.denied_by,
            entry_id=str(error.details.get("entry_id", "")),
            lang=get_language() or "",
        )
        return _page(request, denied=denied)
    except MidanError as error:
        return _page(request, fault=error)
    messages.success(request, gettext("已应急打开 15 分钟，隐私保护负责人已收到告警；每次查看另记日志"))
    return redirect("console:waybill", number=broken.waybill)


def _page(
    request: HttpRequest, *, fault: MidanError | None = None, denied: Refusal | None = None
) -> HttpResponse:
    who, asked = person(request), request.POST if request.method == "POST" else request.GET
    status = 403 if denied else fault.status if fault else 200
    shown = {
        "fields": OPENED,
        "purposes": purposes_for(who.role),
        "reasons": list(GlassReason),
        "asked": {name: asked.get(name, "") for name in ("waybill", "purpose", "reason", "note")},
        "chosen": asked.getlist("fields_"),
        "breaks": reads.breaks_of(who.staff_no, now=timezone.now()),
        "fault": fault,
        "refusal": denied,
    }
    return render(request, "console/glass.html", shown, status=status)


@require_safe
@room(Room.REVIEW_GLASS)
def waiting(request: HttpRequest) -> HttpResponseBase:
    return _queue(request)


def _queue(request: HttpRequest, fault: MidanError | None = None) -> HttpResponse:
    now = timezone.now()
    shown = {
        "waiting": reads.breaks_to_review(now=now),
        "reviewed": reads.reviewed(now=now),
        "own": person(request).staff_no,
        "fault": fault,
    }
    return render(request, "console/glass_review.html", shown, status=fault.status if fault else 200)


@require_POST
@room(Room.REVIEW_GLASS)
@fresh
def review(request: HttpRequest, code: str) -> HttpResponseBase:
    """Say whether it was justified; either answer lets the person see again."""
    form = FindingForm(request.POST)
    try:
        if not form.is_valid():
            raise BadQuestion(next(iter(form.errors)))
        services.review_glass(actor=acting(request), code=code, now=timezone.now(), **form.cleaned_data)
    except MidanError as error:
        return _queue(request, error)
    messages.success(request, gettext("复核已登记，记入日志"))
    return redirect("console:glass-review")
