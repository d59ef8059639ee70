"""The register of printed copies beside the log: what is proved of a waybill, and whether the two still agree."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from django.db import connection

from midan.audit import selectors as audit
from midan.audit.selectors import EntryFilter, EntryView, Traces
from midan.audit.services import Departure
from midan.collection.selectors import batch_membership
from midan.core import merkle
from midan.core.entry import rfc3339
from midan.core.merkle import Membership, membership
from midan.label import rules
from midan.label.events import Act
from midan.label.models import Print
from midan.waybill import selectors as waybills
from midan.waybill.errors import UnknownWaybill

DIFFERS: Final = "label_print_differs"
_PAGE: Final = 2 * rules.MOST_LABELS
_MISCOUNTED: Final = (
    "SELECT min(print_id) FROM (SELECT print_id, copy_no, row_number() OVER (PARTITION BY seq ORDER BY print_id)"
    " AS place FROM label_print) ranked WHERE copy_no <> place"
)


def objects_about(number: str) -> tuple[str, ...]:
    """Return every object under which the log speaks of a waybill: itself, the batches it was printed in, its copies."""
    try:
        waybill = waybills.get(number)
    except UnknownWaybill:
        return ()
    copies = Print.objects.filter(seq=waybill.seq).order_by("print_id").values_list("batch", "print_id")
    batches = dict.fromkeys(rules.batch_object(batch) for batch, _ in copies)
    return (f"waybill:{number}", *batches, *(rules.copy_object(print_id) for _, print_id in copies))


def traces(number: str) -> Traces:
    """Return where else the log speaks of a waybill, each batch with the proof that the number belongs to it."""
    objects = objects_about(number)
    prints = tuple(_printed_in(number, name) for name in objects if name.startswith(rules.BATCH))
    return Traces(batch=batch_membership(number), prints=prints, objects=objects)


def _printed_in(number: str, name: str) -> Membership:
    batch = int(name.removeprefix(rules.BATCH))
    seqs = list(Print.objects.filter(batch=batch).order_by("print_id").values_list("seq", flat=True))
    numbers = waybills.numbers(seqs)
    members = [numbers.get(seq, "") for seq in seqs]
    return membership(object=name, members=[each.encode() for each in members], index=members.index(number))


def departure() -> Departure | None:
    """Return where the register first says something else than the log, or None.

    Each batch is compared with the entry committed beside it in everything both say, the order of copies with that
    of their ids, and the number of batches with that of entries: a row rewritten, added or removed past the
    triggers shows here.
    """
    batches = 0
    for page in _pages():
        batches += len(page)
        found = _compare(page)
        if found is not None:
            return found
    with connection.cursor() as cursor:
        cursor.execute(_MISCOUNTED)
        (miscounted,) = cursor.fetchone()
    if miscounted is not None or batches != sum(map(_entries, (Act.PRINTED, Act.REPRINTED))):
        return Departure(index=None, reason=DIFFERS)
    return None


def _pages() -> Iterator[list[list[Print]]]:
    """Yield the register in whole batches, some thousand rows at a time."""
    start = 0
    while rows := list(Print.objects.filter(print_id__gte=start).order_by("print_id")[:_PAGE]):
        batches = [list(batch) for _, batch in groupby(rows, key=lambda row: row.batch)]
        if len(rows) == _PAGE and len(batches) > 1:
            batches.pop()  # perhaps cut: it comes first on the next page
        yield batches
        start = batches[-1][-1].print_id + 1


def _compare(batches: Sequence[list[Print]]) -> Departure | None:
    entries: dict[str, list[EntryView]] = {}
    for view in audit.of_objects([rules.batch_object(rows[0].batch) for rows in batches]):
        entries.setdefault(view.entry.object, []).append(view)
    numbers = waybills.numbers([row.seq for rows in batches for row in rows])
    for rows in batches:
        found = entries.get(rules.batch_object(rows[0].batch), [])
        if len(found) != 1 or not _agree(rows, [numbers.get(row.seq, "") for row in rows], found[0]):
            return Departure(index=found[0].index if found else None, reason=DIFFERS)
    return None


def _agree(rows: Sequence[Print], numbers: Sequence[str], view: EntryView) -> bool:
    entry, details = view.entry, view.entry.details
    said = (
        entry.actor,
        details.get("branch", ""),
        entry.time,
        details.get("format"),
        details.get("size"),
        details.get("dpi"),
    )
    return (
        [row.print_id for row in rows] == list(range(rows[0].batch, rows[0].batch + (entry.count or 0)))
        and merkle.root(number.encode() for number in numbers).hex() == details.get("root")
        and all(
            (row.actor, row.branch, rfc3339(row.at), row.format, row.size, row.dpi) == said
            and row.reason == rules.reason_of(row.copy_no, entry.reason)
            for row in rows
        )
    )


def _entries(act: Act) -> int:
    return sum(bucket.count for bucket in audit.counts(EntryFilter(act=act), unit="day"))
