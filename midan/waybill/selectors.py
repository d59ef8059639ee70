"""Reads of the waybill record: frozen views, keyset pages, public tracking."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from midan.core.actor import Actor
from midan.core.number import is_well_formed
from midan.people.selectors import cities
from midan.store import bulk
from midan.waybill import models
from midan.waybill.errors import UnknownWaybill
from midan.waybill.rules import (
    TERMINAL,
    CoverageRow,
    DayCount,
    Filter,
    Page,
    PublicScan,
    PublicTracking,
    ScanView,
    Sorting,
    SortingTable,
    Waybill,
    confirm_refusal,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
_CHUNK = 500
_COLUMNS = tuple(column.name for column in fields(Waybill))
_GET = f"SELECT {', '.join(_COLUMNS)} FROM waybill_waybill WHERE number = %s"
_NUMBERS = "SELECT w.seq, w.number FROM {keys} JOIN waybill_waybill w ON w.seq = k.c1"


def get(number: str) -> Waybill:
    """Return a waybill; raise UnknownWaybill (also for a number that is not well formed)."""
    row = None
    if is_well_formed(number):
        # Every reveal asks: plain SQL, four times as fast as a model.
        with connection.cursor() as cursor:
            cursor.execute(_GET, [number])
            row = cursor.fetchone()
    if row is None:
        raise UnknownWaybill
    found = dict(zip(_COLUMNS, row, strict=True))
    return Waybill(**found | {name: _aware(found[name]) for name in ("created_at", "delivered_at")})


def _aware(moment: datetime | None) -> datetime | None:
    """Return the moment with its zone: SQLite keeps UTC without saying so."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def by_seqs(seqs: Sequence[int]) -> dict[int, Waybill]:
    """Return those of `seqs` that exist, however many are asked for."""
    found: dict[int, Waybill] = {}
    for start in range(0, len(seqs), _CHUNK):
        rows = models.Waybill.objects.filter(seq__in=seqs[start : start + _CHUNK])
        found.update((row.seq, row) for row in _views(rows))
    return found


def by_numbers(numbers: Sequence[str]) -> dict[str, Waybill]:
    """Return those of `numbers` that exist, however many are asked for."""
    found: dict[str, Waybill] = {}
    for start in range(0, len(numbers), _CHUNK):
        rows = models.Waybill.objects.filter(number__in=numbers[start : start + _CHUNK])
        found.update((row.number, row) for row in _views(rows))
    return found


def _views(rows: QuerySet[models.Waybill]) -> Iterator[Waybill]:
    """Yield waybills for a batch of labels or a page of hits: no model is built only to be copied."""
    for row in rows.values_list(*_COLUMNS):
        yield Waybill(**dict(zip(_COLUMNS, row, strict=True)))


def sequences(*, statuses: Collection[str], destination: str = "") -> QuerySet[Any, Any]:
    """Return a query of the sequences in these statuses, for other areas to join in the database."""
    rows = models.Waybill.objects.filter(status__in=statuses)
    return (rows.filter(destination=destination) if destination else rows).values("seq")


def numbers(seqs: Sequence[int]) -> dict[int, str]:
    """Return sequence → number of those of `seqs` that exist, however many are asked for."""
    return dict(bulk.select_keys(_NUMBERS, ("int8",), [(seq,) for seq in seqs]))


def page(*, narrow: Filter, cursor: str = "", limit: int = 50) -> Page:
    """Return one page, newest first. The cursor is the last number shown: a sequence would tell volumes."""
    before = _seq_of(cursor)
    if cursor and before is None:
        return Page(items=(), next="")
    rows: dict[int, models.Waybill] = {}
    for query in _on_route(_narrowed(narrow), narrow.route):
        if before is not None:
            query = query.filter(seq__lt=before)  # noqa: PLW2901  the same query, narrowed
        rows.update((row.seq, row) for row in query.order_by("-seq")[: limit + 1])
    newest = [rows[seq] for seq in sorted(rows, reverse=True)[: limit + 1]]
    items = tuple(view(row) for row in newest[:limit])
    return Page(items=items, next=items[-1].number if len(newest) > limit else "")


def scans(number: str) -> tuple[ScanView, ...]:
    """Return every scan in the order it came in; raise UnknownWaybill."""
    return scans_of(get(number).seq)


def scans_of(seq: int) -> tuple[ScanView, ...]:
    return tuple(scan_view(row) for row in models.Scan.objects.filter(seq=seq).order_by("id"))


def last_scan(seq: int) -> ScanView | None:
    """Return the scan that made the present status, or None before the first."""
    row = models.Scan.objects.filter(seq=seq, moved=True).order_by("-id").first()
    return None if row is None else scan_view(row)


def last_scan_at(seq: int, branch: str) -> ScanView | None:
    """Return the newest scan one branch made, whether it moved the parcel or not."""
    row = models.Scan.objects.filter(seq=seq, branch=branch).order_by("-id").first()
    return None if row is None else scan_view(row)


def strays(waybill: Waybill) -> frozenset[str]:
    """Return the branches that scanned the parcel and are not on its route: it was seen where nobody sent it."""
    seen = models.Scan.objects.filter(seq=waybill.seq, moved=False).values_list("branch", flat=True)
    return frozenset(seen) - routes([waybill])[waybill.seq]


def confirmable(actor: Actor, waybill: Waybill) -> frozenset[str]:
    """Return those of the parcel's strays that this actor may let onto its route."""
    last = last_scan(waybill.seq)
    here, seen = waybill.branch if last is None else last.branch, strays(waybill)
    return frozenset(
        branch
        for branch in seen
        if confirm_refusal(actor=actor, waybill=waybill, last_branch=here, strays=seen, branch=branch) is None
    )


