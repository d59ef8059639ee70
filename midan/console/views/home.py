"""The first page, the overview, the watermark."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import escape
from django.views.decorators.http import require_safe

from midan.console.doors import acting, person, room
from midan.console.menu import first_view
from midan.console.rules import Room
from midan.console.selectors.overview import overview

_TILE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="360" height="220" viewBox="0 0 360 220">'
    '<g transform="rotate(-24 180 110)" font-family="sans-serif" font-size="15" fill="#7c8f8c" fill-opacity="0.32">'
    '<text x="10" y="90">{}</text><text x="150" y="180">{}</text></g></svg>'
)


@require_safe
@room(Room.HOME)
def home(request: HttpRequest) -> HttpResponseBase:
    """Send each post to where its day begins."""
    return redirect(first_view(person(request).role, person(request).state))


@require_safe
@room(Room.OVERVIEW)
def overview_page(request: HttpRequest) -> HttpResponseBase:
    page = overview(acting(request), now=timezone.now())
    return render(request, "console/overview.html", {"page": page})


@require_safe
@room(Room.HOME)
def watermark(request: HttpRequest) -> HttpResponseBase:
    """Return the tile that repeats behind personal data: who looks, and when."""
    mark = escape(f"{person(request).staff_no}  {timezone.localtime():%Y-%m-%d %H:%M}")
    return HttpResponse(_TILE.format(mark, mark), content_type="image/svg+xml")
