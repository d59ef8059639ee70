"""What one person has fulfilled today: asked before every reveal and search, hence one statement and nothing kept."""

from datetime import date
from typing import Final

from django.db import connection

from midan.duties.rules import Duty, Kind, Standing, owes

_SIGNED: Final = (
    "EXISTS (SELECT 1 FROM duties_signature s JOIN duties_document d ON d.id = s.document_id"
    " WHERE s.staff_no = %s AND d.kind = %s AND (s.until IS NULL OR s.until >= %s)"
    " AND d.number = (SELECT MAX(number) FROM duties_document WHERE kind = d.kind))"
)
# Every required course of today; where none is published nobody is trained.
_REQUIRED: Final = (
    "SELECT 1 FROM duties_edition e WHERE e.required"
    " AND e.number = (SELECT MAX(number) FROM duties_edition WHERE slug = e.slug)"
)
_TRAINED: Final = (
    f"EXISTS ({_REQUIRED}) AND NOT EXISTS ({_REQUIRED} AND NOT EXISTS (SELECT 1 FROM duties_exam x"
    " WHERE x.staff_no = %s AND x.slug = e.slug AND x.passed AND x.until >= %s))"
)
# The newest answer counts: who failed later is not checked, whatever an older answer said.
_CHECKED: Final = (
    "EXISTS (SELECT 1 FROM duties_check c WHERE c.staff_no = %s AND c.result = 'passed' AND c.until >= %s"
    " AND NOT EXISTS (SELECT 1 FROM duties_check n WHERE n.staff_no = c.staff_no"
    " AND n.concluded_at > c.concluded_at))"
)
_ALL: Final = f"SELECT {_SIGNED}, {_TRAINED}, {_CHECKED}, {_SIGNED}"


def standing(*, staff_no: str, role: str, today: date) -> Standing:
    """Return what a person has fulfilled on a day in Shanghai; of somebody unknown nothing that is owed."""
    asked: list[str | date] = [staff_no, Kind.AGREEMENT.value, today, staff_no, today, staff_no, today]
    with connection.cursor() as cursor:
        cursor.execute(_ALL, [*asked, staff_no, Kind.RULES.value, today])
        agreement, training, check, rules = cursor.fetchone()
    return Standing(
        agreement=bool(agreement),
        training=bool(training),
        check=bool(check) or not owes(role, Duty.CHECK),
        rules=bool(rules),
    )
