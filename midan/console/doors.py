"""The door of every room: signed in with a second factor, of the right post, and nothing kept in a browser's cache."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, cast
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from midan.console.errors import NoRoom, NotAtWork
from midan.console.rules import Room, enters, open_in
from midan.core.actor import Actor
from midan.devices.browsers import device_of
from midan.people import factors
from midan.people.addresses import address_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
DOOR = "midan_room"
FRESH = "midan_fresh"


class _Branch(Protocol):
    code: str


class Person(Protocol):
    """What the console needs to know of who is signed in."""

    staff_no: str
    display_name: str
    role: str
    branch: _Branch
    state: str


def person(request: HttpRequest) -> Person:
    """Return who is signed in; only behind a door."""
    return cast("Person", request.user)


def acting(request: HttpRequest) -> Actor:
    """Return the actor of a request behind a door, as the log will name them."""
    return acting_as(request, person(request))


def acting_as(request: HttpRequest, someone: Person) -> Actor:
    """Return a person as the log will name them, also while they are still signing in."""
    return Actor(
        kind="staff",
        name=someone.staff_no,
        role=someone.role,
        branch=someone.branch.code,
        address=address_of(request),
        device=device_of(request),
    )


def to_second_factor(request: HttpRequest) -> HttpResponseBase:
    """Lead a session that proved no second factor to where it can: to set one up, or to show the one there is."""
    by_passkey, has_one = factors.demanded(request.user), factors.has_passkey(request.user)
    if by_passkey and not has_one and (factors.proved_any(request) or not factors.enrolled(request.user)):
        return _lead(request, reverse("mfa_add_webauthn"))
    if not factors.enrolled(request.user):
        return _lead(request, reverse("mfa_activate_totp"))
    asked_for = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    return _lead(request, _confirm(has_passkey=has_one, then=asked_for))


def confirm_address(request: HttpRequest, *, then: str) -> str:
    """Return where the person shows their factor anew and comes back to `then`, a page of ours."""
    return _confirm(has_passkey=factors.has_passkey(request.user), then=then)


def age_of_factor(request: HttpRequest) -> int:
    """Return how many seconds ago the session showed a second factor that does, -1 when it never did: for the policies."""
    age = factors.factor_age(request)
    return -1 if age is None else age


def _confirm(*, has_passkey: bool, then: str) -> str:
    """Return where a factor that is there is shown anew, and the page that comes after it, '' for none."""
    address = reverse("mfa_reauthenticate_webauthn" if has_passkey else "mfa_reauthenticate")
    return f"{address}?{urlencode({'next': then})}" if then else address


def _lead(request: HttpRequest, address: str) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        # A part of a page would put the whole sign-in into a corner of it.
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return redirect(address)


def fresh(view: View[P]) -> View[P]:
    """Ask for the second factor anew before a sensitive act, unless it was shown within five minutes.

    The act itself is not kept meanwhile: whoever comes back sees the page as it is now and asks again.
    """

    @wraps(view)
    def behind(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if factors.fresh(request):
            return view(request, *args, **kwargs)
        messages.info(request, gettext("这一步需要刚刚确认过的身份；确认后请再点一次"))
        has_one = factors.has_passkey(request.user)
        return _lead(request, _confirm(has_passkey=has_one, then=_page_of(request)))

    setattr(behind, FRESH, True)
    return cast("View[P]", behind)


def _page_of(request: HttpRequest) -> str:
    """Return the page a form was sent from, when it is one of ours; else where the post begins."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    page = urlsplit(request.headers.get("Referer", ""))
    return page.path if page.netloc == request.get_host() and page.path else "/"


def room(wanted: Room) -> Callable[[View[P]], View[P]]:
    """Let only the posts in that use the room, and only while at work; everybody else is told which clause says so.

    The state is read with the session's person at every request: who was sent on leave meets a shut door at the next.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def behind(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not factors.passed(request):
                return to_second_factor(request)
            if not enters(person(request).role, wanted):
                raise NoRoom
            if not open_in(person(request).state, wanted):
                raise NotAtWork
            response = view(request, *args, **kwargs)
            response["Cache-Control"] = "no-store"
            return response

        door = login_required(behind)
        setattr(door, DOOR, wanted)
        return cast("View[P]", door)

    return decorate
