"""The register of staff, one person, conflicts and reviews, as pages show them. A manager sees the own branch."""

from dataclasses import dataclass
from datetime import datetime

from midan.approval.rules import Request
from midan.console.rules import Room, enters
from midan.core.actor import Actor
from midan.people import selectors
from midan.people.errors import UnknownDeparture
from midan.people.hours.rules import Hours, HoursOf, may_set
from midan.people.hours.selectors import hours_of
from midan.people.leaving.rules import DepartureView
from midan.people.leaving.selectors import departure
from midan.people.posts import register
from midan.people.posts.register import PersonPage, PersonView
from midan.people.posts.rules import Clash, Conflict, GrantReason, Held, may_take_back
from midan.people.posts.selectors import ReviewRow, matrix, reviews, standing_conflicts
from midan.people.rules import BranchView, Employment, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDetail:
    """One person with what may be done: `proposes` a post, `keeps` the file, `self` nobody does to themselves.

    `hours` are the person's own, `branch_hours` count where there are none.
    """

    person: PersonView
    history: tuple[tuple[datetime, Held], ...]
    waiting: tuple[Request, ...]
    owned: tuple[tuple[str, str], ...]
    departure: DepartureView | None
    branches: tuple[BranchView, ...]
    proposes: bool
    keeps: bool
    itself: bool
    hours: Hours | None
    branch_hours: Hours | None
    sets_hours: bool

    @property
    def suggested(self) -> str:
        """Return the reason for a grant that fits the state."""
        if self.person.asleep is not None:
            return GrantReason.WOKEN
        fits = {Employment.JOINING: GrantReason.HIRED, Employment.ON_LEAVE: GrantReason.RETURNED}
        return fits.get(Employment(self.person.state), GrantReason.MOVED)

    @property
    def weekdays(self) -> range:
        return range(7)

    @property
    def gone(self) -> bool:
        return self.person.state == Employment.LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictsPage:
    matrix: tuple[Conflict, ...]
    standing: tuple[Clash, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewsPage:
    rows: tuple[ReviewRow, ...]
    due: int
    own: str


def own_branch(actor: Actor) -> str:
    """Return the branch whose people alone a post sees, or '' for all."""
    return actor.branch if actor.role == Role.BRANCH_MANAGER else ""


def people_page(actor: Actor, *, state: str, after: str) -> PersonPage:
    """Return a page of the register; an unknown state narrows to nobody."""
    return register.people_page(branch=own_branch(actor), state=state, after=after)


def person_detail(actor: Actor, number: str, *, now: datetime) -> PersonDetail:
    """Return one person; UnknownStaff also for whom a manager does not see."""
    person = register.person(number, branch=own_branch(actor))
    try:
        leaving = departure(number, now=now)
    except UnknownDeparture:
        leaving = None
    return PersonDetail(
        person=person,
        history=register.history(number),
        waiting=register.waiting_grants(number, now=now),
        owned=register.owned(number),
        departure=leaving,
        branches=selectors.branches(),
        proposes=enters(actor.role, Room.STAFFING),
        keeps=enters(actor.role, Room.KEEP_STAFF),
        itself=selectors.same_person(actor.name, number),
        hours=hours_of(HoursOf.PERSON, number),
        branch_hours=hours_of(HoursOf.BRANCH, person.branch),
        sets_hours=may_set(actor, of_branch=person.branch, of_staff=number),
    )


def branch_of(actor: Actor, number: str) -> str:
    """Return where a person works; UnknownStaff also for whom a manager does not see."""
    return register.person(number, branch=own_branch(actor)).branch


def conflicts_page(*, now: datetime) -> ConflictsPage:
    return ConflictsPage(matrix=matrix(), standing=standing_conflicts(now=now))


def reviews_page(actor: Actor, *, now: datetime) -> ReviewsPage:
    """Return whose access this person looks over: what they could take back, and their own row."""
    rows = tuple(
        row
        for row in reviews(branch=own_branch(actor), now=now)
        if row.staff_no == actor.name or may_take_back(actor=actor, role=row.role, branch=row.branch)
    )
    return ReviewsPage(rows=rows, due=sum(row.due for row in rows), own=actor.name)
