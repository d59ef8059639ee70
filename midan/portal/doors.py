"""The door of the public pages: so many questions a minute from one address."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.cache import caches
from django.http import HttpRequest, HttpResponseBase

from midan.people.addresses import network_of
from midan.portal.errors import AskedTooOften
from midan.portal.rules import ASKS, WINDOW

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def limited(view: View[P]) -> View[P]:
    """Answer an address at most ASKS times in WINDOW seconds, per web process."""

    @wraps(view)
    def behind(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        cache = caches["asks"]
        key = f"portal:{network_of(request)}"
        cache.add(key, 0, WINDOW)
        try:
            asked = cache.incr(key)
        except ValueError:  # the window ended between the two lines
            asked = 1
        if asked > ASKS:
            raise AskedTooOften
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return behind
