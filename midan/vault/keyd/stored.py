"""The rows keyd reads: wrapped states, frontiers, company secrets, spent grants."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import connection, transaction

from midan.store import bulk
from midan.vault.keyd.interface import SealedNode

_SPENT_KEPT: Final = timedelta(days=1)
# Beyond this many epochs reading all is cheaper than naming them.
_NAMED: Final = 64


class StateRow(NamedTuple):
    epoch: int
    version: int
    generation: int
    wrapped: bytes
    index_secret: bytes


def state_tag() -> bytes:
    """Return the tag that changes with every state and company secret; empty when there is none to trust."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tag FROM vault_tag")
        row = cursor.fetchone()
    return bytes(row[0]) if row else b""


def wrapped_states(epochs: Collection[int] | None) -> list[tuple[int, bytes]]:
    """Return (epoch, wrapped state) of these live epochs, or of all: what a cached key is held against."""
    if epochs is not None:
        return [(row.epoch, row.wrapped) for row in states(epochs).values()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT epoch, wrapped FROM vault_state")
        found: list[tuple[int, bytes]] = cursor.fetchall()
    return found


def states(epochs: Collection[int] | None) -> dict[int, StateRow]:
    """Return the states of these live epochs, or of all; a destroyed epoch has none."""
    statement = "SELECT epoch, version, generation, wrapped, index_secret FROM vault_state"
    named = epochs is not None and len(epochs) <= _NAMED
    if epochs is not None and named:
        if not epochs:
            return {}
        statement += f" WHERE epoch IN ({', '.join(['%s'] * len(epochs))})"
    with connection.cursor() as cursor:
        cursor.execute(statement, list(epochs) if epochs is not None and named else None)
        rows = cursor.fetchall()
    wanted = None if epochs is None or named else set(epochs)
    return {
        row[0]: StateRow(row[0], row[1], row[2], bytes(row[3]), bytes(row[4]))
        for row in rows
        if wanted is None or row[0] in wanted
    }


def frontiers(epochs: Collection[int]) -> dict[int, list[SealedNode]]:
    """Return the sealed frontier rows of each epoch."""
    found: dict[int, list[SealedNode]] = defaultdict(list)
    rows = bulk.select_keys(
        "SELECT f.epoch, f.depth, f.prefix, f.sealed FROM {keys} JOIN vault_frontier f ON f.epoch = k.c1",
        ("int8",),
        [(epoch,) for epoch in epochs],
    )
    for epoch, depth, prefix, sealed in rows:
        found[epoch].append(SealedNode(depth, prefix, bytes(sealed)))
    return found


def company_id() -> bytes | None:
    """Return the company id, None before initialise."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT company_id FROM vault_identity")
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


def company_secret(name: str) -> bytes | None:
    """Return the sealed bytes of one company secret."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT wrapped FROM vault_secret WHERE name = %s", [name])
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


def spend(entry_id: str, now: datetime) -> bool:
    """Commit that this grant is used up; return False when it already was, in this process or another.

    RuntimeError inside a transaction: a use that can be rolled back is no use.
    """
    with _unhurried(), transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            if bulk.is_postgres():
                cursor.execute("SET LOCAL synchronous_commit = off")
            cursor.execute(
                "DELETE FROM vault_spent WHERE spent_at < %s",
                [connection.ops.adapt_datetimefield_value(now - _SPENT_KEPT)],
            )
        taken = bulk.insert_new(
            "vault_spent", ("entry_id", "spent_at"), ("text", "timestamptz"), [(entry_id, now)]
        )
        return taken == 1


@contextmanager
def _unhurried() -> Iterator[None]:
    """Commit without waiting for the disk: others see it at once, and only a power cut may undo it.

    A grant lives in memory for at most a minute, so it dies in that power cut too. The entry it rests on was
    committed the slow way before.
    """
    if bulk.is_postgres() or connection.in_atomic_block:  # inside a transaction it cannot be changed
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous = FULL")
