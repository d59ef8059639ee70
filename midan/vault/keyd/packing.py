"""Write the key pack of this moment to every keeper, and take the newest one back from them.

A pack is published inside the transaction whose effect it holds, as its last step: what a keeper has is never behind
what is committed. A crash in between leaves a pack that is ahead of the database by one act, which is harmless: that
act destroys nothing but what its warrant names, and the next pack has a higher counter.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from midan.core import sm
from midan.core.errors import MidanError
from midan.vault.errors import KeeperUnreachable, PackDamaged, VaultLocked, VaultNotInitialised
from midan.vault.keyd import pack as packs
from midan.vault.keyd import stored
from midan.vault.keyd.interface import SealedNode
from midan.vault.keyd.keeper import Keeper
from midan.vault.keyd.pack import Pack, PackedEpoch
from midan.vault.keyd.wrapping import Generation

_EPOCHS = (
    "SELECT e.id, e.retention, e.day, e.due, e.mark, s.version, s.wrapped, s.index_secret, s.frontier"
    " FROM vault_epoch e JOIN vault_state s ON s.epoch = e.id ORDER BY e.id"
)
_INLINE = (
    "SELECT f.epoch, f.depth, f.prefix, f.sealed FROM vault_frontier f JOIN vault_state s ON s.epoch = f.epoch"
    " WHERE s.frontier IS NULL"
)


@dataclass(frozen=True, slots=True, repr=False)
class Recovered:
    """The newest pack the keepers of the present have, its generation, and where large frontiers lie."""

    generation: Generation
    pack: Pack
    keeper: str
    frontiers: dict[int, tuple[SealedNode, ...]]


def frontier_digest(rows: Sequence[SealedNode]) -> bytes | None:
    """Return the digest a frontier is filed under, None when it is small enough to lie in the pack itself."""
    if sum(len(row.sealed) for row in rows) <= packs.INLINE_BYTES:
        return None
    return sm.sm3(packs.frontier_bytes(rows))


def publish(keepers: Iterable[Keeper], generation: Generation) -> frozenset[str]:
    """Write the pack of what this transaction leaves behind and return the keepers that have it, read back.

    The caller holds the keys (`stored.hold_keys`). KeeperUnreachable when no keeper took it.
    """
    keepers = tuple(keepers)
    identity = stored.identity()
    if identity is None:
        raise VaultNotInitialised
    counter = 1 + max([identity.pack_counter, *map(newest_counter, keepers)])
    found = _read(identity, generation.number, counter)
    sealed = packs.seal(found, generation, os.urandom)
    needed = {packs.frontier_name(one.digest): one.number for one in found.epochs if one.digest is not None}
    taken: set[str] = set()
    refused: KeeperUnreachable | None = None
    for keeper in keepers:
        try:
            _give(keeper, packs.pack_name(generation.number), sealed, needed)
            taken.add(keeper.name)
        except KeeperUnreachable as error:
            refused = error
    if not taken:
        raise refused or KeeperUnreachable("MIDAN_KEEPERS", "silent")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vault_identity SET pack_counter = %s", [counter])
    return frozenset(taken)


def newest_counter(keeper: Keeper) -> int:
    """Return the counter of the newest pack at a keeper, 0 for none in reach."""
    return max((counter for _, counter in counters(keeper)), default=0)


def counters(keeper: Keeper) -> list[tuple[int, int]]:
    """Return (generation, counter) of every pack at a keeper, none when it does not answer."""
    try:
        names = [name for name in keeper.packs.names() if name.startswith("pack-")]
        heads = [keeper.packs.get(name, packs.HEAD_BYTES) for name in names]
    except KeeperUnreachable:
        return []
    found = []
    for head in heads:
        try:
            found.append(packs.head_of(head))
        except PackDamaged:
            continue
    return found


def named_epochs(keepers: Iterable[Keeper]) -> tuple[int, set[int]]:
    """Return how many packs lie at the keepers, and every epoch one of them names that opens with any secret they hold.

    For a drill: of what is destroyed there must be no key anywhere, in an old pack neither.
    """
    keepers = tuple(keepers)
    secrets = {}
    for keeper in keepers:
        for number in keeper.held():
            secrets[number] = keeper.read(number)
    packs_there, named = 0, set[int]()
    for keeper in keepers:
        for name in (name for name in keeper.packs.names() if name.startswith("pack-")):
            packs_there += 1
            data = keeper.packs.get(name)
            for secret in secrets.values():
                try:
                    named |= {epoch.number for epoch in packs.unseal(data, secret).epochs}
                except PackDamaged:
                    continue
    return packs_there, named


def recover(keepers: Iterable[Keeper]) -> Recovered:
    """Return the newest pack that opens under a generation its keeper, or another one, still holds.

    PackDamaged when there is none; the first keeper's refusal when no secret opens.
    """
    keepers = tuple(keepers)
    wanted = sorted(
        ((counter, generation, keeper) for keeper in keepers for generation, counter in counters(keeper)),
        key=lambda one: (-one[0], keepers.index(one[2])),
    )
    refused: MidanError | None = None
    for _, number, keeper in wanted:
        try:
            generation = _secret(keepers, number)
            pack = packs.unseal(keeper.packs.get(packs.pack_name(number)), generation)
            return Recovered(generation, pack, keeper.name, _frontiers(keepers, pack))
        except MidanError as error:
            refused = refused or error
    raise refused or PackDamaged("none")


def _secret(keepers: Sequence[Keeper], number: int) -> Generation:
    refused: MidanError | None = None
    for keeper in keepers:
        try:
            if number in keeper.held():
                return keeper.read(number)
        except MidanError as error:
            refused = refused or error
    raise refused or VaultLocked("密钥包所属的一代密钥不在任何保管处")


def _frontiers(keepers: Sequence[Keeper], pack: Pack) -> dict[int, tuple[SealedNode, ...]]:
    found = {one.number: one.frontier for one in pack.epochs if one.digest is None}
    for epoch in pack.epochs:
        if epoch.digest is not None:
            found[epoch.number] = _frontier(keepers, epoch.digest)
    return found


def _frontier(keepers: Sequence[Keeper], digest: bytes) -> tuple[SealedNode, ...]:
    for keeper in keepers:
        try:
            return packs.read_frontier(keeper.packs.get(packs.frontier_name(digest)), digest)
        except (KeeperUnreachable, PackDamaged):
            continue
    raise PackDamaged("frontier")


def _give(keeper: Keeper, name: str, sealed: bytes, needed: dict[str, int]) -> None:
    """Bring the large frontiers a keeper lacks, then the pack, then remove frontiers nobody needs any more."""
    keeper.held()  # KeeperUnreachable for a place that is away: nothing is written beside an empty mount point
    there = set(keeper.packs.names())
    for file, epoch in needed.items():
        if file not in there:
            rows = stored.frontiers((epoch,)).get(epoch, [])
            keeper.packs.replace(file, packs.frontier_bytes(rows))
    keeper.packs.replace(name, sealed)
    for file in there:
        if file.startswith("frontier-") and file not in needed:
            keeper.packs.drop(file)


def _read(identity: stored.Identity, generation: int, counter: int) -> Pack:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, wrapped FROM vault_secret ORDER BY name")
        secrets = tuple((name, bytes(wrapped)) for name, wrapped in cursor.fetchall())
        cursor.execute(_INLINE)
        inline: dict[int, list[SealedNode]] = defaultdict(list)
        for epoch, depth, prefix, sealed in cursor.fetchall():
            inline[epoch].append(SealedNode(depth, prefix, bytes(sealed)))
        cursor.execute(_EPOCHS)
        rows = cursor.fetchall()
    return Pack(
        company=identity.company,
        generation=generation,
        counter=counter,
        next_epoch=identity.next_epoch,
        secrets=secrets,
        epochs=tuple(
            PackedEpoch(
                number=number,
                retention=retention,
                day=_date(day),
                due=_date(due),
                version=version,
                mark=mark,
                wrapped=bytes(wrapped),
                index_secret=bytes(index),
                frontier=() if digest else tuple(inline[number]),
                digest=bytes(digest) if digest else None,
            )
            for number, retention, day, due, mark, version, wrapped, index, digest in rows
        ),
    )


def _date(value: date | str) -> date:
    """Return a day: SQLite gives raw SQL its text."""
    return value if isinstance(value, date) else date.fromisoformat(value)
