"""Lawful disclosure: ask for a case with its papers, open what a second person agreed to, close it."""

from datetime import datetime, timedelta
from os import urandom

from django.db import transaction

from midan.access.errors import AccessDenied, CaseRefused, CaseUnknown
from midan.access.events import Act
from midan.access.models import Case, CaseWaybill
from midan.access.rules.cases import (
    FIELDS_OF,
    LONGEST,
    MOST_BYTES,
    MOST_WAYBILLS,
    OVERSEERS,
    PAPERS_BEGIN,
    READERS,
    Ground,
    may_open,
)
from midan.access.selectors.cases import case_row
from midan.access.selectors.facts import find_waybill
from midan.approval import selectors as approvals
from midan.approval import services as approval
from midan.approval.errors import ApprovalError
from midan.approval.rules import CONCERNS, Kind, Request
from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.decision import Reason
from midan.core.number import is_well_formed
from midan.core.sm import sm3
from midan.people import selectors as people
from midan.people.errors import UnknownStaff
from midan.vault.files import open_file, seal_file

_PURPOSE = "disclosure-papers"


@transaction.atomic
def request_case(  # noqa: PLR0913  what a case says
    *,
    actor: Actor,
    ground: str,
    reader: str,
    fields: frozenset[str],
    waybills: tuple[str, ...],
    days: int,
    papers: bytes,
    now: datetime,
) -> str:
    """Ask for a disclosure and return the case's code; nothing opens until another person agreed. AccessDenied, CaseRefused.

    `reader` is the staff number of whose eyes it opens to; whoever that is does not agree to it. `days` run from the
    agreement. The papers are sealed, and their SM3 stands in the log.
    """
    if not may_open(kind=actor.kind, role=actor.role):
        raise AccessDenied(clause="L5.1", reason=Reason.ROLE_NOT_PERMITTED)
    seqs = _checked(ground=ground, reader=reader, fields=fields, waybills=waybills, days=days, papers=papers)
    key = urandom(16)
    sealed, digest = seal_file(papers, purpose=_PURPOSE, owner=key)
    said: dict[str, str | int] = {"case": key.hex(), "ground": ground, "waybills": len(seqs), "days": days}
    code = approval.request(
        actor=actor,
        kind=Kind.LAWFUL_DISCLOSURE,
        subject=_subject(key, digest),
        summary=said | {CONCERNS: f"staff:{reader}"},
        reason=ground,
        now=now,
    )
    row = Case.objects.create(
        code=key,
        ground=ground,
        reader=reader,
        fields=",".join(sorted(fields)),
        requested_by=actor.reference,
        requested_at=now,
        approval=code,
        days=days,
        sealed=sealed,
        size=len(papers),
        digest=digest,
    )
    CaseWaybill.objects.bulk_create(CaseWaybill(case=row, seq=seq) for seq in seqs)
    _record(actor, Act.CASE_REQUESTED, row, now, waybills=len(seqs), bytes=len(papers), digest=digest.hex())
    return key.hex()


def open_agreed_cases(*, now: datetime) -> int:
    """Open what two persons agreed to, each in a transaction of its own; return how many."""
    opened = 0
    for request in approvals.approved((Kind.LAWFUL_DISCLOSURE,), now=now):
        try:
            _open(request, now)
        except ApprovalError:
            continue  # somebody else was faster
        opened += 1
    return opened


@transaction.atomic
def close_case(*, actor: Actor, code: str, now: datetime) -> None:
    """End a live case before its time; AccessDenied, CaseUnknown. From the next question on it covers nothing."""
    if not may_open(kind=actor.kind, role=actor.role):
        raise AccessDenied(clause="L5.1", reason=Reason.ROLE_NOT_PERMITTED)
    row = Case.objects.select_for_update().filter(code=case_row(code).code).get()
    if row.opens_at is None or row.ends_at is None or row.ends_at <= now:
        raise CaseUnknown
    row.ends_at = max(row.opens_at, now)
    row.save(update_fields=["ends_at"])
    _record(actor, Act.CASE_CLOSED, row, now)


def papers(*, actor: Actor, code: str, now: datetime) -> bytes:
    """Return the papers of a case after the entry of this look is committed; AccessDenied, CaseUnknown.

    RuntimeError inside a transaction: a look whose entry can be undone is no look that was logged.
    """
    if actor.kind != "staff" or actor.role not in OVERSEERS:
        raise AccessDenied(clause="L5.1", reason=Reason.ROLE_NOT_PERMITTED)
    with transaction.atomic(durable=True):
        row = case_row(code)
        _record(actor, Act.PAPERS_SEEN, row, now)
    return open_file(bytes(row.sealed), purpose=_PURPOSE, owner=bytes(row.code))


def _checked(  # noqa: PLR0913  what a case says
    *,
    ground: str,
    reader: str,
    fields: frozenset[str],
    waybills: tuple[str, ...],
    days: int,
    papers: bytes,
) -> list[int]:
    """Return the waybills' own numbers; CaseRefused naming the first thing that is wrong."""
    if ground not in set(Ground):
        raise CaseRefused("ground")
    try:
        person = people.staff(reader)
    except UnknownStaff:
        raise CaseRefused("reader") from None
    if person.role not in READERS or not person.active:
        raise CaseRefused("reader")
    if not fields or not fields <= FIELDS_OF[Ground(ground)]:
        raise CaseRefused("fields")
    if not 1 <= days <= LONGEST.days:
        raise CaseRefused("days")
    if not 0 < len(papers) <= MOST_BYTES or not papers.startswith(PAPERS_BEGIN):
        raise CaseRefused("papers")
    numbers = tuple(dict.fromkeys(waybills))
    found = [find_waybill(number) for number in numbers if is_well_formed(number)]
    seqs = [row.seq for row in found if row is not None]
    if not 0 < len(numbers) <= MOST_WAYBILLS or len(seqs) != len(numbers):
        raise CaseRefused("waybills")
    return seqs


@transaction.atomic
def _open(request: Request, now: datetime) -> None:
    row = Case.objects.select_for_update().get(approval=request.code)
    system = Actor.system("cases")
    agreed = approval.use(
        actor=system,
        code=request.code,
        kind=Kind.LAWFUL_DISCLOSURE,
        subject=_subject(bytes(row.code), bytes(row.digest)),
        now=now,
    )
    row.approved_by, row.opens_at, row.ends_at = agreed.approver, now, now + timedelta(days=row.days)
    row.save()
    _record(system, Act.CASE_OPENED, row, now, requester=agreed.requester, approver=agreed.approver)


def _record(actor: Actor, act: Act, row: Case, now: datetime, **details: str | int) -> None:
    record(
        actor=actor,
        act=act,
        object=f"case:{bytes(row.code).hex()}",
        reason=row.ground,
        clause="L5.1",
        details={"reader": row.reader, **details},
        at=now,
    )


def _subject(key: bytes, digest: bytes) -> bytes:
    return sm3(b"case" + key + digest)
