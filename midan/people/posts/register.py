"""Reads of the register for pages: who works where, since when, and what of it needs somebody's hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Count

from midan.approval import selectors as approvals
from midan.approval.rules import CONCERNS, Kind, Request
from midan.people.errors import UnknownStaff
from midan.people.models import Owner, Posting, Staff
from midan.people.posts.rules import Held

_PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """One person of the register; `asleep` since when nobody had used the account for thirty days."""

    staff_no: str
    display_name: str
    role: str
    branch: str
    state: str
    active: bool
    asleep: datetime | None
    last_login: datetime | None
    hr_no: str
    contract_ends: date | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    people: tuple[PersonView, ...]
    next: str
    states: Mapping[str, int]


def people_page(*, branch: str = "", state: str = "", after: str = "") -> PersonPage:
    """Return a page of the register by number, and how many stand in each state; of one branch or of all."""
    rows = Staff.objects.select_related("branch").order_by("staff_no")
    if branch:
        rows = rows.filter(branch__code=branch)
    counts = rows.order_by("state").values_list("state").annotate(Count("id"))
    if state:
        rows = rows.filter(state=state)
    found = list(rows.filter(staff_no__gt=after)[: _PAGE + 1])
    return PersonPage(
        people=tuple(map(_view, found[:_PAGE])),
        next=found[_PAGE - 1].staff_no if len(found) > _PAGE else "",
        states=dict(counts),
    )


def person(staff_no: str, *, branch: str = "") -> PersonView:
    """Return one person, of one branch if it is named; UnknownStaff."""
    row = Staff.objects.select_related("branch").filter(staff_no=staff_no).first()
    if row is None or (branch and row.branch.code != branch):
        raise UnknownStaff
    return _view(row)


def history(staff_no: str) -> tuple[tuple[datetime, Held], ...]:
    """Return the posts somebody held, the newest first, each with when it began."""
    rows = Posting.objects.filter(staff__staff_no=staff_no).order_by("-id")
    return tuple(
        (since, Held(staff_no=staff_no, role=role, branch=branch, until=until))
        for since, role, branch, until in rows.values_list("since", "role", "branch", "until")
    )


def waiting_grants(staff_no: str, *, now: datetime) -> tuple[Request, ...]:
    """Return the posts that wait for a second person, for somebody."""
    found = approvals.open_requests((Kind.ROLE_GRANT,), now=now)
    return tuple(one for one in found if one.summary.get(CONCERNS) == f"staff:{staff_no}")


def owned(staff_no: str) -> tuple[tuple[str, str], ...]:
    """Return (kind, name) of what somebody answers for."""
    return tuple(Owner.objects.filter(staff__staff_no=staff_no).order_by("id").values_list("kind", "name"))


def _view(row: Staff) -> PersonView:
    return PersonView(
        staff_no=row.staff_no,
        display_name=row.display_name,
        role=row.role,
        branch=row.branch.code,
        state=row.state,
        active=row.is_active,
        asleep=row.slept_at,
        last_login=row.last_login,
        hr_no=row.hr_no,
        contract_ends=row.contract_ends,
        created_at=row.created_at,
    )
