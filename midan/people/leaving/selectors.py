"""The check after somebody has gone: every way in and every thing in hand is counted where it stands, none assumed."""

from collections.abc import Mapping
from datetime import datetime

from midan.approval import selectors as approvals
from midan.devices import selectors as devices
from midan.people.errors import UnknownDeparture
from midan.people.leaving.closing import factors_left, sessions_left, tokens_left
from midan.people.leaving.rules import CarrierState, CarrierView, DepartureView, Left, OpenItem
from midan.people.models import Departure, Owner, Posting, Staff
from midan.people.rules import Employment


def departures(*, now: datetime, branch: str = "") -> tuple[DepartureView, ...]:
    """Return everybody on the way out or gone, of a branch or all, those with something open first."""
    rows = Departure.objects.select_related("staff__branch").prefetch_related("carriers").order_by("-id")
    if branch:
        rows = rows.filter(staff__branch__code=branch)
    sessions = sessions_left()
    views = [_view(row, sessions, now) for row in rows]
    return tuple(sorted(views, key=lambda view: view.clean))


def departure(staff_no: str, *, now: datetime) -> DepartureView:
    """Return one departure; UnknownDeparture."""
    rows = Departure.objects.select_related("staff__branch").prefetch_related("carriers")
    row = rows.filter(staff__staff_no=staff_no).first()
    if row is None:
        raise UnknownDeparture
    return _view(row, sessions_left(), now)


def left_without_departure() -> int:
    """Return how many are marked as gone whom no leaver act closed: something wrote past the services."""
    known = Departure.objects.filter(closed_at__isnull=False).values("staff_id")
    return Staff.objects.filter(state=Employment.LEFT).exclude(pk__in=known).count()


def open_items(staff: Staff, sessions: Mapping[int, int], *, now: datetime) -> tuple[OpenItem, ...]:
    """Return what is still open of somebody: ways in, post, requests, what they own. Carriers and reminder stand apart."""
    found = {
        Left.ACCOUNT: int(staff.is_active or staff.state != Employment.LEFT),
        Left.PASSWORD: int(staff.has_usable_password()),
        Left.SESSIONS: sessions.get(staff.pk, 0),
        Left.TOKENS: tokens_left(staff.pk),
        Left.FACTORS: factors_left(staff.pk),
        Left.DEVICES: devices.live_of(staff.staff_no),
        Left.POST: Posting.objects.filter(staff=staff, until__isnull=True).count(),
        Left.REQUESTS: approvals.requested_by(f"staff:{staff.staff_no}", now=now),
        Left.OWNERSHIP: Owner.objects.filter(staff=staff).count(),
    }
    return tuple(OpenItem(what=what, count=count) for what, count in found.items() if count)


def _view(row: Departure, sessions: Mapping[int, int], now: datetime) -> DepartureView:
    carriers = tuple(
        CarrierView(
            kind=carrier.kind,
            state=carrier.state,
            received_by=carrier.received_by,
            received_at=carrier.received_at,
            receipt=carrier.receipt,
        )
        for carrier in sorted(row.carriers.all(), key=lambda carrier: carrier.pk)
    )
    out = sum(carrier.state == CarrierState.OUT for carrier in carriers)
    rest = ((Left.CARRIERS, out), (Left.REMINDER, int(not row.reminder)))
    staff = row.staff
    assert isinstance(staff, Staff)
    return DepartureView(
        staff_no=staff.staff_no,
        display_name=staff.display_name,
        role=staff.role,
        branch=staff.branch.code,
        reason=row.reason,
        last_day=row.last_day,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        reminder=row.reminder,
        reminded_at=row.reminded_at,
        successor=row.successor,
        carriers=carriers,
        open=(
            *open_items(staff, sessions, now=now),
            *(OpenItem(what=what, count=count) for what, count in rest if count),
        ),
    )
