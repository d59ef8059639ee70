"""Verbs of the waybill record: take numbers, register, scan, say who serves which place."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import NoReturn

from django.db import connection, transaction

from midan.audit.services import record
from midan.core.actor import Actor
from midan.people import selectors as people
from midan.store import bulk
from midan.waybill import models, rules, selectors
from midan.waybill.errors import BadCoverage, BadScanTime, ScanRefused, UnknownWaybill
from midan.waybill.events import Act
from midan.waybill.pickup.services import shelve
from midan.waybill.rules import CoverageRow, NewWaybill, ScanResult, ScanView, Status, Waybill

_COLUMNS = (
    ("seq", "int8"),
    ("number", "text"),
    ("client", "text"),
    ("branch", "text"),
    ("destination", "text"),
    ("district_code", "text"),
    ("sorting_code", "text"),
    ("status", "text"),
    ("handler", "text"),
    ("station", "text"),
    ("goods_kind", "text"),
    ("quantity", "int4"),
    ("weight_g", "int4"),
    ("retention", "text"),
    ("sender_party", "bytea"),
    ("recipient_party", "bytea"),
    ("notice_version", "text"),
    ("batch", "bytea"),
    ("created_at", "timestamptz"),
)
_NAMES = tuple(name for name, _ in _COLUMNS)
_TYPES = tuple(kind for _, kind in _COLUMNS)


def reserve_numbers(count: int) -> range:
    """Take `count` sequences nobody else will get; they start at 1 and unused ones stay unused.

    Call it outside a transaction: then it commits at once and intakes do not wait for each other.
    """
    if count < 1:
        raise ValueError("a block holds at least one number")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO waybill_counter (name, next) VALUES ('waybill', %s)"
            " ON CONFLICT (name) DO UPDATE SET next = waybill_counter.next + %s RETURNING next",
            [1 + count, count],
        )
        after = int(cursor.fetchone()[0])
    return range(after - count, after)


def register(rows: Sequence[NewWaybill]) -> None:
    """Insert new waybills inside the caller's transaction, which also writes the entry of the batch."""
    bulk.insert("waybill_waybill", _NAMES, _TYPES, [_new_row(row) for row in rows])


def _new_row(row: NewWaybill) -> tuple[object, ...]:
    return (
        row.seq,
        row.number,
        row.client,
        row.branch,
        row.destination,
        row.district_code,
        row.sorting_code,
        Status.CREATED.value,
        "",
        "",
        row.goods_kind,
        row.quantity,
        row.weight_g,
        row.retention,
        row.sender_party,
        row.recipient_party,
        row.notice_version,
        row.batch,
        row.created_at,
    )


@transaction.atomic
def scan(  # noqa: PLR0913  what a scanner sends
    *,
    actor: Actor,
    number: str,
    event: str,
    branch: str,
    at: datetime,
    now: datetime,
    station: str = "",
) -> ScanResult:
    """Record a scan and move the parcel. Raise UnknownWaybill, ScanRefused, BadScanTime: nothing changed.

    `at` is what the scanner's clock says, `now` what ours says: a scan of the future is refused.

    A parcel scanned where nobody sent it is written down and moves nothing (`rules.elsewhere`); what is refused there
    is answered as a number nobody has.

    The same scan again records nothing. A scan older than the last one (a courier was offline) is kept as
    history when the parcel's way leads by the actor's branch: it neither moves the parcel nor puts a branch on its route.
    """
    _check_scan(actor=actor, event=event, branch=branch, station=station)
    if at > now + rules.CLOCK_SKEW:
        raise BadScanTime
    row = models.Waybill.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise UnknownWaybill
    waybill, last = selectors.view(row), selectors.last_scan(row.seq)
    said = ScanView(event=event, branch=branch, staff_no=actor.name, station=station, at=at, moved=True)
    if not _is_expected(actor, waybill, last):
        return _scan_elsewhere(actor=actor, waybill=waybill, said=said)
    if _is_repeat(row.seq, last, said):
        return ScanResult(number=number, status=row.status, recorded=False, moved=False)
    late = last is not None and at < last.at
    if late and not _knows(actor, waybill):
        # The answer tells the status, so a scan dated back must not be a way to ask for any parcel's.
        raise UnknownWaybill
    if not late:
        _check_move(actor=actor, waybill=waybill, last=last, event=event)
        _move(row, said)
    _keep(Act.SCAN_RECORDED, actor=actor, waybill=waybill, said=replace(said, moved=not late))
    return ScanResult(number=number, status=row.status, recorded=True, moved=not late)


@transaction.atomic
def confirm_stop(*, actor: Actor, number: str, branch: str) -> None:
    """Let a branch that found the parcel onto its route; what it scanned since the last move moves the parcel now.

    Raise UnknownWaybill, and ScanRefused when the actor cannot know it or the parcel has gone on meanwhile.
    """
    row = models.Waybill.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise UnknownWaybill
    waybill, last = selectors.view(row), selectors.last_scan(row.seq)
    reason = rules.confirm_refusal(
        actor=actor,
        waybill=waybill,
        last_branch=waybill.branch if last is None else last.branch,
        strays=selectors.strays(waybill),
        branch=branch,
    )
    if reason is None and not _replay(row, branch):
        reason = "wrong_order"
    if reason is not None:
        _refuse(actor, waybill, event=rules.Event.ARRIVED, reason=reason)
    record(
        actor=actor,
        act=Act.STOP_CONFIRMED,
        object=f"waybill:{number}",
        outcome="done",
        details={"at": branch, "event": row.status},
    )


