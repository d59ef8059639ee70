"""Bind the browser at hand: to a computer by the address its agent gave, to a phone by the passkey just shown on it."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from midan.audit.services import record
from midan.core.actor import Actor
from midan.devices import browsers
from midan.devices.errors import AddressSpent, DeviceDenied, PhoneNeedsPasskey
from midan.devices.events import Act
from midan.devices.models import Address, Device
from midan.devices.rules import Kind, serves, sound_name
from midan.devices.services.entries import log_enrolled
from midan.devices.services.tokens import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """`cookie` is the browser's, told once."""

    device: str
    cookie: str


@transaction.atomic
def bind(*, actor: Actor, token: str, kind: str, now: datetime) -> Bound:
    """Bind the browser at hand, of this class, to the computer whose agent gave the address; AddressSpent, DeviceDenied."""
    row = Address.objects.select_related("device").filter(digest=digest(what="address", token=token)).first()
    if row is None or row.expires_at <= now or row.device.revoked_at is not None:
        raise AddressSpent
    if actor.kind != "staff" or not _serves(row.device, actor):
        raise DeviceDenied
    if not Address.objects.filter(digest=row.digest).delete()[0]:
        raise AddressSpent
    return _bound(actor, row.device, kind, now)


@transaction.atomic
def register_phone(  # noqa: PLR0913  what the border knows of a phone
    *, actor: Actor, passkey: int, name: str, kind: str, system: str, now: datetime
) -> Bound:
    """Enrol the phone or tablet at hand by the passkey just shown on it, and bind its browser; the border asks for that.

    PhoneNeedsPasskey, BadDevice.
    """
    if actor.kind != "staff" or kind not in {"phone", "tablet"} or not passkey:
        raise PhoneNeedsPasskey
    row = Device.objects.create(
        id=secrets.token_hex(16),
        kind=Kind.PHONE,
        staff_no=actor.name,
        name=sound_name(name),
        system=system[:8],
        passkey_id=passkey,
        enrolled_at=now,
    )
    log_enrolled(actor=actor, row=row, now=now)
    return _bound(actor, row, kind, now)


def _bound(actor: Actor, row: Device, kind: str, now: datetime) -> Bound:
    cookie = browsers.bind(row, kind=kind, at=now)
    details = {"browser": kind}
    record(actor=actor, act=Act.BOUND, object=f"device:{row.id}", clause="T5", details=details, at=now)
    return Bound(device=row.id, cookie=cookie)


def _serves(row: Device, actor: Actor) -> bool:
    return serves(owner=row.staff_no, shared_with=row.shared_with, staff_no=actor.name, branch=actor.branch)