def tracking(number: str) -> PublicTracking | None:
    """Return what a stranger may know, or None: no such waybill and a malformed number look the same."""
    try:
        waybill = get(number)
    except UnknownWaybill:
        return None
    city = cities()
    return PublicTracking(
        number=waybill.number,
        status=waybill.status,
        created_at=waybill.created_at,
        events=tuple(
            PublicScan(event=scan.event, city=city.get(scan.branch, ""), at=scan.at)
            for scan in scans_of(waybill.seq)
            if scan.moved
        ),
    )


def routes(waybills: Collection[Waybill]) -> Mapping[int, frozenset[str]]:
    """Return seq → branches on the route, for many waybills with one query a chunk."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for waybill in waybills:
        found[waybill.seq] |= {waybill.branch, waybill.destination} - {""}
    seqs = list(found)
    for start in range(0, len(seqs), _CHUNK):
        rows = models.Scan.objects.filter(seq__in=seqs[start : start + _CHUNK], moved=True)
        for seq, branch in rows.values_list("seq", "branch").distinct():
            found[seq].add(branch)
    return {seq: frozenset(branches) for seq, branches in found.items()}


def in_stock(station: str) -> tuple[Waybill, ...]:
    """Return all parcels on a station's shelves and in its lockers, oldest first."""
    rows = models.Waybill.objects.filter(station=station).exclude(station="").order_by("seq")
    return tuple(_views(rows))


def carried(staff_no: str) -> tuple[Waybill, ...]:
    """Return all parcels in a courier's hands: scanned out to them and neither handed over nor brought back."""
    rows = models.Waybill.objects.filter(handler=staff_no).exclude(handler="").order_by("seq")
    return tuple(_views(rows))


def moved_at(seqs: Sequence[int]) -> Mapping[int, datetime]:
    """Return sequence → when the scan was made that gave the parcel its present status; none before the first."""
    found: dict[int, datetime] = {}
    for start in range(0, len(seqs), _CHUNK):
        rows = models.Scan.objects.filter(seq__in=seqs[start : start + _CHUNK], moved=True)
        found.update(rows.order_by("id").values_list("seq", "at"))
    return found


def status_counts(*, since: datetime, until: datetime, branch: str = "") -> tuple[DayCount, ...]:
    """Return how many waybills of each intake day (Asia/Shanghai) in [since, until) stand in each status."""
    rows = models.Waybill.objects.filter(created_at__gte=since, created_at__lt=until)
    if branch:
        rows = rows.filter(branch=branch)
    counted = (
        rows.annotate(day=TruncDate("created_at", tzinfo=SHANGHAI))
        .values("day", "status")
        .annotate(waybills=Count("seq"))
        .order_by("day", "status")
    )
    return tuple(DayCount(day=row["day"], status=row["status"], waybills=row["waybills"]) for row in counted)


def totals() -> Mapping[str, int]:
    """Return how many waybills stand in each status."""
    rows = models.Waybill.objects.values("status").annotate(waybills=Count("seq")).order_by("status")
    return {row["status"]: row["waybills"] for row in rows}


def unfinished(*, before: datetime) -> list[int]:
    """Return the sequences of the waybills made before a moment that were neither delivered nor returned."""
    rows = models.Waybill.objects.exclude(status__in=sorted(TERMINAL)).filter(created_at__lt=before)
    return list(rows.values_list("seq", flat=True))


def routed_counts(unrouted: str) -> tuple[int, int]:
    """Return how many waybills there are, and how many carry the code `unrouted`."""
    rows = models.Waybill.objects
    return rows.count(), rows.filter(sorting_code=unrouted).count()


def coverage() -> tuple[CoverageRow, ...]:
    rows = models.Coverage.objects.order_by("district_code", "town")
    return tuple(CoverageRow(**row) for row in rows.values(*(column.name for column in fields(CoverageRow))))


def sorting_table() -> SortingTable:
    """Return the whole coverage, to be read once for a batch."""
    return SortingTable({(row.district_code, row.town): row.sorting() for row in coverage()})


def sorting(district_code: str, town: str = "") -> Sorting:
    """Return the sorting code and branch of one place; the manual desk when nobody serves it."""
    return sorting_table().find(district_code, town)


def view(row: models.Waybill) -> Waybill:
    return Waybill(**{name: getattr(row, name) for name in _COLUMNS})


def scan_view(row: models.Scan) -> ScanView:
    return ScanView(
        event=row.event,
        branch=row.branch,
        staff_no=row.staff_no,
        station=row.station,
        at=row.at,
        moved=row.moved,
    )


def _seq_of(number: str) -> int | None:
    return models.Waybill.objects.filter(number=number).values_list("seq", flat=True).first()


def _narrowed(narrow: Filter) -> QuerySet[models.Waybill]:
    rows = models.Waybill.objects.all()
    equal = {"client": narrow.client, "status": narrow.status, "station": narrow.station}
    equal |= {"handler": narrow.handler}
    rows = rows.filter(**{name: wanted for name, wanted in equal.items() if wanted})
    if narrow.batch:
        rows = rows.filter(batch=narrow.batch)
    if narrow.since:
        rows = rows.filter(created_at__gte=narrow.since)
    return rows.filter(created_at__lt=narrow.until) if narrow.until else rows


def _on_route(rows: QuerySet[models.Waybill], branch: str) -> tuple[QuerySet[models.Waybill], ...]:
    """Split "on the route of a branch" into three queries, each of which one index answers newest first."""
    if not branch:
        return (rows,)
    moved = models.Scan.objects.filter(branch=branch, moved=True).values("seq")
    return rows.filter(branch=branch), rows.filter(destination=branch), rows.filter(seq__in=moved)
