"""Blocks of records never used before: keyd moves the mark itself, so that no caller can name a block of its choice."""

import os
from datetime import date
from typing import Final

from django.db import connection, transaction

from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.keytree import RECORD_BITS
from midan.vault.errors import EpochDestroyed, EpochFull, VaultNotInitialised
from midan.vault.events import Act
from midan.vault.keyd import wrapping
from midan.vault.models import LIVE, Epoch, FrontierRow, State

_CAPACITY: Final = 1 << RECORD_BITS


def take(
    generation: wrapping.Generation, *, retention: str, day: date, due: date, records: int
) -> tuple[int, int]:
    """Reserve a block durably and return its epoch and first record; EpochDestroyed, EpochFull.

    A process killed afterwards burns the block. RuntimeError inside a transaction, ValueError for an impossible count.
    """
    if not 0 < records <= _CAPACITY:
        raise ValueError("a block holds 1 to 2^30 records")
    with transaction.atomic(durable=True):
        taken = _advance(retention, day, records)
        if taken is None:
            _open_epoch(generation, retention, day, due)
            taken = _advance(retention, day, records)
        if taken is None:
            raise EpochFull(Epoch.objects.get(retention=retention, day=day).number)
    return taken


def _advance(retention: str, day: date, records: int) -> tuple[int, int] | None:
    """Move the high-water mark in one statement, so that two processes can never read the same mark."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_epoch SET next_record = next_record + %s"
            " WHERE retention = %s AND day = %s AND state = %s AND next_record <= %s"
            " RETURNING id, next_record",
            [records, retention, connection.ops.adapt_datefield_value(day), LIVE, _CAPACITY - records],
        )
        row = cursor.fetchone()
    return (row[0], row[1] - records) if row else None


def _open_epoch(generation: wrapping.Generation, retention: str, day: date, due: date) -> None:
    """Make the epoch unless it exists; whoever comes second waits for the first at the number's row."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vault_identity SET next_epoch = next_epoch + 1 RETURNING next_epoch")
        row = cursor.fetchone()
    if row is None:
        raise VaultNotInitialised
    existing = Epoch.objects.filter(retention=retention, day=day).first()
    if existing is not None:
        if existing.state != LIVE:
            raise EpochDestroyed(existing.number)
        return
    number = row[0] - 1
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
