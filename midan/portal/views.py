"""What a customer sees without an account: where the parcel is, and what was told about their data."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from midan.collection import selectors as collection
from midan.core.number import is_well_formed
from midan.people import selectors as people
from midan.portal.doors import limited
from midan.portal.errors import NoSuchLabel
from midan.portal.selectors import label_number, newest_notice
from midan.waybill import selectors as waybills


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponseBase:
    """Show the form; answer a posted number with status, times and cities only."""
    if request.method != "POST":
        return render(request, "portal/track.html", {"notice": newest_notice()})
    return _answer(request)


@limited
def _answer(request: HttpRequest) -> HttpResponseBase:
    number = request.POST.get("number", "").strip().upper().replace(" ", "")
    found = waybills.tracking(number) if is_well_formed(number) else None
    context = {"asked": True, "found": found, "notice": newest_notice(), "company": people.company()}
    return render(request, "portal/track.html", context, status=200 if found else 404)


@require_safe
@limited
def label(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show what scanning a label shows anybody: the status, and what the recipient should know."""
    number = label_number(token)
    found = waybills.tracking(number) if number else None
    if found is None:
        raise NoSuchLabel
    context = {"found": found, "scanned": True, "notice": newest_notice(), "company": people.company()}
    return render(request, "portal/label.html", context)


@require_safe
def notice(request: HttpRequest, version: str) -> HttpResponseBase:
    """Show a published notice in the reader's language."""
    shown = collection.notice(version, "en" if get_language() == "en" else "zh")
    context = {"notice": shown, "current": version == collection.current_version()}
    return render(request, "portal/notice.html", context)
