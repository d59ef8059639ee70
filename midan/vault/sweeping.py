"""Delete the rows of what has no key any more. Nothing here makes anything unreadable: it already is.

Each batch is a transaction with its entry, small enough for others to write in between. Run again, it goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.keytree import LEAVES_PER_RECORD
from midan.core.parts import PartCode
from midan.core.warrant import Cut
from midan.store import bulk
from midan.vault import keyd, partitions
from midan.vault.events import Act
from midan.vault.keyd.interface import SealedPart
from midan.vault.keyd.stored import sealed_parts
from midan.vault.models import DESTROYED, Epoch, IdentityPart, IdentityRecord, Part, Record
from midan.vault.rules import FAMILIES, IDENTITY, STANDARD, Family, covering, record_id

# Rows a transaction.
BATCH: Final = 20_000
_RECORDS: Final = (Record, IdentityRecord)
_CUTS: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How many rows of each kind went."""

    parts: int = 0
    digests: int = 0
    records: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(
            parts=self.parts + other.parts,
            digests=self.digests + other.digests,
            records=self.records + other.records,
        )


def sweep(*, actor: Actor, epochs: Sequence[int] = (), cuts: Sequence[Cut] = (), now: datetime) -> Swept:
    """Delete what is left of these targets, as far as their keys are gone; what still has a key stays."""
    done = Swept()
    dead = Epoch.objects.filter(number__in=set(epochs), state=DESTROYED).values_list("number", flat=True)
    for epoch in sorted(dead):
        if bulk.is_postgres():
            done += _dropped(actor, epoch, now)
        for batch in (_digests, _parts):
            while (gone := batch(actor, epoch, now)) != Swept():
                done += gone
    for at in range(0, len(cuts), _CUTS):
        done += _cut_rows(actor, cuts[at : at + _CUTS], now)
    return done


def _dropped(actor: Actor, epoch: int, now: datetime) -> Swept:
    """Delete the records of a dead epoch and drop its partitions; where that cannot be now, rows are left to delete."""
    done = Swept()
    while (gone := _some_records(actor, epoch, now)) != Swept():
        done += gone
    for table, model in partitions.TABLES.items():
        with transaction.atomic():
            rows = model._default_manager.filter(epoch=epoch)  # noqa: SLF001  Django's name for it
            before = rows.count()
            if partitions.drop(epoch, table):
                kind = "digests" if table == "vault_digest" else "parts"
                done += _logged(actor, epoch, Swept(**{kind: before - rows.count()}), now)
    return done


def _some_records(actor: Actor, epoch: int, now: datetime) -> Swept:
    with transaction.atomic():
        seqs = [
            seq
            for model in _RECORDS
            for seq in model.objects.filter(epoch=epoch).values_list("seq", flat=True)[:BATCH]
        ]
        return _logged(actor, epoch, Swept(records=_delete_records(epoch, seqs)), now)


