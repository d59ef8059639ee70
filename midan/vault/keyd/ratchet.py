"""The ratchet: a new generation for every keeper, every state wrapped anew, and only then the old one erased.

1. A number is claimed, and who is about to get it, durably: no number ever stands for two secrets.
2. The new generation goes to every keeper in reach.
3. One transaction re-wraps all states and company secrets, writes the pack under the new generation to the keepers
   and reads it back, and commits.
4. Each keeper that has new secret and pack erases what is older, and that is logged as its receipt; not before every
   standby has replayed the new states.
Before all that: no restore reads keys, and every record carried out of an epoch is in a verified backup.
Killed before 3 commits, the database still stands on the old generation, which every keeper still has; killed after,
on the new one, which the keepers in reach have. `settle` does what of 4 is left, now or whenever a keeper is back.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from time import perf_counter

from django.db import connection, transaction

from midan.audit.services import record
from midan.catalog import settings
from midan.core.actor import Actor
from midan.store import bulk
from midan.vault.errors import KeeperUnreachable, RatchetRunning
from midan.vault.events import Act
from midan.vault.keyd import packing, shares, stored, waiting, wrapping
from midan.vault.keyd.interface import Receipt, Rotation, Settled
from midan.vault.keyd.keeper import Keeper
from midan.vault.keyd.keepers import Keepers
from midan.vault.keyd.pack import pack_name
from midan.vault.keyd.ring import Keyring
from midan.vault.models import CompanySecret


def rotate(*, ring: Keyring, keepers: Keepers, actor: Actor, now: datetime) -> Rotation:
    """Turn the ratchet once; RatchetRunning, OldKeysNeeded, KeeperUnreachable when no keeper takes the new one."""
    began = perf_counter()
    with _alone(), waiting.nobody_needs_old_keys():
        number = _claim(keepers, now)
        new = wrapping.Generation(number, os.urandom(wrapping.SECRET_BYTES))
        reached = list(filter(shares.in_reach, keepers))
        # A passphrase takes a quarter of a second and leaves a core free: time to wrap what is unlikely to change.
        with ThreadPoolExecutor(1) as beside:
            giving = beside.submit(_give, reached, new)
            ahead = _wrap(ring, new, {})
            given = giving.result()
        epochs = _turn(ring, given, new, ahead, actor, now)
        settled = _settle(ring, keepers, actor, now)
    return Rotation(
        generation=number,
        receipts=settled.receipts,
        pending=settled.pending,
        epochs=epochs,
        seconds=round(perf_counter() - began, 3),
    )


def settle(*, ring: Keyring, keepers: Keepers, actor: Actor, now: datetime) -> Settled:
    """Bring every keeper in reach up to date and let it erase what it owes; RatchetRunning, OldKeysNeeded."""
    with _alone(), waiting.nobody_needs_old_keys():
        return _settle(ring, keepers, actor, now)


@contextmanager
def _alone() -> Iterator[None]:
    """One ratchet a home at a time; the kernel drops the lock with the process, however that ends."""
    folder = settings.current().keys
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / ".ratchet.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise RatchetRunning from None
    finally:
        os.close(handle)


def _claim(keepers: Keepers, now: datetime) -> int:
    """Take the next number, and write down beforehand who is about to hold it."""
    with transaction.atomic(durable=True):
        identity = stored.hold_keys()
        shares.know(keepers, identity.generation, now)
        number = identity.claimed + 1
        with connection.cursor() as cursor:
            cursor.execute("UPDATE vault_identity SET claimed = %s", [number])
        for keeper in keepers:
            if shares.in_reach(keeper):
                shares.given(keeper, number, now)
    return number


def _give(reached: Sequence[Keeper], generation: wrapping.Generation) -> list[Keeper]:
    """Give the new generation to the keepers in reach and return them; each file is read back as it is written."""
    given: list[Keeper] = []
    refused: KeeperUnreachable | None = None
    for keeper in reached:
        try:
            keeper.create(generation)
            given.append(keeper)
        except KeeperUnreachable as error:
            refused = error
    if not given:
        raise refused or KeeperUnreachable("MIDAN_KEEPERS", "silent")
    return given


def _wrap(
    ring: Keyring, new: wrapping.Generation, ahead: Mapping[int, tuple[stored.StateRow, bytes]]
) -> dict[int, tuple[stored.StateRow, bytes]]:
    """Return every state with its key wrapped anew; what was done ahead serves where the row is still the same."""
    found = {}
    for row in stored.states(None).values():
        done = ahead.get(row.epoch)
        if done is None or done[0] != row:
            key = wrapping.open_state(ring.of(row.generation), row.epoch, row.version, row.wrapped)
            done = row, wrapping.seal_state(new, row.epoch, row.version, key, os.urandom)
        found[row.epoch] = done
    return found


def _store(wrapped: Mapping[int, bytes], generation: int) -> None:
    """Put the wrapped keys in their rows: on PostgreSQL in one statement, whose trigger so fires once."""
    with connection.cursor() as cursor:
        if bulk.is_postgres():
            cursor.execute(
                "UPDATE vault_state s SET wrapped = k.wrapped, generation = %s"
                " FROM unnest(%s::int8[], %s::bytea[]) AS k(epoch, wrapped) WHERE s.epoch = k.epoch",
                [generation, list(wrapped), list(wrapped.values())],
            )
            return
        cursor.executemany(
            "UPDATE vault_state SET wrapped = %s, generation = %s WHERE epoch = %s",
            [(sealed, generation, epoch) for epoch, sealed in wrapped.items()],
        )


def _turn(  # noqa: PLR0913, PLR0917  (what was prepared, and for whom)
    ring: Keyring,
    given: list[Keeper],
    new: wrapping.Generation,
    ahead: Mapping[int, tuple[stored.StateRow, bytes]],
    actor: Actor,
    now: datetime,
) -> int:
    """Wrap everything anew and publish the pack, in one transaction; return how many epochs."""
    with transaction.atomic(durable=True):
        old = ring.of(stored.hold_keys().generation)
        wrapped = {epoch: sealed for epoch, (_, sealed) in _wrap(ring, new, ahead).items()}
        _store(wrapped, new.number)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE vault_identity SET generation = %s, unratcheted = 0", [new.number])
        for name, sealed in CompanySecret.objects.values_list("name", "wrapped"):
            secret = wrapping.open_company_secret(old, name, bytes(sealed))
            CompanySecret.objects.filter(name=name).update(
                wrapped=wrapping.seal_company_secret(new, name, secret, os.urandom), generation=new.number
            )
        record(
            actor=actor,
            act=Act.KEYS_ROTATED,
            object=f"generation:{new.number}",
            clause="L6.1",
            count=len(wrapped),
            details={"from": old.number, "keepers": len(given)},
            at=now,
        )
        packing.publish(given, new)
    ring.turn(new, wrapped)
    return len(wrapped)


def _settle(ring: Keyring, keepers: Keepers, actor: Actor, now: datetime) -> Settled:
    with transaction.atomic(durable=True):
        # What the database stands on, not what this process turned to: a standby may have taken over meanwhile.
        current = stored.hold_keys().generation
        shares.know(keepers, current, now)
    whole = _bring_up_to_date(ring, keepers, now)
    owing = shares.pending(current)
    behind = ring.standbys.wait(current) if owing else ()
    receipts: list[Receipt] = []
    for keeper in () if behind else whole:
        try:
            receipts += _erase_older(keeper, current, actor, now)
        except KeeperUnreachable:
            continue  # it stays pending, and says so
    return Settled(receipts=tuple(receipts), pending=(*shares.pending(current), *behind))


def _bring_up_to_date(ring: Keyring, keepers: Keepers, now: datetime) -> list[Keeper]:
    """Return the keepers that have present generation and newest pack, after giving them to those that lack them."""
    identity = stored.identity()
    generation = ring.of(identity.generation if identity else ring.generation.number)
    whole: list[Keeper] = []
    behind = False
    for keeper in keepers:
        try:
            if not shares.in_reach(keeper):
                continue
            if generation.number not in keeper.held():
                with transaction.atomic(durable=True):
                    shares.given(keeper, generation.number, now)
                keeper.create(generation)
            newest = dict(packing.counters(keeper)).get(generation.number, -1)
            behind = behind or identity is None or newest != identity.pack_counter or newest == 0
            whole.append(keeper)
        except KeeperUnreachable:
            continue
    if not behind or not whole:
        return whole
    with transaction.atomic(durable=True):
        stored.hold_keys()
        taken = packing.publish(whole, generation)
    return [keeper for keeper in whole if keeper.name in taken]


def _erase_older(keeper: Keeper, current: int, actor: Actor, now: datetime) -> list[Receipt]:
    """Let a keeper forget every other generation, and keep its receipt with a log entry, one transaction each."""
    receipts = []
    for number in sorted({*keeper.held(), *shares.owed(keeper.name)} - {current}):
        how = keeper.erase(number) if number in keeper.held() else "was_not_there"
        keeper.packs.drop(pack_name(number))
        receipt = Receipt(
            keeper=keeper.name,
            kind=keeper.kind,
            generation=number,
            at=now,
            how=how,
            best_effort=keeper.best_effort,
        )
        with transaction.atomic(durable=True):
            shares.erased(receipt)
            record(
                actor=actor,
                act=Act.KEEPER_ERASED,
                object=f"keeper:{keeper.name}",
                reason=how,
                clause="L6.1",
                details={"generation": number, "kind": keeper.kind, "best_effort": int(keeper.best_effort)},
                at=now,
            )
        receipts.append(receipt)
    return receipts
