"""Destroy the keys of whole epochs, of records, of single parts: only under a warrant, all or nothing a step.

A step is one transaction: states, frontiers, digests, the entry, and last the key pack of what is left. Killed before
its end it has done nothing; run again it finds what is gone already and goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.entry import Entry
from midan.core.keyruns import Subtree
from midan.core.keytree import RECORD_BITS
from midan.core.warrant import Cut, Warrant
from midan.store import bulk
from midan.vault.errors import StateDamaged
from midan.vault.events import Act
from midan.vault.keyd import cutting, packing, stored, waiting, warrants
from midan.vault.keyd.interface import Destroyed, EpochState, Punctured
from midan.vault.keyd.keepers import Keepers
from midan.vault.keyd.ring import Keyring
from midan.vault.models import DESTROYED, LIVE, Epoch

# Cuts a transaction: writers wait for it, and each re-seals the frontiers it touches.
STEP: Final = 2_000
_TRIES: Final = 20


class _Overtaken(Exception):
    """Another process changed a state since it was read."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Who destroys, under which entry, and with what."""

    ring: Keyring
    keepers: Keepers
    actor: Actor
    entry: Entry

    def log(self, act: Act, *, count: int, details: dict[str, int]) -> None:
        record(
            actor=self.actor,
            act=act,
            object=f"entry:{self.entry.entry_id}",
            clause="L6.1",
            count=count,
            details=details,
        )


def destroy(  # noqa: PLR0913  (who, under what, which, when, and with which keys)
    *,
    ring: Keyring,
    keepers: Keepers,
    actor: Actor,
    warrant: Warrant,
    epochs: Sequence[int],
    now: datetime,
) -> Destroyed:
    """Drop the state, index secret and frontier of these epochs: the same few rows, whatever lies in them."""
    numbers = sorted(set(epochs))
    run = _Run(ring, keepers, actor, warrants.check(warrant, epochs=numbers, now=now))
    with transaction.atomic(durable=True):
        identity = stored.hold_keys()
        generation = ring.of(identity.generation)
        alive = Epoch.objects.select_for_update().filter(number__in=numbers, state=LIVE)
        rows = list(alive.values_list("number", "next_record"))
        records = sum(reserved for _, reserved in rows)
        if rows:
            warrants.check_holds(run.entry, epochs=numbers)
            waiting.check_saved([number for number, _ in rows])
            _drop([number for number, _ in rows])
            counts = {"records": records, "generation": identity.claimed}
            run.log(Act.EPOCHS_DESTROYED, count=len(rows), details=counts)
            packing.publish(keepers, generation)
    ring.forget(numbers)
    return Destroyed(epochs=len(rows), records=records, generation=identity.claimed)


def _drop(numbers: Sequence[int]) -> None:
    marks = ", ".join(["%s"] * len(numbers))
    with connection.cursor() as cursor:
        for table in ("vault_state", "vault_frontier"):
            cursor.execute(f"DELETE FROM {table} WHERE epoch IN ({marks})", numbers)
    _count_as_unratcheted()
    Epoch.objects.filter(number__in=numbers).update(state=DESTROYED)


def _count_as_unratcheted() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vault_identity SET unratcheted = unratcheted + 1")


def puncture(  # noqa: PLR0913  (as above)
    *,
    ring: Keyring,
    keepers: Keepers,
    actor: Actor,
    warrant: Warrant,
    cuts: Sequence[Cut],
    now: datetime,
) -> Punctured:
    """Take these records and parts out of their trees and delete the digests that lead to them."""
    run = _Run(ring, keepers, actor, warrants.check(warrant, cuts=cuts, now=now))
    places = cutting.places(cuts)
    lost: list[Subtree] = []
    for at in range(0, len(places), STEP):
        lost += _step(run, places[at : at + STEP])
    records = sum(depth == RECORD_BITS for depth, _ in lost)
    identity = stored.identity()
    claimed = identity.claimed if identity else 0
    return Punctured(records=records, parts=len(lost) - records, generation=claimed)


def _step(run: _Run, places: Sequence[cutting.Place]) -> list[Subtree]:
    for _ in range(_TRIES):
        prepared = cutting.prepare(run.ring, places)
        if not prepared.changes:
            return []
        try:
            _apply(run, prepared, [place.cut for place in places])
        except _Overtaken:
            continue
        run.ring.forget([change.state.epoch for change in prepared.changes])
        return [subtree for change in prepared.changes for subtree in change.lost]
    raise StateDamaged("overtaken")


def _apply(run: _Run, prepared: cutting.Prepared, cuts: Sequence[Cut]) -> None:
    with transaction.atomic(durable=True):
        identity = stored.hold_keys()
        generation = run.ring.of(identity.generation)
        epochs = [change.state.epoch for change in prepared.changes]
        list(Epoch.objects.select_for_update().filter(number__in=epochs).values_list("number"))
        warrants.check_holds(run.entry, cuts=cuts)
        for change in prepared.changes:
            if change.state.generation != generation.number:
                raise _Overtaken
            _replace(change.before, change.state)
        _delete_digests(prepared)
        _count_as_unratcheted()
        lost = [subtree for change in prepared.changes for subtree in change.lost]
        records = sum(depth == RECORD_BITS for depth, _ in lost)
        counts = {"records": records, "parts": len(lost) - records, "epochs": len(epochs)}
        run.log(Act.RECORDS_PUNCTURED, count=len(lost), details=counts | {"generation": identity.claimed})
        packing.publish(run.keepers, generation)


def _replace(before: bytes, state: EpochState) -> None:
    digest = packing.frontier_digest(state.frontier)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_state SET version = %s, generation = %s, wrapped = %s, index_secret = %s, frontier = %s"
            " WHERE epoch = %s AND wrapped = %s",
            [
                state.version,
                state.generation,
                state.wrapped,
                state.index_secret,
                digest,
                state.epoch,
                before,
            ],
        )
        if cursor.rowcount != 1:
            raise _Overtaken
        cursor.execute("DELETE FROM vault_frontier WHERE epoch = %s", [state.epoch])
    bulk.insert(
        "vault_frontier",
        ("epoch", "depth", "prefix", "sealed"),
        ("int8", "int2", "int8", "bytea"),
        [(state.epoch, node.depth, node.prefix, node.sealed) for node in state.frontier],
    )


def _delete_digests(prepared: cutting.Prepared) -> None:
    with connection.cursor() as cursor:
        if prepared.digests:
            cursor.executemany(
                "DELETE FROM vault_digest WHERE epoch = %s AND digest = %s AND seq = %s AND part = %s",
                prepared.digests,
            )
        for row in prepared.unread:  # parts that no longer opened: rare, and a walk through their epoch
            cursor.execute("DELETE FROM vault_digest WHERE epoch = %s AND seq = %s AND part = %s", row)
