"""Look a staff list over, and take it in: everybody or nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Lower

from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.merkle.hashing import leaf_hash
from midan.people.errors import PostConflict, RosterRefused
from midan.people.events import Act
from midan.people.models import Branch, Staff
from midan.people.posts.services import refuse_clash
from midan.people.roster.reading import read
from midan.people.roster.rules import Fault, RosterRow, check
from midan.people.services import create_staff, require_staff_keeper


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a list would do. With a fault it does nothing."""

    digest: str
    format: str
    rows: tuple[RosterRow, ...]
    faults: tuple[Fault, ...]


def preview(*, actor: Actor, content: bytes, now: datetime) -> Preview:
    """Return what taking the list in would do, changing nothing; NotKeeper, RosterUnreadable."""
    require_staff_keeper(actor)
    kind, found = read(content)
    rows, faults = _checked([(place, dict(values)) for place, values in found], now)
    return Preview(digest=leaf_hash(content).hex()[:32], format=kind, rows=rows, faults=faults)


@transaction.atomic
def take_in(*, actor: Actor, found: Preview, now: datetime) -> int:
    """Appoint everybody of a list that was looked over, and return how many; RosterRefused, and then nobody.

    It is judged anew: between looking and taking somebody may have taken a name. All begin as joining, without a
    password; each post is granted for itself.
    """
    require_staff_keeper(actor)
    rows, faults = _checked([(row.row, _texts(row)) for row in found.rows], now)
    faults = (*found.faults, *faults)
    if faults or not rows:
        raise RosterRefused(faults)
    for row in rows:
        create_staff(
            actor=actor,
            username=row.username,
            display_name=row.display_name,
            role=row.role,
            branch=row.branch,
            password=None,
            now=now,
            hr_no=row.hr_no,
            contract_ends=row.contract_ends,
        )
    record(
        actor=actor,
        act=Act.ROSTER_TAKEN_IN,
        object=f"roster:{found.digest}",
        clause="G4",
        count=len(rows),
        details={"format": found.format},
    )
    return len(rows)


def _texts(row: RosterRow) -> dict[str, str]:
    return {name: str(value) for name, value in row.plain().items() if name != "row"}


def _checked(
    found: Sequence[tuple[int, dict[str, str]]], now: datetime
) -> tuple[tuple[RosterRow, ...], tuple[Fault, ...]]:
    branches = frozenset(Branch.objects.values_list("code", flat=True))
    # Sign-in takes names in either case, so no two differ by it alone.
    names = Staff.objects.annotate(lower=Lower("username"))
    wanted = [values["username"].lower() for _, values in found]
    taken = frozenset(names.filter(lower__in=wanted).values_list("lower", flat=True))
    rows, faults = check(found, branches=branches, taken=taken)
    return rows, (*faults, *(_clashes(rows, now)))


def _clashes(rows: Sequence[RosterRow], now: datetime) -> list[Fault]:
    """Return the rows whose post does not go with one of the same person, in the register or in the list itself."""
    faults: list[Fault] = []
    for place, row in enumerate(rows):
        others = [one.role for one in rows[:place] if row.hr_no and one.hr_no == row.hr_no]
        try:
            refuse_clash(staff_no="", hr_no=row.hr_no, role=row.role, now=now, beside=others)
        except PostConflict:
            faults.append((row.row, "role", "post_conflict"))
    return faults
