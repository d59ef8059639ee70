"""The door of every room: signed in, of the right post, and nothing kept in a browser's cache."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase

from midan.console.errors import NoRoom
from midan.console.rules import Room, enters
from midan.core.actor import Actor

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
DOOR = "midan_room"


class _Branch(Protocol):
    code: str


class Person(Protocol):
    """What the console needs to know of who is signed in."""

    staff_no: str
    display_name: str
    role: str
    branch: _Branch


def person(request: HttpRequest) -> Person:
    """Return who is signed in; only behind a door."""
    return cast("Person", request.user)


def acting(request: HttpRequest) -> Actor:
    """Return the actor of a request behind a door, as the log will name them."""
    someone = person(request)
    return Actor(
        kind="staff",
        name=someone.staff_no,
        role=someone.role,
        branch=someone.branch.code,
        address=str(request.META.get("REMOTE_ADDR", "")),
    )


def room(wanted: Room) -> Callable[[View[P]], View[P]]:
    """Let only the posts in that use the room; everybody else is told which clause says so."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def behind(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not enters(person(request).role, wanted):
                raise NoRoom
            response = view(request, *args, **kwargs)
            response["Cache-Control"] = "no-store"
            return response

        door = login_required(behind)
        setattr(door, DOOR, wanted)
        return cast("View[P]", door)

    return decorate
