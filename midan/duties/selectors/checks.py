"""Background checks: who was asked about, and what came of it. The evidence itself is opened by a service, which logs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from midan.duties.errors import NoCheck
from midan.duties.models import Check
from midan.duties.rules import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    code: str
    staff_no: str
    requested_by: str
    requested_at: datetime
    result: str
    concluded_by: str
    concluded_at: datetime | None
    until: date | None
    size: int


def checks(*, staff_no: str = "", limit: int = 100) -> tuple[CheckView, ...]:
    """Return checks, newest first: of one person, or of everybody."""
    rows = Check.objects.order_by("-requested_at").defer("sealed")
    if staff_no:
        rows = rows.filter(staff_no=staff_no)
    return tuple(_view(row) for row in rows[:limit])


def check(code: str) -> CheckView:
    """Return one check; raise NoCheck."""
    row = Check.objects.filter(id=_id(code)).defer("sealed").first()
    if row is None:
        raise NoCheck
    return _view(row)


def check_row(code: str) -> Check:
    """Return a check, locked for this transaction; raise NoCheck."""
    row = Check.objects.select_for_update().filter(id=_id(code)).first()
    if row is None:
        raise NoCheck
    return row


def checked() -> Mapping[str, date]:
    """Return until when each person's newest answer holds, where it was a good one."""
    answered = Check.objects.exclude(result="").order_by("concluded_at")
    newest = {
        no: (result, until) for no, result, until in answered.values_list("staff_no", "result", "until")
    }
    return {no: until for no, (result, until) in newest.items() if result == Result.PASSED and until}


def asked() -> frozenset[str]:
    """Return the people whose check was asked for and not answered."""
    return frozenset(Check.objects.filter(result="").values_list("staff_no", flat=True))


def _id(code: str) -> bytes:
    try:
        return bytes.fromhex(code)
    except ValueError:
        raise NoCheck from None


def _view(row: Check) -> CheckView:
    return CheckView(
        code=bytes(row.id).hex(),
        staff_no=row.staff_no,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        result=row.result,
        concluded_by=row.concluded_by,
        concluded_at=row.concluded_at,
        until=row.until,
        size=row.size,
    )
