"""What a courier has to deliver: the parcels in their hands, masked, along the road."""

from dataclasses import dataclass
from datetime import datetime

from midan.access.rules.route import stop_key
from midan.access.selectors.facts import checked_actor
from midan.access.selectors.masked import masked_views
from midan.core.actor import Actor
from midan.people.rules import Role
from midan.waybill import selectors as waybills


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One parcel of the list. `name` and `address` are masks, empty once the data was destroyed."""

    number: str
    status: str
    name: str
    address: str
    scanned_at: datetime | None


def deliveries(actor: Actor) -> tuple[Delivery, ...]:
    """Return the parcels this courier carries now, in the order of `rules.route`; nothing for any other post."""
    actor, active = checked_actor(actor)
    if actor.kind != "staff" or not active or actor.role != Role.COURIER:
        return ()
    rows = waybills.carried(actor.name)
    scanned = waybills.moved_at([row.seq for row in rows])
    found = []
    for row, view in zip(rows, masked_views(rows), strict=True):
        party = view.recipient
        found.append(
            Delivery(
                number=row.number,
                status=row.status,
                name="" if party is None else party.name,
                address="" if party is None else party.address,
                scanned_at=scanned.get(row.seq),
            )
        )
    return tuple(sorted(found, key=lambda one: stop_key(one.address, one.scanned_at)))
