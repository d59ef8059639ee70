"""What every enrolment writes, whichever way a device came."""

from datetime import datetime

from midan.audit.services import record
from midan.core.actor import Actor
from midan.devices.events import Act
from midan.devices.models import Device
from midan.devices.rules import Kind


def log_enrolled(*, actor: Actor, row: Device, now: datetime) -> None:
    """Write that a device is on the register, in the caller's transaction."""
    if row.kind != Kind.INVENTED and not row.client:
        # A real one replaces what stood in for it.
        stand_ins = Device.objects.filter(kind=Kind.INVENTED, staff_no=row.staff_no, revoked_at=None)
        stand_ins.update(revoked_at=now, revoked_by=actor.reference)
    record(
        actor=actor,
        act=Act.ENROLLED,
        object=f"device:{row.id}",
        clause="T5",
        details={"kind": row.kind, "system": row.system, "owner": row.client or row.staff_no},
        at=now,
    )
