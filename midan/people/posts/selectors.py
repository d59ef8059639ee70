"""Reads of posts: the conflict matrix, what each person holds and held, the conflicts that stand, the reviews due."""

import tomllib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.db.models import F, Max, Q

from midan.people.errors import MatrixUnsound
from midan.people.models import AccessReview, Posting, Staff
from midan.people.posts.marks import person_mark
from midan.people.posts.rules import GIVERS, REVIEW_EVERY, Clash, Conflict, Held, standing
from midan.people.rules import Employment, Role

MATRIX: Final = Path(__file__).resolve().parents[3] / "policy" / "conflicts.toml"
_MEMBERS: Final = {
    "id": str,
    "posts": list,
    "against": list,
    "days": int,
    "clause": str,
    "zh": str,
    "en": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """One person as a reviewer sees them. `reviewed_at` is the last look of anybody."""

    staff_no: str
    display_name: str
    role: str
    branch: str
    state: str
    last_login: datetime | None
    reviewed_at: datetime | None
    due: bool


@cache
def matrix() -> tuple[Conflict, ...]:
    """Return the conflict matrix; raise MatrixUnsound, and then no post is given at all."""
    return read_matrix(MATRIX)


def read_matrix(path: Path) -> tuple[Conflict, ...]:
    """Return the rows in `path`; raise MatrixUnsound naming the first that is wrong."""
    try:
        rows = tomllib.loads(path.read_text("utf-8")).get("conflict")
    except (OSError, ValueError) as error:
        raise MatrixUnsound(0) from error
    if not isinstance(rows, list) or not rows:
        raise MatrixUnsound(0)
    found = tuple(_conflict(place, row) for place, row in enumerate(rows, start=1))
    if len({conflict.id for conflict in found}) != len(found):
        raise MatrixUnsound(len(found))
    return found


def _conflict(place: int, row: Any) -> Conflict:
    whole = isinstance(row, dict) and row.keys() == _MEMBERS.keys()
    if not whole or not all(isinstance(row[name], kind) for name, kind in _MEMBERS.items()):
        raise MatrixUnsound(place)
    posts, against = row["posts"], row["against"]
    roles = {role.value for role in Role}
    known = all(isinstance(post, str) and post in roles for post in posts + against)
    if not (known and posts and against and row["days"] >= 0) or set(posts) & set(against):
        raise MatrixUnsound(place)
    return Conflict(**row | {"posts": frozenset(posts), "against": frozenset(against)})


def held_by(*, staff_no: str, hr_no: str, now: datetime) -> tuple[Held, ...]:
    """Return what one person holds and held: under this account, and every other with the same personnel number.

    Also a number that was theirs lately: taking it out of a file makes nobody another person.
    """
    one = Q(staff__staff_no=staff_no)
    marks = set(Posting.objects.filter(one & _counts(now)).values_list("person", flat=True))
    if hr_no:
        one |= Q(staff__hr_no=hr_no)
        marks.add(person_mark(hr_no))
    rows = Posting.objects.filter(one | Q(person__in=marks - {""}))
    return tuple(
        Held(staff_no=number, role=role, branch=branch, until=until)
        for number, role, branch, until in rows.order_by("id").values_list(
            "staff__staff_no", "role", "branch", "until"
        )
    )


def _counts(now: datetime) -> Q:
    """Return which posts still count against another: those that run, or ended within the longest time in the matrix."""
    longest = max(conflict.days for conflict in matrix())
    return Q(until__isnull=True) | Q(until__gt=now - timedelta(days=longest))


def standing_conflicts(*, now: datetime) -> tuple[Clash, ...]:
    """Return every conflict among the posts people hold now: none, unless the matrix or the file has changed since."""
    known = Staff.objects.exclude(state=Employment.LEFT)
    one_person = _People()
    for number, hr_no in Staff.objects.exclude(hr_no="").values_list("staff_no", "hr_no"):
        one_person.join(number, person_mark(hr_no))
    rows = list(
        Posting.objects.filter(_counts(now), Q(until__isnull=False) | Q(staff__in=known))
        .order_by("id")
        .values_list("staff__staff_no", "person", "role", "branch", "until")
    )
    for number, mark, *_ in rows:
        if mark:
            one_person.join(number, mark)
    people: dict[str, list[Held]] = defaultdict(list)
    for number, _, role, branch, until in rows:
        held = Held(staff_no=number, role=role, branch=branch, until=until)
        people[one_person.of(number)].append(held)
    return tuple(hit for held in people.values() for hit in standing(matrix(), held, now=now))


class _People:
    """Which accounts and marks belong to one person: joined one by one, asked for a common name."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def of(self, name: str) -> str:
        while (above := self._above.get(name, name)) != name:
            name = above
        return name

    def join(self, one: str, other: str) -> None:
        self._above[self.of(one)] = self.of(other)


def last_of_post(row: Staff) -> bool:
    """Return whether somebody is the last at work of a post without which none can be given; who is joining never is."""
    if row.role not in GIVERS or row.state == Employment.JOINING or not row.is_active:
        return False
    others = Staff.objects.filter(role=row.role, is_active=True, state=Employment.ACTIVE).exclude(pk=row.pk)
    return not others.exists()


def never_an_officer() -> bool:
    """Return whether no privacy officer ever was at work: a company that has only begun."""
    return not Posting.objects.filter(role=Role.PRIVACY_OFFICER).exists()


def reviews(*, branch: str = "", now: datetime) -> tuple[ReviewRow, ...]:
    """Return the open accounts of a branch, or of all, with when each was last looked over; those due first."""
    rows = Staff.objects.filter(is_active=True).select_related("branch")
    if branch:
        rows = rows.filter(branch__code=branch)
    last = dict(AccessReview.objects.values_list("staff_id").annotate(Max("at")))
    found = [
        ReviewRow(
            staff_no=row.staff_no,
            display_name=row.display_name,
            role=row.role,
            branch=row.branch.code,
            state=row.state,
            last_login=row.last_login,
            reviewed_at=last.get(row.pk),
            due=_due(row.created_at, last.get(row.pk), now),
        )
        for row in rows.order_by("staff_no")
    ]
    return tuple(sorted(found, key=lambda row: (not row.due, row.staff_no)))


def _due(created: datetime, reviewed: datetime | None, now: datetime) -> bool:
    return (reviewed or created) <= now - REVIEW_EVERY


def wrong_postings() -> Sequence[str]:
    """Return the people whose running posting is not the post their account acts under: none, or something wrote past us."""
    rows = Posting.objects.filter(until__isnull=True)
    astray = rows.exclude(role=F("staff__role"), branch=F("staff__branch__code")).values_list(
        "staff__staff_no", flat=True
    )
    return tuple(astray)
