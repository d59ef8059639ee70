"""Keep the register: name, share, revoke, and what stands in for devices in the invented company."""

import secrets
from datetime import datetime

from django.db import transaction

from midan.audit.services import record
from midan.core.actor import Actor
from midan.devices.errors import DeviceDenied, UnknownDevice
from midan.devices.events import Act
from midan.devices.models import Code, Device
from midan.devices.rules import Kind, keeps, sound_name
from midan.devices.services.entries import log_enrolled


@transaction.atomic
def stand_in(*, actor: Actor, staff_no: str, now: datetime) -> None:
    """Give an invented person a device that nobody looks at. Only the invented company does; the control says so."""
    if actor.kind != "system" or actor.name != "demo":
        raise DeviceDenied
    if Device.objects.filter(staff_no=staff_no, client="", revoked_at=None).exists():
        return
    row = Device.objects.create(
        id=secrets.token_hex(16),
        kind=Kind.INVENTED,
        staff_no=staff_no,
        name="演示",
        system="demo",
        enrolled_at=now,
    )
    log_enrolled(actor=actor, row=row, now=now)


@transaction.atomic
def rename(*, actor: Actor, number: str, name: str, now: datetime) -> None:
    """Call one's device something else; UnknownDevice, DeviceDenied, BadDevice."""
    row = _own(actor, number)
    row.name = sound_name(name)
    row.save(update_fields=["name"])
    record(actor=actor, act=Act.RENAMED, object=f"device:{number}", clause="T5", at=now)


@transaction.atomic
def share(*, actor: Actor, number: str, branch: str, now: datetime) -> None:
    """Let everybody of a branch use a computer, '' for its owner alone; by a keeper. UnknownDevice, DeviceDenied."""
    row = _live(number)
    if not keeps(kind=actor.kind, role=actor.role) or row.client or row.kind != Kind.COMPUTER:
        raise DeviceDenied
    row.shared_with = branch
    row.save(update_fields=["shared_with"])
    details = {"with": branch or "-"}
    record(actor=actor, act=Act.SHARED, object=f"device:{number}", clause="T5", details=details, at=now)


@transaction.atomic
def revoke(*, actor: Actor, number: str, now: datetime) -> None:
    """Take a device off the register: one's own, or any by a keeper. What lives on it ends at its next request."""
    row = _live(number)
    if not keeps(kind=actor.kind, role=actor.role):
        row = _own(actor, number)
    _revoke(actor, [row], now)


@transaction.atomic
def revoke_all(*, actor: Actor, staff_no: str, now: datetime) -> int:
    """Take every device of a leaver off the register, with the code not used yet; return how many devices there were."""
    Code.objects.filter(staff_no=staff_no).delete()
    rows = list(Device.objects.select_for_update().filter(staff_no=staff_no, client="", revoked_at=None))
    _revoke(actor, rows, now)
    return len(rows)


def _revoke(actor: Actor, rows: list[Device], now: datetime) -> None:
    for row in rows:
        Device.objects.filter(id=row.id).update(revoked_at=now, revoked_by=actor.reference)
        record(
            actor=actor,
            act=Act.REVOKED,
            object=f"device:{row.id}",
            clause="T5",
            details={"kind": row.kind, "owner": row.client or row.staff_no},
            at=now,
        )


def _live(number: str) -> Device:
    row = Device.objects.select_for_update().filter(id=number, revoked_at=None).first()
    if row is None:
        raise UnknownDevice
    return row


def _own(actor: Actor, number: str) -> Device:
    row = _live(number)
    if actor.kind != "staff" or row.client or row.staff_no != actor.name:
        raise DeviceDenied
    return row
