"""Ask one of our own addresses as a stranger does: no session, no token, no network; for controls that try doors."""

from typing import Any
from wsgiref.util import setup_testing_defaults

from django.contrib.auth.models import AnonymousUser
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from midan.core.errors import MidanError


def status_of(path: str, *, method: str = "GET") -> int:
    """Return the status of the answer; 404 for an address nobody answers, an error's own status for a refusal."""
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": ""}
    setup_testing_defaults(environ)
    request = WSGIRequest(environ)
    request.user = AnonymousUser()
    try:
        match = resolve(path)
        request.resolver_match = match
        return int(match.func(request, *match.args, **match.kwargs).status_code)
    except Http404:
        return 404
    except MidanError as error:
        return error.status


def addresses(prefix: str) -> list[tuple[str, str]]:
    """Return the name and path of every address under `prefix`, each placeholder filled with a word."""
    (root,) = [part for part in get_resolver().url_patterns if str(part.pattern) == prefix]
    return _below(root, "/" + prefix)


def _below(part: URLPattern | URLResolver, path: str) -> list[tuple[str, str]]:
    if isinstance(part, URLPattern):
        return [(part.name or path, path)]
    return [found for inner in part.url_patterns for found in _below(inner, path + _filled(inner))]


def _filled(part: URLPattern | URLResolver) -> str:
    pattern = str(part.pattern)
    while "<" in pattern:
        before, _, rest = pattern.partition("<")
        pattern = before + "x" + rest.partition(">")[2]
    return pattern
