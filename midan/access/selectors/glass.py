"""Broken glass: what it opens now, whom it freezes, what waits for its review."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from midan.access.models import Glass
from midan.access.rules.glass import GlassView
from midan.core.actor import Actor
from midan.waybill import selectors as waybills

_SHOWN: Final = 100


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
    rows = list(_standing(actor.name, now))
    live = [] if actor.via else [row for row in rows if row.seq == seq and row.expires_at > now]
    return Broken(
        opened={field: row.code for row in live if row.purpose == purpose for field in row.fields.split(",")},
        waybill=bool(live),
        overdue=any(_overdue(row, now) for row in rows),
    )


def opened_waybills(*, actor: Actor, seqs: Collection[int], now: datetime) -> frozenset[int]:
    """Return those waybills this person broke the glass for and may still see."""
    if actor.kind != "staff" or actor.via:
        return frozenset()
    rows = Glass.objects.filter(staff=actor.name, expires_at__gt=now, seq__in=seqs)
    return frozenset(rows.values_list("seq", flat=True))


def standing_break(*, staff_no: str, now: datetime) -> bool:
    """Return whether a person has a break that is open or that nobody reviewed."""
    return _standing(staff_no, now).exists()


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


def _standing(staff_no: str, now: datetime) -> QuerySet[Glass]:
    return Glass.objects.filter(staff=staff_no).filter(Q(reviewed_at=None) | Q(expires_at__gt=now))


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
