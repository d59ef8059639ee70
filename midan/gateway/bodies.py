"""Read a request's body as JSON, strictly and within bounds, without ever repeating it."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from midan.gateway.errors import MalformedBody

MOST_ROWS = 1_000


def read_object(request: HttpRequest) -> dict[str, Any]:
    """Return the body as one object; raise MalformedBody."""
    found = _read(request)
    if not isinstance(found, dict):
        raise MalformedBody("not_an_object")
    return found


def read_rows(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the body's rows, at most MOST_ROWS; raise MalformedBody."""
    found = _read(request)
    if not isinstance(found, list) or not found:
        raise MalformedBody("not_a_list")
    if len(found) > MOST_ROWS:
        raise MalformedBody("too_many_rows")
    if not all(isinstance(row, dict) for row in found):
        raise MalformedBody("not_an_object")
    return found


def _read(request: HttpRequest) -> Any:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    try:
        raw = request.body
    except RequestDataTooBig:
        raise MalformedBody("too_large") from None
    if limit is not None and len(raw) > limit:
        raise MalformedBody("too_large")
    try:
        # `from None`: json's error carries the whole document, which a report could print.
        return json.loads(raw, parse_constant=_refuse, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise MalformedBody("not_json") from None


def _refuse(_word: str) -> Any:
    raise ValueError


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name given twice: two readers would believe two different orders."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found
