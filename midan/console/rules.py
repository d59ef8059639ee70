"""Which rooms there are, and which post uses which. What is not written here is not entered (L2.2)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from midan.access.rules.cases import OPENERS as CASE_OPENERS
from midan.access.rules.cases import OVERSEERS as CASE_OVERSEERS
from midan.access.rules.glass import REVIEWERS as REVIEWERS_OF_GLASS
from midan.access.rules.scope import SEARCHES, SEE_ALL, SEE_BRANCH
from midan.approval.rules import Kind, decides_any, may_ask
from midan.collection.rules.realname import CHECKERS
from midan.destruction.rules.runs import KEEPERS
from midan.devices.rules import KEEPERS as DEVICE_KEEPERS
from midan.duties.rules import KEEPERS as DUTY_KEEPERS
from midan.duties.rules import OVERSEERS as DUTY_OVERSEERS
from midan.gateway.rules import KEEPERS as CLIENT_KEEPERS
from midan.paper.rules import KEEPERS as PAPER_KEEPERS
from midan.paper.rules import OVERSEERS as PAPER_OVERSEERS
from midan.people.ownership.rules import NAMERS
from midan.people.posts.rules import PROPOSERS, REVIEWERS
from midan.people.rules import STAFF_KEEPERS, Employment, Role


class Room(StrEnum):
    """A part of the console; some are pages of the menu, some are acts inside a page."""

    HOME = "home"
    OVERVIEW = "overview"
    DELIVERIES = "deliveries"
    STATION = "station"
    WAYBILLS = "waybills"
    SEARCH = "search"
    STOPS = "stops"
    REAL_NAME = "real_name"
    UPLOAD = "upload"
    LABELS = "labels"
    TICKETS = "tickets"
    CATALOGUE = "catalogue"
    NOTICES = "notices"
    PUBLISH = "publish"
    LOG = "log"
    VERIFY = "verify"
    CLAUSES = "clauses"
    PAPER = "paper"
    KEEP_PAPER = "keep_paper"
    WITNESS = "witness"
    KEEP = "keep"
    KEYS = "keys"
    BACKUPS = "backups"
    ALGORITHMS = "algorithms"
    KEEPING = "keeping"
    APPROVALS = "approvals"
    SESSIONS = "sessions"
    DUTIES = "duties"
    DUTY_BOARD = "duty_board"
    KEEP_DUTIES = "keep_duties"
    PEOPLE = "people"
    STAFFING = "staffing"
    KEEP_STAFF = "keep_staff"
    CONFLICTS = "conflicts"
    REVIEWS = "reviews"
    LEAVERS = "leavers"
    OWN_LEAVING = "own_leaving"
    OWNERS = "owners"
    GLASS = "glass"
    REVIEW_GLASS = "review_glass"
    CASES = "cases"
    OPEN_CASES = "open_cases"
    POLICIES = "policies"
    WRITE_POLICIES = "write_policies"
    CLIENTS = "clients"
    KEEP_CLIENTS = "keep_clients"
    OWN_DEVICES = "own_devices"
    DEVICES = "devices"


_R = Role
_EVERYBODY: Final = frozenset(Role)
_SEES: Final = frozenset(role for role in Role if role in SEE_ALL | SEE_BRANCH)
# Those who answer for the policy, test it, or are shown that it is kept.
_OVERSIGHT: Final = frozenset({_R.PRIVACY_OFFICER, _R.ANALYST, _R.AUDITOR, _R.REGULATOR})
# The register of staff: who keeps it, who runs a branch, who answers for access, who checks both.
_PEOPLE: Final = frozenset({_R.HR, _R.BRANCH_MANAGER, _R.PRIVACY_OFFICER, _R.AUDITOR})

ENTERS: Final[Mapping[Room, frozenset[Role]]] = MappingProxyType(
    {
        Room.HOME: _EVERYBODY,
        Room.OVERVIEW: _OVERSIGHT | {_R.BRANCH_MANAGER, _R.SYSADMIN},
        Room.DELIVERIES: frozenset({_R.COURIER}),
        Room.STATION: frozenset({_R.CLERK}),
        Room.WAYBILLS: _SEES,
        Room.STOPS: frozenset({_R.BRANCH_MANAGER}),
        Room.REAL_NAME: frozenset(role for role in Role if role in CHECKERS),
        Room.SEARCH: frozenset(role for role in Role if role in SEARCHES),
        Room.UPLOAD: frozenset({_R.CLERK, _R.BRANCH_MANAGER, _R.INTEGRATOR}),
        Room.LABELS: frozenset({_R.COURIER, _R.SORTER, _R.CLERK, _R.BRANCH_MANAGER}),
        Room.TICKETS: frozenset({_R.AGENT}),
        Room.CATALOGUE: _OVERSIGHT | {_R.BRANCH_MANAGER, _R.HR, _R.INTEGRATOR},
        Room.NOTICES: _OVERSIGHT | {_R.BRANCH_MANAGER},
        Room.PUBLISH: frozenset({_R.PRIVACY_OFFICER}),
        Room.LOG: _OVERSIGHT,
        Room.VERIFY: _OVERSIGHT,
        Room.PAPER: PAPER_OVERSEERS | PAPER_KEEPERS,
        Room.KEEP_PAPER: PAPER_KEEPERS,
        # Whoever works here may have stood beside the shredder.
        Room.WITNESS: _EVERYBODY,
        Room.CLAUSES: _OVERSIGHT | {_R.BRANCH_MANAGER, _R.HR, _R.SYSADMIN},
        Room.KEEP: _OVERSIGHT,
        Room.KEYS: _OVERSIGHT | {_R.SYSADMIN},
        Room.BACKUPS: _OVERSIGHT | {_R.SYSADMIN},
        Room.ALGORITHMS: _OVERSIGHT | {_R.SYSADMIN},
        Room.KEEPING: frozenset(role for role in Role if role in KEEPERS),
        Room.APPROVALS: frozenset(role for role in Role if decides_any(role)),
        Room.SESSIONS: frozenset({_R.BRANCH_MANAGER, _R.HR, _R.SYSADMIN}),
        # Whoever has an account owes something.
        Room.DUTIES: _EVERYBODY,
        Room.DUTY_BOARD: DUTY_OVERSEERS,
        Room.KEEP_DUTIES: DUTY_KEEPERS,
        Room.PEOPLE: _PEOPLE,
        # Proposing a post, and taking one back: the areas ask for whom.
        Room.STAFFING: frozenset(PROPOSERS),
        Room.KEEP_STAFF: frozenset(STAFF_KEEPERS),
        Room.CONFLICTS: _OVERSIGHT | {_R.HR},
        Room.REVIEWS: frozenset(REVIEWERS),
        Room.LEAVERS: _PEOPLE - {_R.BRANCH_MANAGER},
        # Whoever leaves signs what outlasts the post.
        Room.OWN_LEAVING: _EVERYBODY,
        Room.OWNERS: frozenset(NAMERS),
        # Whoever may reveal at all may have an emergency.
        Room.GLASS: _SEES - {_R.SORTER},
        Room.REVIEW_GLASS: frozenset(role for role in Role if role in REVIEWERS_OF_GLASS),
        Room.CASES: frozenset(role for role in Role if role in CASE_OVERSEERS),
        Room.OPEN_CASES: frozenset(role for role in Role if role in CASE_OPENERS),
        Room.POLICIES: _OVERSIGHT | {_R.SYSADMIN},
        Room.WRITE_POLICIES: frozenset(role for role in Role if may_ask(role, Kind.POLICY_CHANGE)),
        Room.CLIENTS: _OVERSIGHT | {_R.SYSADMIN},
        Room.KEEP_CLIENTS: frozenset(role for role in Role if role in CLIENT_KEEPERS),
        # Whoever has an account works on something.
        Room.OWN_DEVICES: _EVERYBODY,
        Room.DEVICES: frozenset(role for role in Role if role in DEVICE_KEEPERS),
    }
)

# What somebody who is not at work still needs: where to begin, what they owe before they start, how they leave.
_WITHOUT_WORK: Final = frozenset({Room.HOME, Room.DUTIES, Room.OWN_LEAVING})


def enters(role: str, room: Room) -> bool:
    """Return whether a post enters a room; an unknown post enters none."""
    return role in ENTERS[room]


def open_in(state: str, room: Room) -> bool:
    """Return whether a room is open to somebody in this state: all to who is at work, few to anybody else (M5)."""
    return state == Employment.ACTIVE or room in _WITHOUT_WORK
