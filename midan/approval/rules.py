"""Which acts need two persons, who may ask, who may allow, and for how long. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

# The officer answers for the data; the analyst belongs to no branch and gains nothing by what is destroyed or freed.
_ASKS: Final = frozenset({"privacy_officer"})
_DECIDES: Final = frozenset({"privacy_officer", "analyst"})


class Kind(StrEnum):
    """Acts that need a second person. A kind is never reused for another meaning."""

    DESTRUCTION = "destruction"
    HOLD_END = "hold_end"
    RESTRICTION_END = "restriction_end"
    KEY_ROTATION = "key_rotation"
    ROLE_GRANT = "role_grant"
    POLICY_CHANGE = "policy_change"
    LAWFUL_DISCLOSURE = "lawful_disclosure"
    CLIENT_SCOPES = "client_scopes"
    PERSONNEL_NUMBER = "personnel_number"


class State(StrEnum):
    """Where a request stands at a moment."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    USED = "used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Who asks, who decides, and how long an undecided or unused request lives."""

    asks: frozenset[str]
    decides: frozenset[str]
    life: timedelta


_WEEK: Final = timedelta(days=7)
_DATA: Final = Rule(asks=_ASKS, decides=_DECIDES, life=_WEEK)
# Posts are proposed by whoever keeps the register or runs the branch; the officer answers for who may read.
_POSTS: Final = Rule(
    asks=frozenset({"hr", "branch_manager"}), decides=frozenset({"hr", "privacy_officer"}), life=_WEEK
)
# Who keeps the machines may write a policy; whether it comes into force is for those who answer for the data.
_POLICIES: Final = Rule(asks=frozenset({"privacy_officer", "sysadmin"}), decides=_DECIDES, life=_WEEK)
# Whoever keeps the clients reads no customer's data, and must not get there by a program that acts for those who do.
_CLIENTS: Final = Rule(asks=frozenset({"sysadmin"}), decides=_DECIDES, life=_WEEK)
# A number that is changed or taken out makes two persons of one, or one of two: whom the matrix then no longer sees.
_NUMBERS: Final = Rule(asks=frozenset({"hr"}), decides=_POSTS.decides, life=_WEEK)
RULES: Final[Mapping[Kind, Rule]] = MappingProxyType(
    dict.fromkeys(Kind, _DATA)
    | {
        Kind.ROLE_GRANT: _POSTS,
        Kind.POLICY_CHANGE: _POLICIES,
        Kind.CLIENT_SCOPES: _CLIENTS,
        Kind.PERSONNEL_NUMBER: _NUMBERS,
    }
)
# In a summary: the person an act concerns. Whoever gains by it does not allow it, whoever asked.
CONCERNS: Final = "concerns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as others read it. `subject` is the digest of what is asked; `summary` holds codes and counts."""

    code: str
    kind: str
    subject: bytes
    summary: Mapping[str, str | int] = field(hash=False)
    reason: str
    requester: str
    requested_at: datetime
    expires_at: datetime
    state: State
    decided_by: str
    decided_at: datetime | None
    decision_entry: str
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What `use` hands to the act: who asked, who allowed, and the entry that says so."""

    code: str
    requester: str
    approver: str
    entry_id: str


def state_of(*, decision: str, used: bool, expires_at: datetime, now: datetime) -> State:
    """Return where a request stands; an expired one is dead whether it was approved or not."""
    if used:
        return State.USED
    if decision == State.REFUSED:
        return State.REFUSED
    if expires_at <= now:
        return State.EXPIRED
    return State.APPROVED if decision == State.APPROVED else State.WAITING


def may_ask(role: str, kind: str) -> bool:
    return kind in set(Kind) and role in RULES[Kind(kind)].asks


def may_decide(role: str, kind: str) -> bool:
    return kind in set(Kind) and role in RULES[Kind(kind)].decides


def decides_any(role: str) -> bool:
    """Return whether a post decides on anything: it has a page of what waits."""
    return any(role in rule.decides for rule in RULES.values())
