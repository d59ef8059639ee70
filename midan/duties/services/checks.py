"""Background checks of key posts: ask, answer with sealed evidence, look at the evidence."""

from datetime import date, datetime
from os import urandom
from typing import Final

from django.db import transaction
from django.utils import timezone

from midan.audit.services import record
from midan.core.actor import Actor
from midan.duties.errors import BadCheck, DutyDenied, NoCheck
from midan.duties.events import Act
from midan.duties.models import Check
from midan.duties.rules import LONGEST_CHECK, Result, keeps
from midan.duties.selectors.checks import check_row
from midan.people import selectors as people
from midan.vault.files import open_file, seal_file

MOST_BYTES: Final = 2 * 1024 * 1024  # what a page's form takes in memory: nothing uploaded is spooled to disk
_PURPOSE: Final = "background-check"
_BEGINNINGS: Final = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


@transaction.atomic
def request_check(*, actor: Actor, staff_no: str, now: datetime) -> str:
    """Ask for a check of somebody else and return its code, or that of the one still open; DutyDenied, UnknownStaff."""
    _require_keeper(actor, staff_no)
    people.staff(staff_no)
    made, new = Check.objects.get_or_create(
        staff_no=staff_no,
        result="",
        defaults={"id": urandom(16), "requested_by": actor.reference, "requested_at": now},
    )
    if new:
        _record(actor, Act.CHECK_REQUESTED, made, now)
    return bytes(made.id).hex()


@transaction.atomic
def conclude_check(  # noqa: PLR0913  (what an answer says)
    *, actor: Actor, code: str, result: str, until: date | None, evidence: bytes, now: datetime
) -> None:
    """Answer a check once; DutyDenied, NoCheck, BadCheck. A good answer has evidence and a last day within two years."""
    row = check_row(code)
    _require_keeper(actor, row.staff_no)
    if row.result:
        raise NoCheck
    if result not in set(Result):
        raise BadCheck("result")
    today = timezone.localdate(now)
    if result == Result.PASSED and not (until and today < until <= today + LONGEST_CHECK):
        raise BadCheck("until")
    if not 0 < len(evidence) <= MOST_BYTES or not evidence.startswith(_BEGINNINGS):
        raise BadCheck("evidence")
    row.sealed, row.digest = seal_file(evidence, purpose=_PURPOSE, owner=bytes(row.id))
    row.size, row.result = len(evidence), result
    row.until = until if result == Result.PASSED else None
    row.concluded_by, row.concluded_at = actor.reference, now
    row.save()
    _record(
        actor,
        Act.CHECK_CONCLUDED,
        row,
        now,
        result=result,
        bytes=len(evidence),
        digest=bytes(row.digest).hex(),
    )


def evidence(*, actor: Actor, code: str, now: datetime) -> bytes:
    """Return the evidence of a check, after the entry of this look is committed; DutyDenied, NoCheck.

    RuntimeError inside a transaction: a look whose entry can be undone is no look that was logged.
    """
    with transaction.atomic(durable=True):
        row = check_row(code)
        _require_keeper(actor, row.staff_no)
        if row.sealed is None:
            raise NoCheck
        _record(actor, Act.EVIDENCE_SEEN, row, now)
    return open_file(bytes(row.sealed), purpose=_PURPOSE, owner=bytes(row.id))


def _record(actor: Actor, act: Act, row: Check, now: datetime, **details: str | int) -> None:
    record(
        actor=actor,
        act=act,
        object=f"check:{bytes(row.id).hex()}",
        clause="M3",
        details={"staff": row.staff_no, **details},
        at=now,
    )


def _require_keeper(actor: Actor, staff_no: str) -> None:
    """Nobody answers for themselves, whatever their post and under whichever account; nor does who is not at work."""
    if not keeps(kind=actor.kind, role=actor.role) or not people.holds_post(actor):
        raise DutyDenied
    if actor.kind == "staff" and people.same_person(actor.name, staff_no):
        raise DutyDenied
