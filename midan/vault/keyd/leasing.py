"""Blocks of records never used before: keyd moves the mark itself, so that no caller can name a block of its choice.

No block reaches beyond the mark that stands in the last key pack: a restore from that pack knows what may be in use.
"""

import os
from datetime import date
from typing import Final

from django.db import connection, transaction

from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.keytree import RECORD_BITS
from midan.vault import partitions
from midan.vault.errors import EpochDestroyed, EpochFull
from midan.vault.events import Act
from midan.vault.keyd import packing, stored, wrapping
from midan.vault.keyd.keepers import Keepers
from midan.vault.keyd.ring import Keyring
from midan.vault.models import LIVE, Epoch, FrontierRow, State

_CAPACITY: Final = 1 << RECORD_BITS
_STEP: Final = 1 << 16


def take(  # noqa: PLR0913  (which epoch, how many, with which keys)
    ring: Keyring, keepers: Keepers, *, retention: str, day: date, due: date, records: int
) -> tuple[int, int]:
    """Reserve a block durably and return its epoch and first record; EpochDestroyed, EpochFull.

    A process killed afterwards burns the block. RuntimeError inside a transaction, ValueError for an impossible count.
    """
    if not 0 < records <= _CAPACITY:
        raise ValueError("a block holds 1 to 2^30 records")
    with transaction.atomic(durable=True):
        taken = _advance(retention, day, records)
    if taken is not None:
        return taken
    # Before the epoch, in a transaction of its own: the lock it takes is not kept while keepers write.
    partitions.make_ahead(1)
    with transaction.atomic(durable=True):
        identity = stored.hold_keys()
        generation = ring.of(identity.generation)
        existing = Epoch.objects.filter(retention=retention, day=day).first()
        if existing is None:
            _open_epoch(generation, identity.next_epoch, retention, day, due)
        elif existing.state != LIVE:
            raise EpochDestroyed(existing.number)
        _raise_mark(retention, day, records)
        taken = _advance(retention, day, records)
        if taken is None:
            raise EpochFull(Epoch.objects.get(retention=retention, day=day).number)
        packing.publish(keepers, generation)
    return taken


def _advance(retention: str, day: date, records: int) -> tuple[int, int] | None:
    """Move the high-water mark in one statement, so that two processes can never read the same mark."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_epoch SET next_record = next_record + %s"
            " WHERE retention = %s AND day = %s AND state = %s AND next_record <= mark - %s"
            " RETURNING id, next_record",
            [records, retention, connection.ops.adapt_datefield_value(day), LIVE, records],
        )
        row = cursor.fetchone()
    return (row[0], row[1] - records) if row else None


def _raise_mark(retention: str, day: date, records: int) -> None:
    """Move the mark of the key pack to the next multiple of 65,536 above what is asked for, once it is needed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_epoch SET mark = CASE WHEN next_record + %s < %s"
            f" THEN ((next_record + %s) / {_STEP} + 1) * {_STEP} ELSE %s END"
            " WHERE retention = %s AND day = %s AND next_record > mark - %s",
            [
                records,
                _CAPACITY - _STEP,
                records,
                _CAPACITY,
                retention,
                connection.ops.adapt_datefield_value(day),
                records,
            ],
        )


def _open_epoch(generation: wrapping.Generation, number: int, retention: str, day: date, due: date) -> None:
    """Make the epoch; the caller holds the keys, so nobody else does."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vault_identity SET next_epoch = %s", [number + 1])
    state = wrapping.new_epoch(generation, number, os.urandom)
    Epoch.objects.create(number=number, retention=retention, day=day, due=due)
    State.objects.create(
        epoch=number,
        version=state.version,
        generation=state.generation,
        wrapped=state.wrapped,
        index_secret=state.index_secret,
    )
    for node in state.frontier:
        FrontierRow.objects.create(epoch=number, depth=node.depth, prefix=node.prefix, sealed=node.sealed)
    record(
        actor=Actor.system("vault"),
        act=Act.EPOCH_OPENED,
        object=f"epoch:{number}",
        clause="L2.1",
        details={"retention": retention, "day": day.isoformat(), "due": due.isoformat()},
    )
