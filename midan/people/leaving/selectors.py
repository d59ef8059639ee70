"""The check after somebody has gone: every way in and every thing in hand is counted where it stands, none assumed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
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
    found = _Open.now(now)
    views = [_view(row, found) for row in rows]
    return tuple(sorted(views, key=lambda view: view.clean))


def departure(staff_no: str, *, now: datetime) -> DepartureView:
    """Return one departure; UnknownDeparture."""
    rows = Departure.objects.select_related("staff__branch").prefetch_related("carriers")
    row = rows.filter(staff__staff_no=staff_no).first()
    if row is None:
        raise UnknownDeparture
    return _view(row, _Open.now(now))


def left_without_departure() -> int:
    """Return how many are marked as gone whom no leaver act closed: something wrote past the services."""
    known = Departure.objects.filter(closed_at__isnull=False).values("staff_id")
    return Staff.objects.filter(state=Employment.LEFT).exclude(pk__in=known).count()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """What stands open, counted once for everybody: by the person's key, requests by reference."""

    sessions: Mapping[int, int]
    tokens: Mapping[int, int]
    factors: Mapping[int, int]
    devices: Mapping[str, int]
    posts: Mapping[int, int]
    owned: Mapping[int, int]
    requests: Mapping[str, int]

    @classmethod
    def now(cls, now: datetime) -> "_Open":
        return cls(
            sessions=sessions_left(),
            tokens=tokens_left(),
            factors=factors_left(),
            devices=devices.live_by_person(),
            posts=Counter(Posting.objects.filter(until__isnull=True).values_list("staff_id", flat=True)),
            owned=Counter(Owner.objects.values_list("staff_id", flat=True)),
            requests=approvals.waiting_by_requester(now=now),
        )

    def of(self, staff: Staff) -> tuple[OpenItem, ...]:
        """Return what is still open of somebody: ways in, post, requests, what they own."""
        found = {
            Left.ACCOUNT: int(staff.is_active or staff.state != Employment.LEFT),
            Left.PASSWORD: int(staff.has_usable_password()),
            Left.SESSIONS: self.sessions.get(staff.pk, 0),
            Left.TOKENS: self.tokens.get(staff.pk, 0),
            Left.FACTORS: self.factors.get(staff.pk, 0),
            Left.DEVICES: self.devices.get(staff.staff_no, 0),
            Left.POST: self.posts.get(staff.pk, 0),
            Left.REQUESTS: self.requests.get(f"staff:{staff.staff_no}", 0),
            Left.OWNERSHIP: self.owned.get(staff.pk, 0),
        }
        return tuple(OpenItem(what=what, count=count) for what, count in found.items() if count)


def _view(row: Departure, found: _Open) -> DepartureView:
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
            *found.of(staff),
            *(OpenItem(what=what, count=count) for what, count in rest if count),
        ),
    )
