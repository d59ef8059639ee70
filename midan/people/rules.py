"""Pure rules of posts: which role may keep which register, and what a staff number looks like."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """The posts of the company. A person holds exactly one: duties that must not meet never meet (M1)."""

    COURIER = "courier"
    SORTER = "sorter"
    CLERK = "clerk"
    AGENT = "agent"
    BRANCH_MANAGER = "branch_manager"
    HR = "hr"
    PRIVACY_OFFICER = "privacy_officer"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    REGULATOR = "regulator"
    INTEGRATOR = "integrator"
    SYSADMIN = "sysadmin"


class Employment(StrEnum):
    """Where somebody stands with the company. Only who is at work sees a customer's data; who has left stays so (M5)."""

    JOINING = "joining"
    ACTIVE = "active"
    ON_LEAVE = "on_leave"
    LEAVING = "leaving"
    LEFT = "left"


# What the staff keeper may do with a state. Back to work is a grant of its post; into `leaving` leads a departure, which
# lists what was lent, and into `left` the leaver act alone.
STEPS: Final[Mapping[Employment, frozenset[Employment]]] = MappingProxyType(
    {
        Employment.JOINING: frozenset(),
        Employment.ACTIVE: frozenset({Employment.ON_LEAVE}),
        Employment.ON_LEAVE: frozenset(),
        Employment.LEAVING: frozenset(),
        Employment.LEFT: frozenset(),
    }
)


class BranchKind(StrEnum):
    OWN = "own"
    FRANCHISE = "franchise"
    STATION = "station"


# The one who may appoint people may not read customers' data by that power, and the reverse:
# see policy/access.cedar, where hr and sysadmin reveal nothing.
STAFF_KEEPERS: Final = frozenset({Role.HR})
BRANCH_KEEPERS: Final = frozenset({Role.HR, Role.SYSADMIN})


# 等保 8.1.4.1 b asks for a limit and gives no numbers; five tries and five minutes are what assessors look for.
TRIES: Final = 5
_FIRST_LOCK: Final = 5
_LONGEST_LOCK: Final = 60

# How a sealed second factor begins in its table: what begins otherwise lies readable.
SEALED: Final = "sm4."


def staff_number(sequence: int) -> str:
    """Return the staff number of the given place in the sequence, such as 'S00017'."""
    return f"S{sequence:05d}"


def lock_minutes(failures: int) -> int:
    """Return for how many minutes a sign-in is locked after so many failures in a row: 0, then 5, 10, 20 … 60."""
    if failures < TRIES:
        return 0
    return int(min(_LONGEST_LOCK, _FIRST_LOCK * 2 ** min(failures - TRIES, 10)))


def may_end_sessions(*, role: str, branch: str, of_branch: str) -> bool:
    """Return whether a post may end other people's sessions: a manager of the branch, HR and the administrator all."""
    return role in {Role.SYSADMIN, Role.HR} or (role == Role.BRANCH_MANAGER and branch == of_branch)


def may_keep_staff(*, kind: str, role: str) -> bool:
    return kind == "system" or (kind == "staff" and role in STAFF_KEEPERS)


def may_keep_branches(*, kind: str, role: str) -> bool:
    return kind == "system" or (kind == "staff" and role in BRANCH_KEEPERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyView:
    name: str
    credit_code: str
    contact_phone: str
    contact_email: str
    address: str
    complaint_phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchView:
    code: str
    name: str
    kind: str
    district_code: str
    city: str
    parent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffView:
    staff_no: str
    username: str
    display_name: str
    role: str
    branch: str
    active: bool
    state: str

    @property
    def at_work(self) -> bool:
        """Return whether the account is open and its person at work."""
        return self.active and self.state == Employment.ACTIVE
