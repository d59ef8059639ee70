"""The reads of keeping: lengths in force, holds, where records lie, derivatives."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Final

from django.db import connection
from django.db.models import Count

from midan.catalog.rules import RETENTION, SEALED
from midan.store import bulk
from midan.store.views import view_of
from midan.vault import models
from midan.vault.keeping.lengths import due_day as due_day  # noqa: PLC0414  # read here by everybody but keyd
from midan.vault.keeping.lengths import length as length  # noqa: PLC0414
from midan.vault.keeping.rules import Cause, DerivativeView, HoldView, LengthView, Place, Receipt
from midan.vault.rules import FAMILIES, STANDARD, Family
from midan.vault.selectors import EpochView, epochs

_CHUNK: Final = 5_000
_RECORDS: Final = (models.Record, models.IdentityRecord)
_PLACES: Final = (
    "SELECT r.seq, r.epoch, r.record_no, e.retention, e.day, e.due FROM {keys} JOIN {records} r ON r.seq = k.c1"
    " JOIN vault_epoch e ON e.id = r.epoch"
)
_HELD: Final = (
    "SELECT DISTINCT h.seq, r.epoch FROM vault_held h JOIN {records} r ON r.seq = h.seq"
    " WHERE h.live AND h.kind = 'held'"
)


def lengths() -> tuple[LengthView, ...]:
    """Return the lengths in force of the classes that lie in epochs."""
    return tuple(length(retention) for retention in SEALED)


def length_history(retention: str) -> tuple[LengthView, ...]:
    """Return every length the company ever set for a class, newest first."""
    return tuple(
        view_of(LengthView, row, cap_days=RETENTION[retention].cap_days)
        for row in models.Length.objects.filter(retention=retention).order_by("-id")
    )


def due_epochs(today: date) -> tuple[EpochView, ...]:
    """Return the live epochs whose due day has passed, oldest first."""
    return tuple(epoch for epoch in epochs() if not epoch.destroyed and epoch.due < today)


def record_counts(numbers: Collection[int]) -> dict[int, int]:
    """Return how many records lie in each of these epochs."""
    found: dict[int, int] = {}
    for model in _RECORDS:
        rows = model.objects.filter(epoch__in=list(numbers)).values("epoch").annotate(n=Count("seq"))
        found |= {row["epoch"]: row["n"] for row in rows}
    return {number: found.get(number, 0) for number in numbers}


def held_seqs(numbers: Collection[int]) -> dict[int, list[int]]:
    """Return epoch → the records in it that a live hold keeps."""
    found: dict[int, list[int]] = {number: [] for number in numbers}
    with connection.cursor() as cursor:
        for family in FAMILIES:
            cursor.execute(_HELD.replace("{records}", family.records))
            for seq, epoch in cursor.fetchall():
                if epoch in found:
                    found[epoch].append(seq)
    return found


def places(seqs: Sequence[int], families: Sequence[Family] = (STANDARD,)) -> Iterator[Place]:
    """Yield where those of the records lie that are stored: of orders, or of other families too."""
    for family in families:
        yield from _places(seqs, _PLACES.replace("{records}", family.records))


def _places(seqs: Sequence[int], statement: str) -> Iterator[Place]:
    for start in range(0, len(seqs), _CHUNK):
        keys = [(seq,) for seq in seqs[start : start + _CHUNK]]
        for seq, epoch, record_no, retention, day, due in bulk.select_keys(statement, ("int8",), keys):
            yield Place(
                seq=seq,
                epoch=epoch,
                record_no=record_no,
                retention=retention,
                day=_date(day),
                due=_date(due),
            )


def _date(day: date | str) -> date:
    """Return a day as the driver of SQLite or of PostgreSQL gives it."""
    return day if isinstance(day, date) else date.fromisoformat(day)


def seqs_of(epoch: int) -> list[int]:
    """Return the records that lie in an epoch."""
    found: list[int] = []
    for model in _RECORDS:
        found += model.objects.filter(epoch=epoch).order_by("record_no").values_list("seq", flat=True)
    return found


def origins(seqs: Collection[int]) -> dict[tuple[int, int], tuple[str, date]]:
    """Return (order, epoch it was carried into) → the class and the day the record was first taken in under."""
    found: dict[tuple[int, int], tuple[str, date]] = {}
    wanted = list(seqs)
    for start in range(0, len(wanted), 500):
        rows = models.Reseal.objects.filter(seq__in=wanted[start : start + 500])
        found |= {
            (seq, epoch): (retention, day)
            for seq, epoch, retention, day in rows.values_list("seq", "to_epoch", "retention", "day")
        }
    return found


def moved_from() -> set[tuple[int, int]]:
    """Return every place (epoch, record number) that a record was carried out of: it was not destroyed with it."""
    return set(models.Reseal.objects.values_list("from_epoch", "from_record"))


def carried_counts(run: str) -> dict[int, tuple[int, int]]:
    """Return epoch → how many records a run carried out of it because they were held, and because unfinished."""
    rows = models.Reseal.objects.filter(run=run).values("from_epoch", "cause").annotate(n=Count("id"))
    found: dict[int, tuple[int, int]] = {}
    for row in rows:
        held, stragglers = found.get(row["from_epoch"], (0, 0))
        is_held = row["cause"] == Cause.HELD
        found[row["from_epoch"]] = (held + row["n"], stragglers) if is_held else (held, stragglers + row["n"])
    return found


def receipts(*, below: int) -> tuple[Receipt, ...]:
    """Return every keeper's part in the generations before this one: erased, or still owed."""
    rows = models.Share.objects.filter(generation__lt=below).order_by("generation", "keeper")
    return tuple(view_of(Receipt, row) for row in rows)


def owed(*, below: int) -> bool:
    """Return whether a keeper still owes the erasure of a generation before this one."""
    return models.Share.objects.filter(generation__lt=below, erased_at=None).exists()


def holds(*, live: bool) -> tuple[HoldView, ...]:
    """Return the holds and restrictions in force, or those that ended; newest first."""
    rows = models.Hold.objects.filter(ended_at__isnull=live).order_by("-id")[:500]
    return tuple(view_of(HoldView, row) for row in rows)


def hold(code: str) -> HoldView | None:
    """Return one hold, or None."""
    row = models.Hold.objects.filter(code=code).first()
    return None if row is None else view_of(HoldView, row)


def derivatives(*, run: str = "") -> tuple[DerivativeView, ...]:
    """Return the files made from customers' data: all that are still there, or those of one run."""
    rows = models.Derivative.objects.filter(run=run) if run else models.Derivative.objects.filter(outcome="")
    counted = models.DerivativeOf.objects.filter(derivative__in=[row.id for row in rows])
    waybills = {row["derivative"]: row["n"] for row in counted.values("derivative").annotate(n=Count("seq"))}
    return tuple(
        view_of(DerivativeView, row, digest=bytes(row.digest), waybills=waybills.get(row.id, 0))
        for row in rows.order_by("id")
    )
