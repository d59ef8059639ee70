"""Reads of working hours."""

from datetime import datetime
from typing import Final

from django.db import connection

from midan.people.hours.rules import Hours, HoursOf
from midan.people.models import WorkingHours

_HOURS: Final = (
    "SELECT kind, days, begins, ends FROM people_workinghours"
    " WHERE (kind = 'person' AND name = %s) OR (kind = 'branch' AND name = %s)"
)


def on_shift(*, staff_no: str, branch: str, now: datetime) -> bool:
    """Return whether it is this person's working time: their own hours, else their branch's, else any. Plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, [staff_no, branch])
        found = {
            kind: Hours(days=days, begins=begins, ends=ends) for kind, days, begins, ends in cursor.fetchall()
        }
    hours = found.get(HoursOf.PERSON) or found.get(HoursOf.BRANCH)
    return hours is None or hours.include(now)


def hours_of(kind: str, name: str) -> Hours | None:
    """Return the hours set for a person or a branch, or None."""
    row = WorkingHours.objects.filter(kind=kind, name=name).first()
    return None if row is None else Hours(days=row.days, begins=row.begins, ends=row.ends)
