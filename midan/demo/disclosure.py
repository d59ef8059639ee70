"""One live case of lawful disclosure, agreed to by two invented persons: the invented regulator has something to read."""

from datetime import datetime
from typing import Final

from midan.access import services as access
from midan.access.rules.cases import FIELDS_OF, LONGEST, MOST_WAYBILLS, Ground
from midan.access.selectors.cases import cases
from midan.approval import services as approval
from midan.approval.rules import CONCERNS, Kind
from midan.approval.selectors import open_requests
from midan.core.actor import Actor
from midan.demo.accounts import invented
from midan.waybill import selectors as waybills
from midan.waybill.rules import Filter

_PAPERS: Final = b"%PDF-1.4\n% an invented request of an invented authority\n%%EOF\n"


def open_case(*, now: datetime) -> None:
    """Let the officer ask and the analyst agree, over the newest waybills; nothing while a case of the regulator is live."""
    people = {
        person.role: Actor(kind="staff", name=person.staff_no, role=person.role, branch=person.branch)
        for person in invented()
    }
    officer, analyst, regulator = (people.get(role) for role in ("privacy_officer", "analyst", "regulator"))
    numbers = tuple(row.number for row in waybills.page(narrow=Filter(), limit=MOST_WAYBILLS).items)
    if officer is None or analyst is None or regulator is None or not numbers:
        return
    if any(case.state == "live" for case in cases(now=now, reader=regulator.name)):
        return
    access.request_case(
        actor=officer,
        ground=Ground.POSTAL_AUTHORITY,
        reader=regulator.name,
        fields=FIELDS_OF[Ground.POSTAL_AUTHORITY],
        waybills=numbers,
        days=LONGEST.days,
        papers=_PAPERS,
        now=now,
    )
    for request in open_requests((Kind.LAWFUL_DISCLOSURE,), now=now):
        if request.requester == officer.reference and request.summary.get(CONCERNS) == regulator.reference:
            approval.approve(actor=analyst, code=request.code, now=now)
    access.open_agreed_cases(now=now)
