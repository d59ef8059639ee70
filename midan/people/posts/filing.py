"""The personnel file of somebody: its number, and the last day of the contract (M1, M5)."""

from datetime import date, datetime

from django.db import transaction

from midan.approval import selectors as approvals
from midan.approval import services as approval
from midan.approval.rules import CONCERNS, Kind, State
from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.merkle.hashing import leaf_hash
from midan.people.errors import HasLeft
from midan.people.events import Act
from midan.people.models import Posting, Staff
from midan.people.posts.marks import person_mark
from midan.people.posts.rules import personnel_number
from midan.people.posts.services import refuse_one_person
from midan.people.rules import Employment
from midan.people.services import someone_else


@transaction.atomic
def set_file(*, actor: Actor, staff_no: str, hr_no: str, contract_ends: date | None, now: datetime) -> str:
    """Write somebody's personnel number and the last day of their contract; return a request's code if the number waits.

    A number that stands already is changed or taken out by two: the first time this asks, and once another person agreed the
    same words carry it out, so that the number itself lies in no request. The log holds its mark, not the number. Raise
    PostConflict when the number makes one person of posts that do not go together, HasLeft, NotKeeper, SelfGrant.
    """
    row = someone_else(actor=actor, staff_no=staff_no)
    if row.state == Employment.LEFT:
        raise HasLeft
    number, before = personnel_number(hr_no), row.hr_no
    code = ""
    if number != before:
        refuse_one_person(row=row, hr_no=number, now=now)
        if before and actor.kind == "staff":
            code = _agreed(actor, row, number, now)
    if not code:
        row.hr_no = number
        Posting.objects.filter(staff=row, until__isnull=True).update(person=person_mark(number))
    row.contract_ends = contract_ends
    row.save(update_fields=["hr_no", "contract_ends"])
    marks = {"person": person_mark(row.hr_no), "person_before": person_mark(before)}
    record(
        actor=actor,
        act=Act.STAFF_RECORDED,
        object=f"staff:{staff_no}",
        clause="M5",
        details={name: mark for name, mark in marks.items() if mark},
    )
    return code


def _agreed(actor: Actor, row: Staff, number: str, now: datetime) -> str:
    """Use what another person agreed to and return '', or ask and return the code of what waits."""
    old, new = person_mark(row.hr_no), person_mark(number)
    subject = leaf_hash(f"personnel-number|{row.staff_no}|{old}|{new}".encode())
    found = approvals.for_subject(Kind.PERSONNEL_NUMBER, subject, now=now)
    if found is None:
        return approval.request(
            actor=actor,
            kind=Kind.PERSONNEL_NUMBER,
            subject=subject,
            summary={CONCERNS: f"staff:{row.staff_no}", "from_person": old, "person": new},
            reason="file_corrected",
            now=now,
        )
    if found.state == State.WAITING:
        return found.code
    approval.use(actor=actor, code=found.code, kind=Kind.PERSONNEL_NUMBER, subject=subject, now=now)
    return ""
