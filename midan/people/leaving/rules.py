"""Pure rules of leaving: reasons, what may be lent to somebody, what can be left open, when an account sleeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from midan.people.rules import Role


class LeavingReason(StrEnum):
    RESIGNED = "resigned"
    DISMISSED = "dismissed"
    CONTRACT_ENDED = "contract_ended"
    RETIRED = "retired"


class Reminder(StrEnum):
    """How the reminder of what outlasts the post was given."""

    SIGNED = "signed"
    ON_PAPER = "on_paper"
    REFUSED = "refused"


class CarrierKind(StrEnum):
    """What carries customers' data and is lent to a post."""

    PAPER = "paper"
    SCANNER = "scanner"
    PHONE = "phone"
    COMPUTER = "computer"
    STORAGE = "storage"
    KEYS = "keys"


class CarrierState(StrEnum):
    OUT = "out"
    BACK = "back"
    NEVER_LENT = "never_lent"


class Left(StrEnum):
    """What can be left open after somebody has gone. The check counts each; none may be assumed."""

    ACCOUNT = "account"
    PASSWORD = "password"  # noqa: S105  a word, not a password
    SESSIONS = "sessions"
    TOKENS = "tokens"
    FACTORS = "factors"
    DEVICES = "devices"
    POST = "post"
    REQUESTS = "requests"
    OWNERSHIP = "ownership"
    CARRIERS = "carriers"
    REMINDER = "reminder"


_EVERYBODY: Final = (CarrierKind.PHONE, CarrierKind.STORAGE, CarrierKind.KEYS)
_OUTSIDE: Final = (CarrierKind.PAPER, CarrierKind.SCANNER, *_EVERYBODY)
_DESK: Final = (CarrierKind.COMPUTER, *_EVERYBODY)
_LENT: Final[Mapping[Role, tuple[CarrierKind, ...]]] = MappingProxyType(
    {
        Role.COURIER: _OUTSIDE,
        Role.SORTER: _OUTSIDE,
        Role.CLERK: (*_OUTSIDE, CarrierKind.COMPUTER),
        Role.BRANCH_MANAGER: (CarrierKind.PAPER, *_DESK),
    }
)

# 30 days without a sign-in: the number the company chose; 等保 8.1.4.2 c asks only that unused accounts be dealt with.
SLEEPS_AFTER: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    what: Left
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierView:
    kind: str
    state: str
    received_by: str
    received_at: datetime | None
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureView:
    """One departure with what is still open: empty only when everything was found closed."""

    staff_no: str
    display_name: str
    role: str
    branch: str
    reason: str
    last_day: date
    opened_at: datetime
    closed_at: datetime | None
    reminder: str
    reminded_at: datetime | None
    successor: str
    carriers: tuple[CarrierView, ...]
    open: tuple[OpenItem, ...]

    @property
    def clean(self) -> bool:
        """Return whether the account was closed and the check finds nothing left open."""
        return self.closed_at is not None and not self.open


def lent_to(role: str) -> tuple[CarrierKind, ...]:
    """Return what a person of this post has to give back, or to be recorded as never having had."""
    return _LENT.get(Role(role), _DESK) if role in set(Role) else tuple(CarrierKind)


def sleeps(*, last_seen: datetime, now: datetime) -> bool:
    """Return whether an account nobody has signed in to since is put to sleep."""
    return last_seen <= now - SLEEPS_AFTER
