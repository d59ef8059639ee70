"""Broken glass: what it opens now, whom it freezes, what waits for its review."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Q

from midan.access.models import Glass
from midan.access.rules.glass import GlassView
from midan.core.actor import Actor
from midan.waybill import selectors as waybills

_SHOWN: Final = 100
# Asked before every decision: code, waybill, fields, purpose, whether it is open, whether its review is late.
_BREAKS: Final = (
    "SELECT code, seq, fields, purpose, expires_at > %s, reviewed_at IS NULL AND review_by <= %s"
    " FROM access_glass WHERE staff = %s AND (reviewed_at IS NULL OR expires_at > %s)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """What a person's breaks do now. `opened` is field → code for one waybill and purpose."""

    opened: Mapping[str, str]
    waybill: bool
    overdue: bool


_NOTHING: Final = Broken(opened={}, waybill=False, overdue=False)


def broken(*, actor: Actor, seq: int | None, purpose: str, now: datetime) -> Broken:
    """Return what this person's breaks open of one waybill, and whether one of them waits too long for its review.

    A call through a program opens nothing: nobody showed a fresh factor there.
    """
    if actor.kind != "staff":
        return _NOTHING
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_BREAKS, [at, at, actor.name, at])
        rows = cursor.fetchall()
    if not rows:
        return _NOTHING
    live = [] if actor.via else [row for row in rows if row[1] == seq and row[4]]
    return Broken(
        opened={
            field: code
            for code, _, fields, said, *_ in live
            if said == purpose
            for field in fields.split(",")
        },
        waybill=bool(live),
        overdue=any(overdue for *_, overdue in rows),
    )


def opened_waybills(*, actor: Actor, seqs: Collection[int], now: datetime) -> frozenset[int]:
    """Return those waybills this person broke the glass for and may still see."""
    if actor.kind != "staff" or actor.via:
        return frozenset()
    rows = Glass.objects.filter(staff=actor.name, expires_at__gt=now, seq__in=seqs)
    return frozenset(rows.values_list("seq", flat=True))


def standing_break(*, staff_no: str, now: datetime) -> bool:
    """Return whether a person has a break that is open or that nobody reviewed."""
    mine = Glass.objects.filter(staff=staff_no)
    return mine.filter(Q(reviewed_at=None) | Q(expires_at__gt=now)).exists()


def waiting_breaks() -> int:
    """Return how many breaks wait for their review: the alarm on every page of whoever reviews them."""
    return Glass.objects.filter(reviewed_at=None).count()


def overdue_breaks(now: datetime) -> int:
    """Return how many breaks waited longer than a day: each freezes the reveals of a person."""
    return Glass.objects.filter(reviewed_at=None, review_by__lte=now).count()


def reviewed_breaks() -> int:
    return Glass.objects.filter(reviewed_at__isnull=False).count()


def breaks_to_review(*, now: datetime) -> tuple[GlassView, ...]:
    """Return the breaks nobody reviewed, oldest first."""
    return views(Glass.objects.filter(reviewed_at=None).order_by("id")[:_SHOWN], now=now)


def reviewed(*, now: datetime) -> tuple[GlassView, ...]:
    """Return the newest reviewed breaks."""
    return views(Glass.objects.filter(reviewed_at__isnull=False).order_by("-id")[:_SHOWN], now=now)


def breaks_of(staff_no: str, *, now: datetime) -> tuple[GlassView, ...]:
    """Return a person's newest breaks."""
    return views(Glass.objects.filter(staff=staff_no).order_by("-id")[:20], now=now)


def views(found: Iterable[Glass], *, now: datetime) -> tuple[GlassView, ...]:
    rows = list(found)
    known = waybills.by_seqs([row.seq for row in rows])
    return tuple(_view(row, known[row.seq].number if row.seq in known else "", now) for row in rows)


def _overdue(row: Glass, now: datetime) -> bool:
    return row.reviewed_at is None and row.review_by <= now


def _view(row: Glass, number: str, now: datetime) -> GlassView:
    return GlassView(
        code=row.code,
        staff=row.staff,
        waybill=number,
        fields=tuple(row.fields.split(",")),
        purpose=row.purpose,
        reason=row.reason,
        gates=tuple(filter(None, row.gates.split(","))),
        broken_at=row.broken_at,
        expires_at=row.expires_at,
        review_by=row.review_by,
        entry_id=row.entry_id,
        finding=row.finding,
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
        live=row.expires_at > now,
        overdue=_overdue(row, now),
    )
