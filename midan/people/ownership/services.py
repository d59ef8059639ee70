"""Name the person who answers for something (G4)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation.trans_null import gettext_noop

from midan.audit.services import record
from midan.core.actor import Actor
from midan.people import selectors
from midan.people.errors import BadPost, NotKeeper, UnknownAsset
from midan.people.events import Act
from midan.people.models import Owner, Staff
from midan.people.ownership.rules import NAMERS, AssetKind, wanted
from midan.people.rules import Employment


@transaction.atomic
def name_owner(*, actor: Actor, kind: str, names: tuple[str, ...], staff_no: str, now: datetime) -> None:
    """Name who answers for each of these; BadPost for somebody not at work, UnknownAsset, NotKeeper."""
    named_by = actor.kind == "system" or (actor.kind == "staff" and actor.role in NAMERS)
    if not named_by or not selectors.holds_post(actor):
        raise NotKeeper(gettext_noop("资产责任人"))
    if kind not in set(AssetKind) or not names or not set(names) <= set(wanted(kind)):
        raise UnknownAsset
    person = Staff.objects.filter(staff_no=staff_no, is_active=True, state=Employment.ACTIVE).first()
    if person is None:
        raise BadPost("staff_no")
    for name in names:
        Owner.objects.update_or_create(kind=kind, name=name, defaults={"staff": person, "since": now})
        _record(actor, kind, name, staff_no)


@transaction.atomic
def pass_on(*, actor: Actor, row: Staff, heir: Staff, now: datetime) -> int:
    """Let the heir answer for everything the other did, one entry each; return how many. The leaver act asks who may."""
    found = list(Owner.objects.filter(staff=row).order_by("id"))
    for owned in found:
        owned.staff, owned.since = heir, now
        owned.save(update_fields=["staff", "since"])
        _record(actor, owned.kind, owned.name, heir.staff_no, before=row.staff_no)
    return len(found)


def _record(actor: Actor, kind: str, name: str, owner: str, *, before: str = "") -> None:
    record(
        actor=actor,
        act=Act.OWNER_NAMED,
        object=f"owner:{kind}-{name}",
        clause="G4",
        details={"owner": f"staff:{owner}"} | ({"owner_before": f"staff:{before}"} if before else {}),
    )
