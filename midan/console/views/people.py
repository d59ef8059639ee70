"""Staff: the register, one person, grants of posts and taking them back, conflicts, the review of access."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from midan.catalog.settings import current
from midan.console.doors import acting, fresh, room
from midan.console.errors import StaffFormRefused
from midan.console.rules import Room
from midan.console.selectors import people as selectors
from midan.console.staffforms import FileForm, GrantForm, HoursForm, ReviewForm
from midan.core.errors import MidanError
from midan.people import joining
from midan.people.hours import services as hours
from midan.people.hours.rules import HoursOf
from midan.people.posts import granting
from midan.people.posts.filing import set_file as set_file_of
from midan.people.rules import Employment, Role
from midan.ui.staffwords import GRANT


@require_safe
@room(Room.PEOPLE)
def people(request: HttpRequest) -> HttpResponseBase:
    state = request.GET.get("status", "")
    page = selectors.people_page(acting(request), state=state, after=request.GET.get("after", ""))
    shown = {"page": page, "state": state, "total": sum(page.states.values())}
    return render(request, "console/people.html", shown)


@require_safe
@room(Room.PEOPLE)
def person(request: HttpRequest, number: str) -> HttpResponseBase:
    return person_page(request, number)


def person_page(
    request: HttpRequest, number: str, fault: MidanError | None = None, *, link: str = ""
) -> HttpResponse:
    """Show one person; after a refusal with what was refused and why, and nothing changed."""
    detail = selectors.person_detail(acting(request), number, now=timezone.now())
    shown = {"page": detail, "fault": fault, "roles": list(Role), "reasons": list(GRANT), "link": link}
    return render(request, "console/person.html", shown, status=fault.status if fault else 200)


def cleaned(form: Form) -> dict[str, Any]:
    """Return what a form holds; StaffFormRefused."""
    if not form.is_valid():
        raise StaffFormRefused
    return form.cleaned_data


@require_POST
@room(Room.STAFFING)
@fresh
def grant(request: HttpRequest, number: str) -> HttpResponseBase:
    """Give a post, or ask a second person to agree to it."""
    try:
        asked = granting.grant(
            actor=acting(request), staff_no=number, now=timezone.now(), **cleaned(GrantForm(request.POST))
        )
    except MidanError as error:
        return person_page(request, number, error)
    done, waits = gettext("岗位已授予，记入日志"), gettext("申请已提出，须由另一人审批后才生效")
    messages.success(request, waits if asked else done)
    return redirect("console:person", number)


@require_POST
@room(Room.STAFFING)
@fresh
def revoke(request: HttpRequest, number: str) -> HttpResponseBase:
    try:
        granting.revoke(actor=acting(request), staff_no=number, now=timezone.now())
    except MidanError as error:
        return person_page(request, number, error)
    messages.success(request, gettext("岗位已收回，账号已停用，登录已全部结束"))
    return redirect("console:person", number)


@require_POST
@room(Room.KEEP_STAFF)
def send_on_leave(request: HttpRequest, number: str) -> HttpResponseBase:
    try:
        granting.move(actor=acting(request), staff_no=number, state=Employment.ON_LEAVE)
    except MidanError as error:
        return person_page(request, number, error)
    messages.success(request, gettext("已登记休假：期间不能查看客户信息"))
    return redirect("console:person", number)


@require_POST
@room(Room.KEEP_STAFF)
@fresh
def set_file(request: HttpRequest, number: str) -> HttpResponseBase:
    try:
        asked = set_file_of(
            actor=acting(request), staff_no=number, now=timezone.now(), **cleaned(FileForm(request.POST))
        )
    except MidanError as error:
        return person_page(request, number, error)
    waits = gettext("人事编号的变更须由另一人审批；批准后请再登记一次")
    messages.success(request, waits if asked else gettext("人事信息已登记"))
    return redirect("console:person", number)


@require_POST
@room(Room.KEEP_STAFF)
@fresh
@never_cache
def make_link(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show the link by which somebody chooses their password: here and now, once, and nowhere kept."""
    try:
        token = joining.make_link(actor=acting(request), staff_no=number, now=timezone.now())
    except MidanError as error:
        return person_page(request, number, error)
    link = current().base_url + reverse("join", args=[token])
    return person_page(request, number, link=link)


@require_POST
@room(Room.STAFFING)
def set_hours(request: HttpRequest, number: str) -> HttpResponseBase:
    """Set the hours of a person or of their whole branch, or take them away."""
    try:
        said = cleaned(HoursForm(request.POST))
        branch = selectors.branch_of(acting(request), number)
        name = number if said["whose"] == HoursOf.PERSON else branch
        hours.set_hours(
            actor=acting(request), kind=said["whose"], name=name, hours=said["hours"], now=timezone.now()
        )
    except MidanError as error:
        return person_page(request, number, error)
    messages.success(request, gettext("工作时间已登记，从下一次查看起生效"))
    return redirect("console:person", number)


@require_safe
@room(Room.CONFLICTS)
def conflicts(request: HttpRequest) -> HttpResponseBase:
    page = selectors.conflicts_page(now=timezone.now())
    return render(request, "console/conflicts.html", {"page": page, "english": get_language() == "en"})


@require_safe
@room(Room.REVIEWS)
def reviews(request: HttpRequest) -> HttpResponseBase:
    return _reviews(request)


def _reviews(request: HttpRequest, fault: MidanError | None = None) -> HttpResponse:
    page = selectors.reviews_page(acting(request), now=timezone.now())
    shown = {"page": page, "fault": fault}
    return render(request, "console/reviews.html", shown, status=fault.status if fault else 200)


@require_POST
@room(Room.REVIEWS)
@fresh
def review(request: HttpRequest, number: str) -> HttpResponseBase:
    """Keep somebody's post, or take it back with this click."""
    try:
        kept = cleaned(ReviewForm(request.POST))["answer"] == "keep"
        granting.review(actor=acting(request), staff_no=number, kept=kept, now=timezone.now())
    except MidanError as error:
        return _reviews(request, error)
    messages.success(request, gettext("已复核，保留权限") if kept else gettext("已收回权限，登录已全部结束"))
    return redirect("console:reviews")
