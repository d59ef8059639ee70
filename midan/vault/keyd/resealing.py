"""Carry records past their day: open them under their own leaves, seal them under new ones, and let go of no word.

Only under a warrant that names the epoch they lie in. Where they go is keyd's choice and nobody else's: an epoch of the
class `carried`, made today and due today, so that a record carried without need goes with tomorrow's run.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.blind import Indexer
from midan.core.keytree import LEAVES_PER_RECORD, Frontier
from midan.core.sealing import Sealer, pack_part
from midan.core.sm import NONCE_BYTES
from midan.core.warrant import Warrant
from midan.store import bulk
from midan.vault.errors import EpochDestroyed, StateDamaged
from midan.vault.events import Act
from midan.vault.keeping.rules import Cause
from midan.vault.keyd import stored
from midan.vault.keyd.interface import SealedPart
from midan.vault.models import Epoch, Reseal
from midan.vault.rules import FAMILIES, Family, Lease, part_digests, record_id

Reserve = Callable[..., Lease]
Open = Callable[[Sequence[SealedPart]], list[tuple[str, ...] | None]]

# Records a transaction: a crash loses no more work than this, a writer waits no longer.
_BATCH: Final = 500
_TRIES: Final = 8
_RECORDS: Final = (
    "SELECT r.seq, r.epoch, r.record_no, e.retention, e.day FROM {keys} JOIN {records} r ON r.seq = k.c1"
    " JOIN vault_epoch e ON e.id = r.epoch"
)


@dataclass(frozen=True, slots=True)
class _Lying:
    """A record, where it lies now, and the class and day it was first taken in under."""

    seq: int
    epoch: int
    record_no: int
    retention: str
    day: date


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A record sealed anew: rows to insert once it has moved."""

    lying: _Lying
    record_no: int
    parts: tuple[tuple[int, bytes], ...]
    digests: tuple[tuple[bytes, int], ...]


