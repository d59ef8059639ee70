"""The data catalogue, the notices, the 42 clauses."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from midan.collection import services
from midan.collection.rules import LANGUAGES
from midan.console.doors import acting, person, room
from midan.console.forms import PublishForm
from midan.console.rules import Room, enters
from midan.console.selectors import catalogue as selectors


def _lang() -> str:
    return "en" if get_language() == "en" else "zh"


@require_safe
@room(Room.CATALOGUE)
def catalogue(request: HttpRequest) -> HttpResponseBase:
    return render(request, "console/catalogue.html", {"page": selectors.catalogue()})


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
