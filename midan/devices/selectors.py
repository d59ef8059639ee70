"""Reads: the rule in force, where a device stands now, the register."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from django.db.models import Q, QuerySet

from midan.catalog.settings import current
from midan.core.actor import Actor
from midan.core.devicereport import System, read_facts
from midan.devices.errors import PostureUnsound, UnknownDevice
from midan.devices.models import Device
from midan.devices.rules import (
    NOTHING,
    Judged,
    Kind,
    Light,
    Point,
    Posture,
    Standing,
    judge,
    judge_report,
    read_posture,
    serves,
)

POSTURE: Final = Path(__file__).resolve().parents[2] / "policy" / "posture.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """One device as pages show it. `points` are empty where nothing is looked at."""

    id: str
    kind: str
    staff_no: str
    client: str
    shared_with: str
    name: str
    system: str
    enrolled_at: datetime
    reported_at: datetime | None
    revoked_at: datetime | None
    points: tuple[Judged, ...]

    @property
    def live(self) -> bool:
        return self.revoked_at is None

    @property
    def healthy(self) -> bool:
        """Return whether it is on the register and no point fails."""
        return self.live and not self.failing

    @property
    def failing(self) -> tuple[Point, ...]:
        """Return the points that fail, in their order."""
        return tuple(one.point for one in self.points if one.light is Light.RED)


@cache
def posture() -> Posture:
    """Return the rule in force, read once a process; PostureUnsound."""
    try:
        return read_posture(POSTURE.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise PostureUnsound("unreadable") from None


def standing(actor: Actor, *, now: datetime) -> Standing:
    """Return where whoever acts stands: by the session's device, by those of the program they act through, or stand-in.

    What a request says of itself is not asked: `actor.device` comes from the session, `actor.via` from a token.
    """
    if actor.kind != "staff":
        return NOTHING
    if actor.device:
        row = _live().filter(id=actor.device).first()
        return _standing([row] if row is not None and _serves(row, actor) else [], now)
    if actor.via and (rows := list(_live().filter(client=actor.via))):
        return _standing(rows, now)
    return _standing(list(_live().filter(kind=Kind.INVENTED, staff_no=actor.name)), now)


def _standing(rows: list[Device], now: datetime) -> Standing:
    """A program on several computers is as healthy as the worst of them: which one asks, nobody can tell."""
    return Standing(known=bool(rows), healthy=bool(rows) and all(_view(row, now).healthy for row in rows))


def _serves(row: Device, actor: Actor) -> bool:
    return not row.client and serves(
        owner=row.staff_no, shared_with=row.shared_with, staff_no=actor.name, branch=actor.branch
    )


def _live() -> QuerySet[Device]:
    return Device.objects.filter(revoked_at=None)


def device(number: str, *, now: datetime) -> DeviceView:
    """Return one device, revoked ones too; UnknownDevice."""
    row = Device.objects.filter(id=number).first()
    if row is None:
        raise UnknownDevice
    return _view(row, now)


def devices_of(staff_no: str, *, now: datetime) -> tuple[DeviceView, ...]:
    """Return what is a person's own and not revoked, newest first."""
    rows = _live().filter(staff_no=staff_no, client="").order_by("-enrolled_at", "id")
    return tuple(_view(row, now) for row in rows)


def register(*, now: datetime, people: Iterable[str] | None = None) -> tuple[DeviceView, ...]:
    """Return the devices that are not revoked, of all or of these people, unhealthy ones first."""
    rows = _live().order_by("staff_no", "-enrolled_at", "id")
    if people is not None:
        rows = rows.filter(staff_no__in=list(people))
    return tuple(sorted((_view(row, now) for row in rows), key=lambda view: view.healthy))


def best_of(*, staff_no: str, branch: str, now: datetime) -> str:
    """Return the device on which a person stands best, '' for none: for explaining where there is no session to ask."""
    shared = Q(shared_with=branch) if branch else Q(pk=None)
    rows = _live().filter(Q(staff_no=staff_no) | shared, client="").order_by("-enrolled_at", "id")
    views = [_view(row, now) for row in rows]
    return next((view.id for view in sorted(views, key=lambda view: not view.healthy)), "")


def live_by_person() -> Counter[str]:
    """Return how many devices of each person are not revoked, by staff number."""
    return Counter(_live().filter(client="").values_list("staff_no", flat=True))


def _view(row: Device, now: datetime) -> DeviceView:
    return DeviceView(
        id=row.id,
        kind=row.kind,
        staff_no=row.staff_no,
        client=row.client,
        shared_with=row.shared_with,
        name=row.name,
        system=row.system,
        enrolled_at=row.enrolled_at,
        reported_at=row.reported_at,
        revoked_at=row.revoked_at,
        points=_points(row, now),
    )


def _points(row: Device, now: datetime) -> tuple[Judged, ...]:
    match Kind(row.kind):
        case Kind.INVENTED:
            return ()
        case Kind.PHONE:
            # A passkey that was taken off sets the row's to none.
            light, state = (Light.GREEN, "on") if row.passkey_id else (Light.RED, "off")
            return (Judged(point=Point.PASSKEY, light=light, state=state),)
        case Kind.COMPUTER:
            limit = current().device_report_days
            newest = judge_report(row.reported_at, limit=limit, now=now)
            if row.facts is None or row.reported_at is None:
                return (newest,)
            since = max((now - row.reported_at).days, 0)
            rule = posture().rules[System(row.system)]
            return newest, *judge(read_facts(row.facts), rule, since=since)
