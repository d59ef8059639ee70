"""Holds, restrictions, lengths and derivatives as others read them. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from midan.vault.rules import FAMILIES, STANDARD


class HoldKind(StrEnum):
    """A hold keeps from destruction; a restriction leaves storage and protection alone (PIPL 47)."""

    HOLD = "held"
    RESTRICTION = "restricted"


class Scope(StrEnum):
    """What a hold is about: single waybills, all of one person, all of one incident."""

    WAYBILL = "waybill"
    PERSON = "person"
    INCIDENT = "incident"


class HoldReason(StrEnum):
    """Why a hold or a restriction is placed."""

    LITIGATION = "litigation"
    CLAIM_OPEN = "claim_open"
    COMPLAINT_OPEN = "complaint_open"
    AUTHORITY_ORDER = "authority_order"
    INCIDENT_OPEN = "incident_open"
    CUSTOMER_OBJECTS = "customer_objects"


class EndReason(StrEnum):
    """Why it ends."""

    DISPUTE_SETTLED = "dispute_settled"
    ORDER_LIFTED = "order_lifted"
    INCIDENT_CLOSED = "incident_closed"
    CUSTOMER_AGREES = "customer_agrees"
    PLACED_IN_ERROR = "placed_in_error"


class Cause(StrEnum):
    """Why a record was carried into a later epoch instead of being destroyed with its own."""

    HELD = "held"
    STRAGGLER = "straggler"


# The class of epochs that records are carried into past their day: due the day they are made, so that whatever is no
# longer held or on its way goes with the next day's run.
CARRIED = STANDARD.carried
# Of any family: what lies there was first taken in under another class.
CARRIED_CLASSES = frozenset(family.carried for family in FAMILIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthView:
    """The length in force for a class. `set_by` is empty while the catalogue's own holds."""

    retention: str
    days: int
    settle_days: int
    cap_days: int
    basis: str
    document: str
    set_by: str
    set_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldView:
    """A hold or a restriction, live while `ended_at` is None."""

    code: str
    kind: str
    scope: str
    label: str
    reason: str
    waybills: int
    placed_by: str
    placed_at: datetime
    ended_reason: str
    ended_by: str
    ended_with: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a record lies, and the class and day of that epoch."""

    seq: int
    epoch: int
    record_no: int
    retention: str
    day: date
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A keeper's erasure of one generation; `erased_at` is None while it owes it."""

    keeper: str
    kind: str
    generation: int
    erased_at: datetime | None
    how: str
    best_effort: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivativeView:
    """A file made from customers' data. `outcome`: '' while it is there, then removed, missing or changed."""

    code: str
    kind: str
    location: str
    digest: bytes
    made_by: str
    made_at: datetime
    run: str
    outcome: str
    removed_at: datetime | None
    waybills: int