def _digests(actor: Actor, epoch: int, now: datetime) -> Swept:
    """Delete a batch of an epoch's digests, and the records they lead to: every record has a digest."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT digest, seq FROM vault_digest WHERE epoch = %s ORDER BY digest LIMIT %s",
                [epoch, BATCH],
            )
            rows = cursor.fetchall()
            if not rows:
                return _records(actor, epoch, now)
            last = bytes(rows[-1][0])
            cursor.execute(
                "SELECT seq FROM vault_digest WHERE epoch = %s AND digest = %s", [epoch, last]
            )  # the last digest's rows may go on beyond the batch
            seqs = {seq for _, seq in rows} | {seq for (seq,) in cursor.fetchall()}
            cursor.execute("DELETE FROM vault_digest WHERE epoch = %s AND digest <= %s", [epoch, last])
            digests = cursor.rowcount
        records = _delete_records(epoch, sorted(seqs))
        return _logged(actor, epoch, Swept(digests=digests, records=records), now)


def _delete_records(epoch: int, seqs: Sequence[int]) -> int:
    """Delete records that still lie in this epoch: one that was re-sealed elsewhere stays."""
    gone = 0
    for at in range(0, len(seqs), 5_000):
        for model in _RECORDS:
            gone += model.objects.filter(seq__in=seqs[at : at + 5_000], epoch=epoch).delete()[0]
    return gone


def _records(actor: Actor, epoch: int, now: datetime) -> Swept:
    """Delete records of the epoch that no digest led to: those of identity numbers, and what an old sweep left."""
    gone = sum(model.objects.filter(epoch=epoch).delete()[0] for model in _RECORDS)
    return _logged(actor, epoch, Swept(records=gone), now)


def _parts(actor: Actor, epoch: int, now: datetime) -> Swept:
    for model in (Part, IdentityPart):
        with transaction.atomic():
            leaves = model.objects.filter(epoch=epoch).order_by("leaf").values_list("leaf", flat=True)[:BATCH]
            found = list(leaves)
            if found:
                table = model._meta.db_table  # noqa: SLF001 - Django's documented door to a model's table
                with connection.cursor() as cursor:
                    cursor.execute(f"DELETE FROM {table} WHERE epoch = %s AND leaf <= %s", [epoch, found[-1]])
                    gone = cursor.rowcount
                return _logged(actor, epoch, Swept(parts=gone), now)
    return Swept()


def _cut_rows(actor: Actor, cuts: Sequence[Cut], now: datetime) -> Swept:
    """Delete the parts of these cuts that keyd says are erased, and records of which nothing is left."""
    placed = {(cut.epoch, cut.record_no, cut.seq) for cut in cuts if cut.epoch is not None}
    rows = sealed_parts([cut.seq for cut in cuts if cut.epoch is None])
    rows += _placed_parts(
        [(epoch, number, seq) for epoch, number, seq in placed if epoch and number is not None]
    )
    wanted = {(cut.seq, cut.part) for cut in covering(cuts)}
    rows = [row for row in rows if _named(row, wanted)]
    erased = [row for row, state in zip(rows, keyd.connect().check_parts(rows), strict=True) if state is None]
    with transaction.atomic():
        with connection.cursor() as cursor:
            for family in FAMILIES:
                cursor.executemany(
                    f"DELETE FROM {family.sealed} WHERE epoch = %s AND leaf = %s",
                    [(row.epoch, row.leaf) for row in erased if row.part in family.parts],
                )
        records = _emptied(Record, STANDARD, [cut.seq for cut in cuts if _is_whole(cut)])
        records += _emptied(
            IdentityRecord, IDENTITY, [cut.seq for cut in covering(cuts) if _is_identity(cut)]
        )
        if not erased and not records:
            return Swept()
        return _logged(actor, 0, Swept(parts=len(erased), records=records), now)


def _is_whole(cut: Cut) -> bool:
    return cut.part is None and cut.epoch is None


def _is_identity(cut: Cut) -> bool:
    return _is_whole(cut) or cut.part == PartCode.IDENTITY


def _emptied(model: type[Record] | type[IdentityRecord], family: Family, seqs: Sequence[int]) -> int:
    """Delete those of the records of which no part is left, and return how many."""
    left = {int.from_bytes(row.record) for row in sealed_parts(seqs, family.parts)}
    return int(model.objects.filter(seq__in=[seq for seq in seqs if seq not in left]).delete()[0])


def _named(row: SealedPart, wanted: set[tuple[int, PartCode | None]]) -> bool:
    seq = int.from_bytes(row.record)
    return (seq, None) in wanted or (seq, row.part) in wanted


def _placed_parts(places: Sequence[tuple[int, int, int]]) -> list[SealedPart]:
    found = []
    for epoch, number, seq in places:
        first = number * LEAVES_PER_RECORD
        for part in Part.objects.filter(epoch=epoch, leaf__gte=first, leaf__lt=first + LEAVES_PER_RECORD):
            code = STANDARD.part(part.leaf)
            if code is not None:
                found.append(SealedPart(epoch, part.leaf, record_id(seq), code, bytes(part.sealed)))
    return found


def _logged(actor: Actor, epoch: int, gone: Swept, now: datetime) -> Swept:
    if gone != Swept():
        counts = {"parts": gone.parts, "digests": gone.digests, "records": gone.records}
        record(
            actor=actor,
            act=Act.ROWS_SWEPT,
            object=f"epoch:{epoch}" if epoch else "records:cut",
            clause="L6.1",
            count=sum(counts.values()),
            details=counts,
            at=now,
        )
    return gone