class _Overtaken(Exception):
    """The keys of an epoch changed since its records were opened: what was erased meanwhile must stay erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """A warrant, the run it serves, and what keyd lends for it. The warrant was checked by the caller."""

    reserve: Reserve
    open_: Open
    actor: Actor
    warrant: Warrant
    run: str
    now: datetime

    def carry(self, causes: Mapping[int, Cause]) -> int:
        """Move these records out of the warrant's epochs and return how many moved; those elsewhere are left alone.

        Each goes into an epoch of its own family: an identity number never lies beside an order. Run again after a
        crash it finds what has moved already and goes on.
        """
        seqs, moved = sorted(causes), 0
        for start in range(0, len(seqs), _BATCH):
            batch = {seq: causes[seq] for seq in seqs[start : start + _BATCH]}
            moved += sum(self._surely(family, batch) for family in FAMILIES)
        return moved

    def _surely(self, family: Family, causes: Mapping[int, Cause]) -> int:
        for _ in range(_TRIES):
            try:
                return self._batch(family, causes)
            except _Overtaken:
                continue
        raise StateDamaged("overtaken")

    def _batch(self, family: Family, causes: Mapping[int, Cause]) -> int:
        lying = [one for one in _lying(family, causes) if one.epoch in self.warrant.epochs]
        if not lying:
            return 0
        epochs = sorted({one.epoch for one in lying})
        before = _versions(epochs)
        opened = _opened(family, self.open_, [one.seq for one in lying])
        lease = _lease(family, self.reserve, len(lying), self.now)
        sealed = list(_seal(family, lease, lying, opened))
        with transaction.atomic(durable=True):
            # Whoever places a hold or destroys takes the same rows.
            list(Epoch.objects.select_for_update().filter(number__in=epochs).order_by("number"))
            if _versions(epochs) != before:
                raise _Overtaken
            gone = [one for one in sealed if _point(family, one, lease.epoch)]
            _insert(family, lease.epoch, gone)
            _journal(self.run, lease.epoch, gone, causes, self.now)
            self._record(lease.epoch, len(gone), sum(causes[one.lying.seq] == Cause.HELD for one in gone))
        return len(gone)

    def _record(self, epoch: int, count: int, held: int) -> None:
        record(
            actor=self.actor,
            act=Act.RECORDS_RESEALED,
            object=f"run:{self.run}",
            clause="L6.1",
            count=count,
            details={"epoch": epoch, "held": held, "warrant": self.warrant.entry_id},
        )


def _lying(family: Family, seqs: Iterable[int]) -> list[_Lying]:
    """Return where the records lie; one carried before keeps the class and day of its first epoch."""
    keys = [(seq,) for seq in seqs]
    others = [other.retention for other in FAMILIES if other is not family]
    carried = Reseal.objects.filter(seq__in=[seq for (seq,) in keys]).exclude(retention__in=others)
    first = {row.seq: (row.retention, row.day) for row in carried.order_by("-id")}
    found = []
    statement = _RECORDS.replace("{records}", family.records)
    for seq, epoch, record_no, retention, day in bulk.select_keys(statement, ("int8",), keys):
        taken_in = day if isinstance(day, date) else date.fromisoformat(day)
        found.append(_Lying(seq, epoch, record_no, *first.get(seq, (retention, taken_in))))
    return found


def _versions(epochs: Sequence[int]) -> dict[int, int]:
    return {epoch: row.version for epoch, row in stored.states(epochs).items()}


def _opened(family: Family, open_: Open, seqs: Sequence[int]) -> dict[int, list[tuple[int, tuple[str, ...]]]]:
    """Return, for each record, the subjects that still open, with their fields."""
    rows = stored.sealed_parts(seqs, family.parts)
    found: dict[int, list[tuple[int, tuple[str, ...]]]] = {}
    for row, fields in zip(rows, open_(rows), strict=True):
        if fields is not None:
            subject = row.leaf % LEAVES_PER_RECORD
            found.setdefault(int.from_bytes(row.record), []).append((subject, fields))
    return found


def _lease(family: Family, reserve: Reserve, records: int, now: datetime) -> Lease:
    """Reserve in today's epoch of carried records, or in the next one when today's was destroyed already."""
    today = timezone.localdate(now)
    for later in range(_TRIES):
        day = today + timedelta(days=later)
        try:
            return reserve(retention=family.carried, day=day, due=day, records=records)
        except EpochDestroyed:
            continue
    raise EpochDestroyed(0)


def _seal(
    family: Family,
    lease: Lease,
    lying: Sequence[_Lying],
    opened: Mapping[int, list[tuple[int, tuple[str, ...]]]],
) -> Iterable[_Sealed]:
    sealer, indexer = Sealer(lease.company16), Indexer(lease.index_secret)
    first = lease.first_record * LEAVES_PER_RECORD
    leaves = Frontier(lease.nodes).leaves(first, len(lying) * LEAVES_PER_RECORD)
    for place, one in enumerate(lying):
        parts: list[tuple[int, bytes]] = []
        digests: list[tuple[bytes, int]] = []
        for subject, fields in opened.get(one.seq, ()):
            leaf, part = first + place * LEAVES_PER_RECORD + subject, family.subjects[subject]
            sealed = sealer.seal(
                leaves[leaf - first],
                epoch=lease.epoch,
                leaf=leaf,
                record=record_id(one.seq),
                part=part,
                nonce=os.urandom(NONCE_BYTES),
                plaintext=pack_part(fields),
            )
            parts.append((leaf, sealed))
            digests += [(digest, int(part)) for digest in part_digests(indexer, part, fields)]
        yield _Sealed(one, lease.first_record + place, tuple(parts), tuple(digests))


def _point(family: Family, one: _Sealed, epoch: int) -> bool:
    """Let the record lead to its new place, unless somebody moved or removed it meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {family.records} SET epoch = %s, record_no = %s"
            " WHERE seq = %s AND epoch = %s AND record_no = %s",
            [epoch, one.record_no, one.lying.seq, one.lying.epoch, one.lying.record_no],
        )
        return bool(cursor.rowcount)


def _insert(family: Family, epoch: int, sealed: Sequence[_Sealed]) -> None:
    bulk.insert(
        family.sealed,
        ("epoch", "leaf", "sealed"),
        ("int8", "int8", "bytea"),
        [(epoch, leaf, part) for one in sealed for leaf, part in one.parts],
    )
    bulk.insert(
        "vault_digest",
        ("epoch", "digest", "seq", "part"),
        ("int8", "bytea", "int8", "int2"),
        sorted((epoch, digest, one.lying.seq, part) for one in sealed for digest, part in set(one.digests)),
    )


def _journal(
    run: str, epoch: int, sealed: Sequence[_Sealed], causes: Mapping[int, Cause], now: datetime
) -> None:
    Reseal.objects.bulk_create(
        [
            Reseal(
                seq=one.lying.seq,
                run=run,
                cause=causes[one.lying.seq],
                from_epoch=one.lying.epoch,
                from_record=one.lying.record_no,
                to_epoch=epoch,
                to_record=one.record_no,
                retention=one.lying.retention,
                day=one.lying.day,
                at=now,
            )
            for one in sealed
        ],
        batch_size=_BATCH,
    )
