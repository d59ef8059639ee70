"""Pure rules of duties: who owes what, until when it holds, and who keeps which register."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from midan.people.rules import Role


class Duty(StrEnum):
    """In the order in which a person fulfils them, and in which a refusal names the first that is missing."""

    AGREEMENT = "agreement"
    TRAINING = "training"
    CHECK = "check"
    RULES = "rules"


class Kind(StrEnum):
    """Texts that are signed."""

    AGREEMENT = "agreement"
    RULES = "rules"


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"


class Light(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


CLAUSE: Final[Mapping[Duty, str]] = MappingProxyType(
    {Duty.AGREEMENT: "M2", Duty.TRAINING: "M2", Duty.CHECK: "M3", Duty.RULES: "M4"}
)
# Posts that reach many customers, appoint those who do, or could change what shows it. Which posts are key is the
# company's own choice: M3 names none.
KEY_POSTS: Final = frozenset(
    {
        Role.AGENT,
        Role.BRANCH_MANAGER,
        Role.HR,
        Role.PRIVACY_OFFICER,
        Role.ANALYST,
        Role.AUDITOR,
        Role.SYSADMIN,
    }
)
# Whoever publishes texts and courses, and writes down checks; the officer so that HR is checked by somebody too.
KEEPERS: Final = frozenset({Role.HR, Role.PRIVACY_OFFICER})
OVERSEERS: Final = KEEPERS | {Role.BRANCH_MANAGER, Role.AUDITOR}
# Training and acknowledgement are renewed yearly: GB/T 35273-2020 11.6 asks for once a year at least.
YEAR: Final = timedelta(days=365)
# A check says what was known on a day. Two years at most is the company's number; no law read gives one.
LONGEST_CHECK: Final = timedelta(days=730)
AHEAD: Final = (30, 7, 1)  # days before the end at which a reminder is written


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a person has fulfilled on a day; what is not owed counts as fulfilled."""

    agreement: bool
    training: bool
    check: bool
    rules: bool

    def missing(self) -> tuple[Duty, ...]:
        """Return what is neglected, in the order of Duty."""
        return tuple(duty for duty in Duty if not getattr(self, duty.value))


NOTHING: Final = Standing(agreement=False, training=False, check=False, rules=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyView:
    """One duty of one person. `until` is its last day, None for no end; `begun` a check asked for and not answered."""

    duty: Duty
    clause: str
    done: bool
    until: date | None
    days_left: int | None
    light: Light
    begun: bool = False


def owes(role: str, duty: Duty) -> bool:
    """Return whether a post owes a duty. Whoever has an account owes all but the check, which key posts owe."""
    return duty is not Duty.CHECK or role in KEY_POSTS


def light(*, done: bool, days_left: int | None) -> Light:
    """Return red for neglected, amber in the last 30 days, green otherwise."""
    if not done:
        return Light.RED
    return Light.AMBER if days_left is not None and days_left <= AHEAD[0] else Light.GREEN


def reminder(days_left: int) -> int | None:
    """Return which reminder is due with so many days left, None while there is time or when it is too late."""
    fitting = [ahead for ahead in AHEAD if 0 <= days_left <= ahead]
    return min(fitting) if fitting else None


def keeps(*, kind: str, role: str) -> bool:
    """Return whether an actor keeps the registers of duties."""
    return kind == "system" or (kind == "staff" and role in KEEPERS)