@transaction.atomic
def set_coverage(*, actor: Actor, rows: Sequence[CoverageRow]) -> None:
    """Replace the whole coverage; raise BadCoverage naming the first row that is wrong."""
    for place, row in enumerate(rows, start=1):
        wrong = rules.wrong_coverage_field(row)
        if wrong:
            raise BadCoverage(row=place, field=wrong)
    if len({(row.district_code, row.town) for row in rows}) != len(rows):
        raise BadCoverage(row=len(rows), field="district_code")
    models.Coverage.objects.all().delete()
    models.Coverage.objects.bulk_create(models.Coverage(**asdict(row)) for row in rows)
    record(actor=actor, act=Act.COVERAGE_CHANGED, object="coverage:all", count=len(rows))


def _check_scan(*, actor: Actor, event: str, branch: str, station: str) -> None:
    reason = rules.is_malformed(event=event, station=station)
    # The system replays history and simulates; everybody else scans at their own branch, within their post.
    if reason is None and actor.kind != "system":
        reason = rules.post_refusal(actor=actor, event=event, branch=branch)
    if reason is None and station and not _is_place(station, actor=actor, event=event, branch=branch):
        reason = "station_unknown"
    if reason is not None:
        # What is typed in place of an event is not repeated.
        raise ScanRefused(event=event if event in set(rules.Event) else "", reason=reason)


def _is_place(station: str, *, actor: Actor, event: str, branch: str) -> bool:
    """Return whether a parcel can be put there: at the branch that scans, or at a station under it.

    A departure may name any branch: the next stop, which is then on the parcel's way.
    What stands here becomes a column in clear, a word of the log, and whose stock the parcel is: it is a code of the
    register or nothing. PostgreSQL takes no NUL in a question, so what cannot be printed is not asked for.
    """
    if not station.isprintable():
        return False
    if actor.kind == "system" or event == rules.Event.DEPARTED:
        return people.exists(station)
    return people.at_or_below(station, branch)


def _check_move(*, actor: Actor, waybill: Waybill, last: ScanView | None, event: str) -> None:
    reason = None if rules.follows(waybill.status, event) else "wrong_order"
    if reason is None and actor.kind != "system":
        here = waybill.branch if last is None else last.branch
        reason = rules.place_refusal(actor=actor, waybill=waybill, last_branch=here, event=event)
    if reason is not None:
        _refuse(actor, waybill, event=event, reason=reason)


def _refuse(actor: Actor, waybill: Waybill, *, event: str, reason: str) -> NoReturn:
    if not _knows(actor, waybill):
        # Whose business the parcel is not learns no more than that the number brought them nothing.
        raise UnknownWaybill
    raise ScanRefused(event=event, reason=reason)


def _knows(actor: Actor, waybill: Waybill) -> bool:
    """Return whether the actor's branch is on the parcel's way, or the parcel in the actor's hands."""
    if actor.kind == "system" or waybill.handler == actor.name:
        return True
    return actor.branch in selectors.routes([waybill])[waybill.seq] | ({waybill.station} - {""})


def _is_expected(actor: Actor, waybill: Waybill, last: ScanView | None) -> bool:
    """Return whether somebody sent the parcel where the actor is: an end of the way, a stop on it, or a station."""
    if actor.kind == "system":
        return True
    sent = {waybill.station, rules.next_stop(last)} - {""}
    way = selectors.routes([waybill])[waybill.seq] | sent
    return actor.branch in way or people.at_or_below(actor.branch, waybill.destination)


def _scan_elsewhere(*, actor: Actor, waybill: Waybill, said: ScanView) -> ScanResult:
    """Write down what a branch off the way says. Its answers follow from its own scans: the status is not its to know."""
    own = selectors.last_scan_at(waybill.seq, said.branch)
    again = _is_repeat(waybill.seq, own, said)
    if not again:
        if not rules.records_elsewhere(
            role=actor.role, own="" if own is None else own.event, event=said.event
        ):
            raise UnknownWaybill
        _keep(Act.SCAN_ELSEWHERE, actor=actor, waybill=waybill, said=replace(said, moved=False))
    return ScanResult(number=waybill.number, status=said.event, recorded=not again, moved=False)


def _keep(act: Act, *, actor: Actor, waybill: Waybill, said: ScanView) -> None:
    models.Scan.objects.create(seq=waybill.seq, **asdict(said))
    record(
        actor=actor,
        act=act,
        object=f"waybill:{waybill.number}",
        outcome="done",
        details={"event": said.event, "at": said.branch, "station": said.station, "moved": int(said.moved)},
    )


def _replay(row: models.Waybill, branch: str) -> bool:
    """Let the scans of a branch since the last move count, as far as one follows from the other."""
    last = models.Scan.objects.filter(seq=row.seq, moved=True).order_by("-id").first()
    scans = models.Scan.objects.filter(seq=row.seq, branch=branch, moved=False, id__gt=last.id if last else 0)
    counted = False
    for scan in scans.order_by("id"):
        if rules.follows(row.status, scan.event):
            scan.moved = counted = True
            scan.save(update_fields=["moved"])
            _move(row, selectors.scan_view(scan))
    return counted


def _is_repeat(seq: int, last: ScanView | None, said: ScanView) -> bool:
    if rules.is_repeat(last, said):
        return True
    sent_before = models.Scan.objects.filter(
        seq=seq,
        event=said.event,
        branch=said.branch,
        staff_no=said.staff_no,
        station=said.station,
        at=said.at,
    )
    return sent_before.exists()


def _move(row: models.Waybill, said: ScanView) -> None:
    lay = row.station
    row.status = said.event
    row.handler = rules.handler_after(said.event, said.staff_no)
    row.station = rules.station_after(said.event, said.station)
    if said.event == rules.Event.DELIVERED:
        row.delivered_at = said.at
    row.save(update_fields=["status", "handler", "station", "delivered_at"])
    if lay != row.station:
        shelve(seq=row.seq, station=row.station)
