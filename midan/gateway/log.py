"""The routes by which others check the log: its newest checkpoint and its tiles."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation.trans_null import gettext_noop
from ninja import Router

from midan.audit import selectors as audit
from midan.audit.errors import LogDamaged, TileUnknown
from midan.core.merkle.errors import MalformedTile
from midan.gateway.callers import caller_of, with_scope
from midan.gateway.errors import Missing
from midan.gateway.openapi import route

log = Router()


@log.get(
    "/audit/checkpoint",
    **route("", {200: None}, Missing, files=("text/plain",)),
)
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Return the newest signed checkpoint as text: made to be compared, it is for whoever is signed in."""
    caller_of(request)
    found = audit.checkpoint()
    if found is None:
        raise Missing(gettext_noop("日志还没有检查点"))
    return HttpResponse(found.text, content_type="text/plain; charset=utf-8")


@log.get(
    "/audit/tile/{path:place}",
    **route(
        "audit:read",
        {200: None},
        Missing,
        MalformedTile,
        TileUnknown,
        LogDamaged,
        files=("application/octet-stream",),
    ),
)
def tile(request: HttpRequest, place: str) -> HttpResponse:
    """Return one tile of hashes, named as in specs/audit-log.md."""
    with_scope(request, "audit:read")
    return HttpResponse(audit.tile(f"tile/{place}"), content_type="application/octet-stream")
