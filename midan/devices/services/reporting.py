"""What a computer's agent asks for: to be enrolled by a one-time code, and to have its report taken in."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction

from midan.audit.services import record
from midan.core import devicereport
from midan.core.actor import Actor
from midan.core.devicereport import ENROL, REPORT, Signed
from midan.devices.errors import (
    ClockOff,
    CodeSpent,
    DeviceDenied,
    DeviceRevoked,
    KeyKnown,
    Replayed,
    TooManyReports,
    UnknownDevice,
)
from midan.devices.events import Act
from midan.devices.models import Code, Device, Report
from midan.devices.rules import CLOCKS_DIFFER, KEPT_REPORTS, MOST_AN_HOUR, Kind, keeps
from midan.devices.selectors import DeviceView, device
from midan.devices.services.entries import log_enrolled
from midan.devices.services.tokens import digest, new_address, new_code

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """`token` goes into the one-time address that binds a browser; it is told once."""

    device: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the server makes of a report; `token` is empty unless one was asked for."""

    view: DeviceView
    token: str


@transaction.atomic
def make_code(*, actor: Actor, now: datetime, client: str = "") -> str:
    """Return a one-time code by which one computer is enrolled for oneself, or for a program; an older one ends.

    The border asks who it is anew. DeviceDenied: for a program only by a keeper of the register.
    """
    if actor.kind != "staff" or (client and not keeps(kind=actor.kind, role=actor.role)):
        raise DeviceDenied
    code = new_code(staff_no=actor.name, client=client, now=now)
    record(
        actor=actor,
        act=Act.CODE_MADE,
        object=f"staff:{actor.name}",
        clause="T5",
        details={"client": client} if client else {},
        at=now,
    )
    return code


@transaction.atomic
def enrol(*, signed: Signed, address: str, now: datetime) -> Enrolled:
    """Enrol the computer whose key signed, for whoever made the code; the code is used up.

    StatementRefused, ClockOff, CodeSpent, KeyKnown.
    """
    said = devicereport.read_enrolment(signed)
    _near(said.at, now)
    code = Code.objects.filter(digest=digest(what="code", token=said.code), expires_at__gt=now).first()
    if code is None:
        raise CodeSpent
    devicereport.check(signed, label=ENROL, public=said.public)
    # Of two who use it at once one deletes the row; the other finds nothing to delete and is refused.
    if not Code.objects.filter(digest=code.digest).delete()[0]:
        raise CodeSpent
    try:
        with transaction.atomic():
            row = Device.objects.create(
                id=secrets.token_hex(16),
                kind=Kind.COMPUTER,
                staff_no=code.staff_no,
                client=code.client,
                name=said.name,
                system=said.system,
                public=said.public,
                enrolled_at=now,
            )
    except IntegrityError:
        raise KeyKnown from None
    who = Actor(kind="staff", name=code.staff_no, device=row.id, address=address)
    log_enrolled(actor=who, row=row, now=now)
    return Enrolled(device=row.id, token="" if code.client else new_address(row=row, now=now))


@transaction.atomic
def report(*, number: str, signed: Signed, address: str, now: datetime) -> Judgement:
    """Take a computer's report in and return what it comes to.

    UnknownDevice, DeviceRevoked, StatementRefused, ClockOff, Replayed, TooManyReports.
    """
    said = devicereport.read_report(signed)
    row = Device.objects.filter(id=number, kind=Kind.COMPUTER).first()
    if row is None:
        raise UnknownDevice
    if row.revoked_at is not None:
        raise DeviceRevoked
    if said.device != number or said.facts.system != row.system:
        raise devicereport.refused("shape")
    _near(said.at, now)
    devicereport.check(signed, label=REPORT, public=bytes(row.public or b""))
    if Report.objects.filter(device=row, received_at__gt=now - _HOUR).count() >= MOST_AN_HOUR:
        raise TooManyReports(MOST_AN_HOUR)
    facts = devicereport.plain(said.facts)
    # In one statement: of two reports with one counter, and of a report and a revocation, one wins.
    newer = Device.objects.filter(id=number, revoked_at=None, counter__lt=said.counter)
    if not newer.update(counter=said.counter, facts=facts, reported_at=now):
        raise Replayed
    _keep(row, said.counter, signed, now)
    view = device(number, now=now)
    record(
        actor=Actor(kind="client", name=number, device=number, address=address),
        act=Act.REPORTED,
        object=f"device:{number}",
        clause="T5",
        details={"healthy": "yes" if view.healthy else "no", "failing": ",".join(view.failing)},
        count=said.counter,
        at=now,
    )
    return Judgement(view=view, token=new_address(row=row, now=now) if said.link and not row.client else "")


def _keep(row: Device, counter: int, signed: Signed, now: datetime) -> None:
    Report.objects.create(
        device=row, counter=counter, received_at=now, statement=signed.statement, signature=signed.signature
    )
    kept = Report.objects.filter(device=row).order_by("-counter").values_list("counter", flat=True)
    if over := list(kept[KEPT_REPORTS : KEPT_REPORTS + 1]):
        Report.objects.filter(device=row, counter__lte=over[0]).delete()


def _near(said: datetime, now: datetime) -> None:
    if abs(now - said) > CLOCKS_DIFFER:
        raise ClockOff
