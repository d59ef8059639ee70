"""What follows from the parts and the keys of the present: digests are made anew, what was destroyed leaves.

Every step may be run again: digests that are there stay, rows that are gone are gone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from midan.audit.services import commit_read
from midan.core.actor import Actor
from midan.store import bulk
from midan.vault.errors import PartDamaged
from midan.vault.events import Act
from midan.vault.keyd.interface import SealedPart
from midan.vault.keyd.local import LocalKeyd
from midan.vault.keyd.stored import sealed_parts
from midan.vault.models import DESTROYED, LIVE, Epoch, IdentityPart, IdentityRecord, Part, Record
from midan.vault.rules import IDENTITY, STANDARD, Family

_BATCH: Final = 1_000
OnRecords = Callable[[int], None]


@dataclass(slots=True, kw_only=True)
class Rebuilt:
    """What became of the set's records, those of identity numbers among them.

    `destroyed` counts those of which nothing is left, `parts` every part gone.

    `damaged` parts have a key and do not open: they stay as they are and are found by nothing.
    """

    records: int = 0
    destroyed: int = 0
    parts: int = 0
    digests: int = 0
    damaged: int = 0


def rebuild(keyd: LocalKeyd, *, actor: Actor, now: datetime, on_records: OnRecords | None = None) -> Rebuilt:
    """Drop what has no key, and store the digests of what has. The keys of the present are in their tables."""
    found = Rebuilt()
    entry = commit_read(
        actor=actor,
        act=Act.DIGESTS_REBUILT,
        object="vault:digests",
        outcome="allowed",
        purpose="restore",
        clause="L2.3",
        at=now,
    )
    for family, model in ((STANDARD, Record), (IDENTITY, IdentityRecord)):
        for seqs in _records(model):
            _rebuild_some(keyd, entry, family, seqs, found)
            if on_records:
                on_records(found.records)
    # What no record pointed to any more.
    dead = Epoch.objects.filter(state=DESTROYED).values("number")
    for part in (Part, IdentityPart):
        part.objects.filter(epoch__in=dead).delete()
    return found


def close_epochs(live: Sequence[int]) -> int:
    """Mark every epoch destroyed that the keys of the present do not know; return how many."""
    return Epoch.objects.filter(state=LIVE).exclude(number__in=list(live)).update(state=DESTROYED)


def _records(model: type[Record] | type[IdentityRecord]) -> Iterator[list[int]]:
    last = -1
    while True:
        seqs = list(model.objects.filter(seq__gt=last).order_by("seq").values_list("seq", flat=True)[:_BATCH])
        if not seqs:
            return
        yield seqs
        last = seqs[-1]


def _rebuild_some(keyd: LocalKeyd, entry: str, family: Family, seqs: list[int], found: Rebuilt) -> None:
    rows = sealed_parts(seqs, family.parts)
    gone: list[SealedPart] = []
    digests: list[tuple[int, bytes, int, int]] = []
    alive: set[int] = set()
    for row, made in zip(rows, _digests(keyd, entry, rows, found), strict=True):
        if made is None:
            gone.append(row)
            continue
        seq = int.from_bytes(row.record)
        alive.add(seq)
        digests += ((row.epoch, digest, seq, int(row.part)) for digest in made)
    dead = [seq for seq in seqs if seq not in alive]
    with transaction.atomic():
        found.digests += bulk.insert_new(
            "vault_digest",
            ("epoch", "digest", "seq", "part"),
            ("int8", "bytea", "int8", "int2"),
            sorted(set(digests)),
        )
        _delete_parts(family, gone)
        _delete_records(family, dead)
    found.records += len(seqs)
    found.parts += len(gone)
    found.destroyed += len(dead)


def _digests(
    keyd: LocalKeyd, entry: str, rows: list[SealedPart], found: Rebuilt
) -> list[tuple[bytes, ...] | None]:
    try:
        return keyd.digests_of(rows, entry_id=entry)
    except PartDamaged:
        if len(rows) == 1:
            found.damaged += 1
            return [()]
    middle = len(rows) // 2
    return [
        *_digests(keyd, entry, rows[:middle], found),
        *_digests(keyd, entry, rows[middle:], found),
    ]


def _delete_parts(family: Family, rows: Sequence[SealedPart]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM {family.sealed} WHERE epoch = %s AND leaf = %s",
            [(row.epoch, row.leaf) for row in rows],
        )


def _delete_records(family: Family, seqs: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {family.records} WHERE seq = %s", [(seq,) for seq in seqs])
