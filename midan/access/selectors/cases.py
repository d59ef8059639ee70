"""Cases of lawful disclosure: which covers a question now, which there are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from midan.access.errors import CaseUnknown
from midan.access.models import Case
from midan.access.rules.cases import CaseView, state_of
from midan.approval import selectors as approvals
from midan.approval.rules import Kind
from midan.catalog.rules import Purpose
from midan.waybill import selectors as waybills

_SHOWN: Final = 100
_CODE_BYTES: Final = 16
_COVERING: Final = (
    "SELECT c.code, c.fields FROM access_case c JOIN access_casewaybill w ON w.case_id = c.code"
    " WHERE c.reader = %s AND c.opens_at <= %s AND c.ends_at > %s AND w.seq = %s ORDER BY c.requested_at"
)


def covering_case(*, staff_no: str, seq: int | None, purpose: str, now: datetime) -> Mapping[str, str]:
    """Return field → code of the live cases that name this person and waybill; nothing for any other purpose."""
    if purpose != Purpose.LAWFUL_DISCLOSURE or seq is None:
        return {}
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_COVERING, [staff_no, at, at, seq])
        found = cursor.fetchall()
    return {field: bytes(code).hex() for code, fields in found for field in fields.split(",")}


def cases(*, now: datetime, reader: str = "") -> tuple[CaseView, ...]:
    """Return the newest cases, of one reader alone when one is named."""
    rows = Case.objects.order_by("-requested_at")
    return _views(list((rows.filter(reader=reader) if reader else rows)[:_SHOWN]), now)


def live_cases(now: datetime) -> int:
    return Case.objects.filter(opens_at__lte=now, ends_at__gt=now).count()


def case(code: str, *, now: datetime) -> CaseView:
    """Return one case; CaseUnknown."""
    return _views([case_row(code)], now)[0]


def case_row(code: str) -> Case:
    """Return the row of a case; CaseUnknown for anything that is no code of one."""
    try:
        key = bytes.fromhex(code)
    except ValueError:
        raise CaseUnknown from None
    row = Case.objects.filter(code=key).first() if len(key) == _CODE_BYTES else None
    if row is None:
        raise CaseUnknown
    return row


def _views(rows: Sequence[Case], now: datetime) -> tuple[CaseView, ...]:
    named = {bytes(row.code): list(row.waybills.values_list("seq", flat=True)) for row in rows}
    known = waybills.by_seqs([seq for seqs in named.values() for seq in seqs])
    kinds = (Kind.LAWFUL_DISCLOSURE,)
    waiting = {
        request.code
        for request in (*approvals.open_requests(kinds, now=now), *approvals.approved(kinds, now=now))
    }
    numbers = {code: tuple(known[seq].number for seq in seqs if seq in known) for code, seqs in named.items()}
    return tuple(
        _view(row, numbers[bytes(row.code)], waiting=row.approval in waiting, now=now) for row in rows
    )


def _view(row: Case, numbers: tuple[str, ...], *, waiting: bool, now: datetime) -> CaseView:
    return CaseView(
        code=bytes(row.code).hex(),
        ground=row.ground,
        reader=row.reader,
        fields=tuple(row.fields.split(",")),
        waybills=numbers,
        state=state_of(opens_at=row.opens_at, ends_at=row.ends_at, waiting=waiting, now=now),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        approved_by=row.approved_by,
        opens_at=row.opens_at,
        ends_at=row.ends_at,
        papers=row.size,
        papers_digest=bytes(row.digest).hex(),
        approval=row.approval,
    )
