"""The rows keyd reads: wrapped states, frontiers, company secrets."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from django.db import connection

from midan.core.blind import DIGEST_LENGTH
from midan.core.keytree import LEAVES_PER_RECORD
from midan.core.parts import PartCode
from midan.store import bulk
from midan.vault.errors import VaultNotInitialised
from midan.vault.keyd.interface import SealedNode, SealedPart
from midan.vault.rules import ALL_PARTS, FAMILIES, STANDARD, Family, record_id

_LEAF_BITS: Final = 32
_FIRST: Final = f"(k.c1 & {(1 << _LEAF_BITS) - 1})"
_PLACES_AT: Final = (
    f"SELECT p.epoch, p.leaf FROM {{keys}} JOIN {{sealed}} p ON p.epoch = (k.c1 >> {_LEAF_BITS})"
    f" AND p.leaf >= {_FIRST} AND p.leaf < {_FIRST} + 4"
)
_PARTS_AT: Final = _PLACES_AT.replace("p.leaf FROM", "p.leaf, p.sealed FROM")
# Beyond this many epochs reading all is cheaper than naming them.
_NAMED: Final = 64


_FIND: Final = "SELECT d.seq, d.part FROM {keys} JOIN vault_digest d ON d.epoch = k.c1 AND d.digest = k.c2"
_FIND_TYPES: Final = ("int8", "bytea")
# Of one epoch, named in the statement: planned once, it leads to one index. A join with a table of keys compares every
# key with every partition instead. 1,100 epochs: 6.5 ms of the server's processor time against 14 ms, 0.5 of ours against 4.
_FIND_IN: Final = (
    "SELECT seq, part FROM vault_digest WHERE epoch = {epoch} AND digest = substr($1, {first}, {size})"
)
# Epochs a statement: a search asks every partition, and the server's table of locks is not boundless.
_SPAN: Final = 256


_PARTS: Final = (
    "SELECT r.seq, p.epoch, p.leaf, p.sealed FROM {keys}"
    " JOIN {records} r ON r.seq = k.c1"
    " JOIN {sealed} p ON p.epoch = r.epoch"
    f" AND p.leaf >= r.record_no * {LEAVES_PER_RECORD}"
    f" AND p.leaf < r.record_no * {LEAVES_PER_RECORD} + {LEAVES_PER_RECORD}"
)


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


def records(seqs: Collection[int], family: Family = STANDARD) -> list[tuple[int, int, int]]:
    """Return (seq, epoch, record number) of those orders that have a record in this family."""
    statement = f"SELECT r.seq, r.epoch, r.record_no FROM {{keys}} JOIN {family.records} r ON r.seq = k.c1"
    return [
        (row[0], row[1], row[2]) for row in bulk.select_keys(statement, ("int8",), [(seq,) for seq in seqs])
    ]


def parts_at(places: Collection[tuple[int, int]], family: Family) -> list[tuple[int, int, bytes]]:
    """Return (epoch, leaf, sealed) of every part of this family stored at these (epoch, record number)."""
    return [(epoch, leaf, bytes(sealed)) for epoch, leaf, sealed in _at(_PARTS_AT, places, family)]


def _at(statement: str, places: Collection[tuple[int, int]], family: Family) -> Iterator[bulk.Row]:
    statement = statement.replace("{sealed}", family.sealed)
    # PostgreSQL opens the partitions of the epochs that stand in the statement itself, and no others.
    named = ", ".join(str(epoch) for epoch in sorted({epoch for epoch, _ in places}))
    return bulk.select_keys(
        f"{statement} WHERE p.epoch IN ({named})",
        ("int8",),
        [(epoch << _LEAF_BITS | record * 4,) for epoch, record in places],
    )


def company_id() -> bytes | None:
    """Return the company id, None before initialise."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT company_id FROM vault_identity")
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


class Identity(NamedTuple):
    company: bytes
    next_epoch: int
    generation: int
    claimed: int
    pack_counter: int
    unratcheted: int


def identity() -> Identity | None:
    """Return the one row of this vault, None before initialise."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT company_id, next_epoch, generation, claimed, pack_counter, unratcheted FROM vault_identity"
        )
        row = cursor.fetchone()
    return Identity(bytes(row[0]), *row[1:]) if row else None


def hold_keys() -> Identity:
    """Take the row under which keys change, for the rest of the transaction, and return it; VaultNotInitialised."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vault_identity SET claimed = claimed")
    row = identity()
    if row is None:
        raise VaultNotInitialised
    return row


def company_secret(name: str) -> tuple[int, bytes] | None:
    """Return the generation and the sealed bytes of one company secret."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT generation, wrapped FROM vault_secret WHERE name = %s", [name])
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else None


def occurrences_of(digests: Sequence[tuple[int, bytes]]) -> list[tuple[int, int]]:
    """Return (sequence, part code) of every record that has one of these digests."""
    if not bulk.is_postgres():
        return list(set(bulk.select_keys(_FIND, _FIND_TYPES, digests)))
    found: set[tuple[int, int]] = set()
    spans: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
    for epoch, digest in digests:
        spans[epoch // _SPAN].append((epoch, digest))
    for keys in spans.values():
        statement = " UNION ALL ".join(
            _FIND_IN.format(epoch=epoch, first=place * DIGEST_LENGTH + 1, size=DIGEST_LENGTH)
            for place, (epoch, _) in enumerate(keys)
        )
        found.update(bulk.select_prepared(statement, [b"".join(digest for _, digest in keys)]))
    return list(found)


def sealed_parts(seqs: Sequence[int], parts: Collection[PartCode] = ALL_PARTS) -> list[SealedPart]:
    """Return the stored parts of these orders, sealed; only those asked for, and only their tables are read."""
    wanted = tuple(dict.fromkeys(seqs))
    return [
        row
        for family in FAMILIES
        if not family.parts.isdisjoint(parts)
        for row in _sealed_parts(family, wanted)
        if row.part in parts
    ]


def _sealed_parts(family: Family, seqs: Collection[int]) -> Iterator[SealedPart]:
    for seq, epoch, leaf, sealed in _rows(family, seqs):
        part = family.part(leaf)
        if part is not None:
            yield SealedPart(epoch, leaf, record_id(seq), part, bytes(sealed))


def _rows(family: Family, seqs: Collection[int]) -> Iterator[bulk.Row]:
    if not bulk.is_postgres():
        statement = _PARTS.replace("{records}", family.records).replace("{sealed}", family.sealed)
        yield from bulk.select_keys(statement, ("int8",), [(seq,) for seq in seqs])
        return
    # The places first: only then can the statement name its partitions.
    at = {(epoch, record_no): seq for seq, epoch, record_no in records(seqs, family)}
    for epoch, leaf, sealed in parts_at(at.keys(), family):
        yield at[epoch, leaf // LEAVES_PER_RECORD], epoch, leaf, sealed


def parts_of(seqs: Sequence[int]) -> list[tuple[int, int, PartCode]]:
    """Return (epoch, leaf, part) of every part of these orders that is stored, without reading its bytes."""
    found = []
    for family in FAMILIES:
        at = {(epoch, record_no) for _, epoch, record_no in records(dict.fromkeys(seqs), family)}
        for epoch, leaf in _at(_PLACES_AT, at, family):
            part = family.part(leaf)
            if part is not None:
                found.append((epoch, leaf, part))
    return found


def in_transaction() -> bool:
    """Return whether what this connection sees could still be rolled back."""
    return connection.in_atomic_block
