"""Read the log: one entry, pages under filters, counts for charts, the newest checkpoint and verification."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from django.db import connection

from midan.audit.errors import EntryUnknown
from midan.core.entry import Entry, rfc3339
from midan.store import bulk

_ZONE: Final = ZoneInfo("Asia/Shanghai")
_LIMIT: Final = 200
_ROW: Final = 'SELECT e.id, e.entry, l."index" FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry_id = e.id'
_ABOUT: Final = (
    'SELECT e.id, e.entry, l."index" FROM {keys} JOIN audit_entry e ON e.object = k.c1'
    " LEFT JOIN audit_leaf l ON l.entry_id = e.id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """An entry as it is shown: parsed from its bytes. `index` is None until the sequencer has placed it."""

    number: int
    index: int | None
    time: datetime
    entry: Entry

    @property
    def entry_id(self) -> str:
        """Return the entry's own id, 32 hex digits."""
        return self.entry.entry_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """What a page asks for; empty means all. `act` may be a prefix ending in ':'. Times: since ≤ t < until."""

    actor: str = ""
    act: str = ""
    object: str = ""
    outcome: str = ""
    clause: str = ""
    purpose: str = ""
    party: bytes = b""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """Newest first. `next` is the cursor of the following page, '' at the end."""

    items: tuple[EntryView, ...]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """How many entries fall into the hour or the day (Asia/Shanghai) that begins at `start`."""

    start: datetime
    count: int
    outcomes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointView:
    """The newest signed checkpoint; `root` in hex, `text` as published."""

    size: int
    root: str
    text: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationView:
    """The result of a past full check."""

    at: datetime
    ok: bool
    size: int
    root: str
    first_bad: int | None
    reason: str
    seconds: float


def entry(entry_id: str) -> EntryView:
    """Return the committed entry with this id; raise EntryUnknown."""
    rows = _rows(f"{_ROW} WHERE e.entry_id = %s", [entry_id])
    if not rows:
        raise EntryUnknown("日志中没有这一条")
    return _view(rows[0])


def entries(filters: EntryFilter, *, cursor: str = "", limit: int = 50) -> EntryPage:
    """Return a page of entries, newest first; a cursor that is not ours begins at the newest."""
    limit = max(1, min(limit, _LIMIT))
    where, parameters = _conditions(filters)
    if cursor.isascii() and cursor.isdecimal():
        where.append("e.id < %s")
        parameters.append(int(cursor[:18]))
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    rows = _rows(f"{_ROW}{condition} ORDER BY e.id DESC LIMIT %s", [*parameters, limit + 1])
    items = tuple(_view(row) for row in rows[:limit])
    return EntryPage(items=items, next=str(items[-1].number) if len(rows) > limit else "")


def of_object(name: str) -> tuple[EntryView, ...]:
    """Return every entry about one object, such as 'waybill:…', oldest first."""
    return tuple(_view(row) for row in _rows(f"{_ROW} WHERE e.object = %s ORDER BY e.id", [name]))


def of_objects(names: Sequence[str]) -> tuple[EntryView, ...]:
    """Return every entry about any of these objects, however many they are, oldest first."""
    rows = bulk.select_keys(_ABOUT, ("text",), [(name,) for name in dict.fromkeys(names)])
    return tuple(sorted(map(_view, rows), key=lambda view: view.number))


def counts(filters: EntryFilter, *, unit: Literal["hour", "day"]) -> tuple[Bucket, ...]:
    """Return counts by hour or by day, oldest first, without empty ones; by outcome inside each."""
    where, parameters = _conditions(filters)
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    rows = _rows(
        f"SELECT substr(e.time, 1, 13) AS hour, e.outcome, count(*) FROM audit_entry e{condition}"
        " GROUP BY substr(e.time, 1, 13), e.outcome",
        parameters,
    )
    found: dict[datetime, dict[str, int]] = {}
    for hour, outcome, count in rows:
        start = datetime.fromisoformat(f"{hour}:00:00+00:00").astimezone(_ZONE)
        start = start.replace(hour=0) if unit == "day" else start
        outcomes = found.setdefault(start, {})
        outcomes[outcome] = outcomes.get(outcome, 0) + count
    return tuple(
        Bucket(start=start, count=sum(outcomes.values()), outcomes=outcomes)
        for start, outcomes in sorted(found.items())
    )


def total() -> int:
    """Return how many entries are committed."""
    return int(_rows("SELECT count(*) FROM audit_entry", [])[0][0])


def checkpoint() -> CheckpointView | None:
    """Return the newest checkpoint, or None before the first."""
    from midan.audit.models import Checkpoint

    row = Checkpoint.objects.order_by("-size").first()
    if row is None:
        return None
    return CheckpointView(size=row.size, root=bytes(row.root).hex(), text=row.text, created=row.created)


def last_verification() -> VerificationView | None:
    """Return the newest kept verification, or None."""
    from midan.audit.models import Verification

    row = Verification.objects.order_by("-at", "-id").first()
    if row is None:
        return None
    return VerificationView(
        at=row.at,
        ok=row.ok,
        size=row.size,
        root=row.root,
        first_bad=row.first_bad,
        reason=row.reason,
        seconds=row.seconds,
    )


def _conditions(filters: EntryFilter) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    parameters: list[Any] = []
    for name in ("actor", "object", "outcome", "clause", "purpose"):
        if value := getattr(filters, name):
            where.append(f'e."{name}" = %s')
            parameters.append(value)
    if filters.act.endswith(":"):
        where += ["e.act >= %s", "e.act < %s"]
        parameters += [filters.act, filters.act[:-1] + ";"]  # ';' follows ':'
    elif filters.act:
        where.append("e.act = %s")
        parameters.append(filters.act)
    if filters.party:
        where.append("e.id IN (SELECT p.entry_id FROM audit_party p WHERE p.token = %s)")
        parameters.append(filters.party)
    if filters.since:
        where.append("e.time >= %s")
        parameters.append(rfc3339(filters.since))
    if filters.until:
        where.append("e.time < %s")
        parameters.append(rfc3339(filters.until))
    return where, parameters


def _view(row: tuple[int, str, int | None]) -> EntryView:
    parsed = Entry.from_bytes(row[1].encode())
    return EntryView(number=row[0], index=row[2], time=datetime.fromisoformat(parsed.time), entry=parsed)


def _rows(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
