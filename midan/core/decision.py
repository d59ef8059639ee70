"""The five answers to "may this person see this", as values to match on; each cites its clause and a reason.

    match decision:
        case Allow(): …
        case Masked() | StepUp() | AskSupervisor() | Deny(): …
        case _: assert_never(decision)

Laws: a Reason is never renamed or reused, new ones are appended; the order of strictness never changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class Reason(StrEnum):
    """Why, in one stable word; what the log, the API and the console show (translated there)."""

    PERMITTED = "permitted"
    NO_PERMIT = "no_permit"
    ENGINE_ERROR = "engine_error"
    # who
    INACTIVE = "inactive"
    ROLE_NOT_PERMITTED = "role_not_permitted"
    AGREEMENT_MISSING = "agreement_missing"
    TRAINING_MISSING = "training_missing"
    CHECK_MISSING = "check_missing"
    DEVICE_UNKNOWN = "device_unknown"
    FACTOR_MISSING = "factor_missing"
    FACTOR_OLD = "factor_old"
    BUDGET_SPENT = "budget_spent"
    SEPARATION_OF_DUTIES = "separation_of_duties"
    OWN_WAYBILL = "own_waybill"
    # what for
    PURPOSE_UNKNOWN = "purpose_unknown"
    PURPOSE_NOT_PERMITTED = "purpose_not_permitted"
    PURPOSE_NOT_TOLD = "purpose_not_told"
    REASON_MISSING = "reason_missing"
    TICKET_MISSING = "ticket_missing"
    FIELD_NOT_NEEDED = "field_not_needed"
    # which waybill
    NOT_ON_ROUTE = "not_on_route"
    NOT_HANDLER = "not_handler"
    STATUS_CLOSED = "status_closed"
    WAYBILL_UNKNOWN = "waybill_unknown"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    # what the vault knows
    RESTRICTED = "restricted"
    HELD = "held"
    DUE = "due"
    DESTROYED = "destroyed"
    # what is enough instead
    MASK_SUFFICES = "mask_suffices"
    VIRTUAL_NUMBER_SUFFICES = "virtual_number_suffices"
    SENSITIVE_FIELD = "sensitive_field"
    UNUSUAL_VOLUME = "unusual_volume"
    # appended later
    SEARCH_NOT_FOR_POST = "search_not_for_post"
    FIELD_NOT_OPENED_HERE = "field_not_opened_here"
    TICKET_FOR_OTHER_PURPOSE = "ticket_for_other_purpose"
    # what the customer agreed to
    CONSENT_MISSING = "consent_missing"
    # what a person owes
    RULES_MISSING = "rules_missing"
    # who stands outside their work: joining, on leave, leaving
    NOT_AT_WORK = "not_at_work"
    # what a person's work does not explain, and when they do none
    NOT_EXPLAINED = "not_explained"
    OFF_SHIFT = "off_shift"
    ASKS_OUTSIDE = "asks_outside"
    # what is opened for a while, and answered for afterwards
    GLASS_UNREVIEWED = "glass_unreviewed"
    CASE_MISSING = "case_missing"
    # what a person's computer owes
    DEVICE_UNHEALTHY = "device_unhealthy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """The value may be opened."""

    clause: str
    reason: Reason = Reason.PERMITTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """The masked value is enough for this; the plaintext stays shut."""

    clause: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp:
    """Prove who you are again, then ask again."""

    clause: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSupervisor:
    """Somebody else must agree first."""

    clause: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny:
    """No."""

    clause: str
    reason: Reason


Decision = Allow | Masked | StepUp | AskSupervisor | Deny

DEFAULT = Deny(clause="L2.2", reason=Reason.NO_PERMIT)


def strictness(decision: Decision) -> int:
    """Return the rank of an answer: 0 Allow, 1 Masked, 2 StepUp, 3 AskSupervisor, 4 Deny."""
    match decision:
        case Allow():
            return 0
        case Masked():
            return 1
        case StepUp():
            return 2
        case AskSupervisor():
            return 3
        case Deny():
            return 4
        case _:
            assert_never(decision)


def combine(decisions: Iterable[Decision]) -> Decision:
    """Return the strictest answer, the first among equals; of none, the default denial."""
    return max(decisions, key=strictness, default=DEFAULT)
