"""Duties by person: one's own page and the board. Asked for everybody at once, in six queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from midan.duties.models import Reminder
from midan.duties.rules import CLAUSE, Duty, DutyView, Kind, Light, light, owes
from midan.duties.selectors import documents, training
from midan.duties.selectors.checks import asked, checked
from midan.people import selectors as people
from midan.people.rules import StaffView

_Ends = Mapping[Duty, Mapping[str, date | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One person and every duty they owe; `light` is the worst of them."""

    staff_no: str
    name: str
    role: str
    branch: str
    duties: tuple[DutyView, ...]
    light: Light


def duties_of(person: StaffView, *, today: date) -> tuple[DutyView, ...]:
    """Return what a person owes, in the order in which it is fulfilled."""
    return _views(person, _ends(), asked(), today)


def board(*, today: date, branch: str = "") -> tuple[BoardRow, ...]:
    """Return every open account of a branch, or of all, the blocked first."""
    ends, waiting = _ends(), asked()
    staff = [person for person in people.staff_of(branch=branch) if person.active]
    rows = [_row(person, _views(person, ends, waiting, today)) for person in staff]
    worst = list(reversed(Light))
    return tuple(sorted(rows, key=lambda row: (worst.index(row.light), row.staff_no)))


def reminders_of(staff_no: str, *, today: date) -> Mapping[str, date]:
    """Return the duties a person was reminded of that have not ended yet, with their last day."""
    rows = Reminder.objects.filter(staff_no=staff_no, until__gte=today).order_by("until")
    return dict(rows.values_list("duty", "until"))


def _row(person: StaffView, duties: Sequence[DutyView]) -> BoardRow:
    lights = {duty.light for duty in duties}
    worst = next((one for one in reversed(Light) if one in lights), Light.GREEN)
    return BoardRow(
        staff_no=person.staff_no,
        name=person.display_name,
        role=person.role,
        branch=person.branch,
        duties=tuple(duties),
        light=worst,
    )


def _ends() -> _Ends:
    """Return for each duty who has fulfilled it and until when; None for no end."""
    required = [training.trained(row.slug) for row in training.in_force() if row.required]
    everywhere = set.intersection(*(set(one) for one in required)) if required else set()
    return {
        Duty.AGREEMENT: documents.signed_latest(Kind.AGREEMENT),
        Duty.TRAINING: {no: min(one[no] for one in required) for no in everywhere},
        Duty.CHECK: dict(checked()),
        Duty.RULES: documents.signed_latest(Kind.RULES),
    }


def _views(person: StaffView, ends: _Ends, waiting: frozenset[str], today: date) -> tuple[DutyView, ...]:
    return tuple(
        _view(person.staff_no, duty, ends[duty], waiting, today) for duty in Duty if owes(person.role, duty)
    )


def _view(
    staff_no: str, duty: Duty, ends: Mapping[str, date | None], waiting: frozenset[str], today: date
) -> DutyView:
    until = ends.get(staff_no)
    left = None if until is None else (until - today).days
    done = staff_no in ends and (left is None or left >= 0)
    return DutyView(
        duty=duty,
        clause=CLAUSE[duty],
        done=done,
        until=until,
        days_left=left,
        light=light(done=done, days_left=left),
        begun=duty is Duty.CHECK and staff_no in waiting,
    )
