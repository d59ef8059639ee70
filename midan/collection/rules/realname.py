"""Who records that a sender's document was looked at, and when: pure. What is not written here is refused (clause B1)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from midan.core.actor import Actor
from midan.waybill.rules import Waybill
from midan.waybill.rules.scans import Status

# Whoever stands before the sender, while they stand there.
CHECKERS: Final = frozenset({"courier"})
AT_PICK_UP: Final = frozenset({Status.CREATED, Status.COLLECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RealNameView:
    """A check as others read it."""

    kind: str
    checked_by: str
    at: datetime
    entry_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RealNameResult:
    """What a check came to: `masked` is for the eyes of whoever sent the number, and nobody else's."""

    waybill: str
    kind: str
    masked: str
    replayed: bool


def may_check(actor: Actor) -> bool:
    """Return whether this actor's post looks at documents."""
    return actor.kind == "staff" and actor.role in CHECKERS


def takes_in(actor: Actor, waybill: Waybill) -> bool:
    """Return whether the parcel is taken in at the actor's own branch."""
    return bool(actor.branch) and actor.branch == waybill.branch


def asks_now(actor: Actor, waybill: Waybill) -> bool:
    """Return whether a check of this parcel is this actor's to record now."""
    return may_check(actor) and takes_in(actor, waybill) and waybill.status in AT_PICK_UP
