"""The data catalogue, the notices, the 42 clauses."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from midan.collection import services
from midan.collection.rules import LANGUAGES
from midan.console.doors import acting, person, room
from midan.console.errors import StaffFormRefused
from midan.console.forms import PublishForm
from midan.console.rules import Room, enters
from midan.console.selectors import catalogue as selectors
from midan.console.staffforms import OwnerForm
from midan.core.errors import MidanError
from midan.people.ownership import services as ownership
from midan.people.ownership.selectors import without_owner


def _lang() -> str:
    return "en" if get_language() == "en" else "zh"


@require_safe
@room(Room.CATALOGUE)
def catalogue(request: HttpRequest) -> HttpResponseBase:
    return _catalogue(request)


def _catalogue(request: HttpRequest, fault: MidanError | None = None) -> HttpResponse:
    shown = {
        "page": selectors.catalogue(),
        "fault": fault,
        "names": enters(person(request).role, Room.OWNERS),
    }
    return render(request, "console/catalogue.html", shown, status=fault.status if fault else 200)


@require_POST
@room(Room.OWNERS)
def name_owner(request: HttpRequest) -> HttpResponseBase:
    """Name who answers for one thing, or for all of a kind that nobody answers for."""
    form = OwnerForm(request.POST)
    if not form.is_valid():
        return _catalogue(request, StaffFormRefused())
    kind, name = form.cleaned_data["kind"], form.cleaned_data["name"]
    missing = tuple(one for of, one in without_owner() if of == kind)
    try:
        ownership.name_owner(
            actor=acting(request),
            kind=kind,
            names=(name,) if name else missing,
            staff_no=form.cleaned_data["staff_no"],
            now=timezone.now(),
        )
    except MidanError as error:
        return _catalogue(request, error)
    messages.success(request, gettext("责任人已指定，记入日志"))
    return redirect("console:catalogue")


@require_safe
@room(Room.CLAUSES)
def clauses(request: HttpRequest) -> HttpResponseBase:
    page = selectors.clause_page(timezone.localdate())
    shown = {"page": page, "lang": _lang(), "algorithms": enters(person(request).role, Room.ALGORITHMS)}
    return render(request, "console/clauses.html", shown)


@require_safe
@room(Room.NOTICES)
def notices(request: HttpRequest) -> HttpResponseBase:
    shown: dict[str, Any] = {"notices": selectors.notices(_lang())}
    if enters(person(request).role, Room.PUBLISH):
        shown["form"] = PublishForm(initial={"version": f"{timezone.localdate():%Y-%m}"})
    return render(request, "console/notices.html", shown)


@require_safe
@room(Room.NOTICES)
def notice(request: HttpRequest, version: str) -> HttpResponseBase:
    return render(request, "console/notice.html", {"page": selectors.notice_page(version, _lang())})


@require_POST
@room(Room.PUBLISH)
def publish(request: HttpRequest) -> HttpResponseBase:
    """Publish today's text, filled in with the company's data, as a version of its own."""
    form = PublishForm(request.POST)
    if not form.is_valid():
        context = {"notices": selectors.notices(_lang()), "form": form}
        return render(request, "console/notices.html", context, status=400)
    version = form.cleaned_data["version"]
    services.publish_notice(
        actor=acting(request),
        version=version,
        bodies={lang: services.starter_body(lang, version=version) for lang in LANGUAGES},
        now=timezone.now(),
    )
    messages.success(request, gettext("告知已发布。新订单可以使用这个版本"))
    return redirect("console:notices")
