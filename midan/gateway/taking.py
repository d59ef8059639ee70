"""Take orders in: without the fields a client may not send, and once under one Idempotency-Key."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest

from midan.collection import services as collection
from midan.collection.rules import Reject, RejectCode
from midan.collection.services.intake import RowResult
from midan.gateway.callers import Caller, orders_of
from midan.gateway.once import once
from midan.gateway.rules import FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Each row's result in order, and the outcome its answer states."""

    results: tuple[RowResult, ...]
    outcomes: tuple[str, ...]


def take(request: HttpRequest, caller: Caller, rows: list[dict[str, Any]], *, now: datetime) -> Taken:
    """Take orders in, in the caller's name; MalformedBody, KeyConflict for its Idempotency-Key, and what intake raises."""
    owner = orders_of(caller)
    kept = once(request, owner=owner, now=now)
    refused = _refused(rows, caller.writes)
    fit = [row for place, row in enumerate(rows, 1) if place not in refused]
    taken = (
        collection.intake(actor=caller.actor, client=owner, branch=caller.branch, rows=fit, now=now).results
        if fit
        else ()
    )
    results = _in_place(len(rows), refused, taken)
    outcomes = tuple(str(result.outcome) for result in results)
    if kept is not None:
        said = kept.again(outcomes)
        kept.remember(outcomes)
        outcomes = said
    return Taken(results=results, outcomes=outcomes)


def _refused(rows: list[dict[str, Any]], writes: frozenset[str]) -> dict[int, RowResult]:
    """Return the rows that fill in what the client may not send, by their place."""
    found: dict[int, RowResult] = {}
    for place, row in enumerate(rows, 1):
        kept = sorted(
            name for name, value in row.items() if name in _FIELDS - writes and value not in ("", None)
        )
        if kept:
            rejects = tuple(Reject(field=name, code=RejectCode.FIELD_NOT_GRANTED) for name in kept)
            found[place] = RowResult(row=place, outcome="rejected", rejects=rejects)
    return found


def _in_place(
    count: int, refused: dict[int, RowResult], taken: tuple[RowResult, ...]
) -> tuple[RowResult, ...]:
    """Return every row's result in order: those turned away here, and intake's under the numbers they were sent with."""
    rest = iter(taken)
    return tuple(
        refused[place] if place in refused else replace(next(rest), row=place)
        for place in range(1, count + 1)
    )


_FIELDS: Final = frozenset(FIELDS)
