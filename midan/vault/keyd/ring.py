"""The keys at hand: of epochs lately used and of the company, each only as fresh as the database says.

The database keeps one random tag that its own triggers renew with every change of a state or a company secret
(migration 0002). Keys unwrapped under the tag that still stands are good; any other tag, or none, sends us back to
the rows. So what another process punctured, re-keyed or destroyed stops opening here too, for one small read an act.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from threading import RLock
from typing import Final

from midan.core.blind import Indexer
from midan.vault.errors import StateDamaged, VaultNotInitialised
from midan.vault.keyd import stored, wrapping
from midan.vault.keyd.derivation import Derivation
from midan.vault.keyd.interface import SealedNode
from midan.vault.keyd.standbys import Standbys

# Some 2 KB an epoch: three years of two retention classes stay at hand.
_CACHED: Final = 4096


@dataclass(slots=True, repr=False)
class EpochKeys:
    """The keys of one live epoch, and the tag under which they were last found to be the epoch's own."""

    tag: bytes
    wrapped: bytes
    derivation: Derivation
    index_secret: bytes
    indexer: Indexer


class Keyring:
    """What the generation secret has unwrapped; after a ratchet `find` asks the keepers for the one that counts now."""

    def __init__(self, generation: wrapping.Generation, find: Callable[[int], wrapping.Generation]) -> None:
        self.generation = generation
        self.standbys = Standbys()
        self._find = find
        self._lock = RLock()
        self._epochs: OrderedDict[int, EpochKeys] = OrderedDict()
        self._all: tuple[bytes, tuple[int, ...]] = (b"", ())
        self._company: tuple[bytes, bytes] = (b"", b"")
        self._secrets: dict[str, tuple[bytes, bytes]] = {}

    def __repr__(self) -> str:
        return "<Keyring ••••>"

    def __len__(self) -> int:
        return len(self._epochs)

    def company(self, tag: bytes) -> bytes:
        """Return the company id."""
        if not tag or self._company[0] != tag:
            company = stored.company_id()
            if company is None:
                raise VaultNotInitialised
            self._company = tag, company
        return self._company[1]

    def secret(self, name: str, tag: bytes) -> bytes:
        """Return one secret of the company."""
        known = self._secrets.get(name)
        if not tag or known is None or known[0] != tag:
            sealed = stored.company_secret(name)
            if sealed is None:
                raise VaultNotInitialised
            known = tag, wrapping.open_company_secret(self.of(sealed[0]), name, sealed[1])
            self._secrets[name] = known
        return known[1]

    def of(self, number: int) -> wrapping.Generation:
        """Return the generation of this number, which is at hand unless somebody turned the ratchet."""
        held = self.generation
        if held.number != number:
            held = self.generation = self._find(number)
        return held

    def turn(self, generation: wrapping.Generation, wrapped: Mapping[int, bytes]) -> None:
        """Go over to the next generation: the state keys are the same, only wrapped anew."""
        with self._lock:
            self.generation = generation
            for epoch, keys in self._epochs.items():
                keys.wrapped = wrapped.get(epoch, keys.wrapped)

    def forget(self, epochs: Collection[int]) -> None:
        """Let go of the keys of these epochs now, rather than when the next question finds them changed."""
        with self._lock:
            for epoch in epochs:
                self._epochs.pop(epoch, None)
            self._all = b"", ()

    def refresh(self, tag: bytes) -> None:
        """Let go of every cached key that is not its epoch's own any more. `tag` was read just before."""
        with self._lock:
            if not tag or any(keys.tag != tag for keys in self._epochs.values()):
                alive = {epoch: bytes(wrapped) for epoch, wrapped in stored.wrapped_states(None)}
                for epoch, keys in tuple(self._epochs.items()):
                    if alive.get(epoch) == keys.wrapped:
                        keys.tag = tag
                    else:
                        del self._epochs[epoch]

    def epochs(self, wanted: Collection[int] | None, tag: bytes) -> dict[int, EpochKeys]:
        """Return the keys of those of the wanted epochs, or of all, that are alive. `tag` was read just before."""
        with self._lock:
            found = self._fresh(wanted, tag)
            if found is None:
                found = self._load(wanted, tag)
            if len(found) < len(self._epochs):  # a search over all of them says nothing about which to keep
                for epoch in found:
                    self._epochs.move_to_end(epoch)
            while len(self._epochs) > _CACHED:
                self._epochs.popitem(last=False)
        return found

    def _fresh(self, wanted: Collection[int] | None, tag: bytes) -> dict[int, EpochKeys] | None:
        """Return the keys if all of them were seen under this tag."""
        if not tag or (wanted is None and self._all[0] != tag):
            return None
        numbers = self._all[1] if wanted is None else wanted
        found = {epoch: keys for epoch in numbers if (keys := self._epochs.get(epoch)) and keys.tag == tag}
        return found if len(found) == len(numbers) else None

    def _load(self, wanted: Collection[int] | None, tag: bytes) -> dict[int, EpochKeys]:
        """Hold the cached keys against the rows and unwrap what is not cached."""
        alive = stored.wrapped_states(wanted)
        # Sealed bytes, no secret: comparing them in variable time tells nothing.
        cached = self._epochs
        missing = [
            epoch for epoch, wrapped in alive if epoch not in cached or cached[epoch].wrapped != wrapped
        ]
        # An epoch whose state went between the two reads is dead, whatever is cached of it.
        dead = set(missing) - self._unwrap(missing, tag)
        found = {epoch: cached[epoch] for epoch, _ in alive if epoch not in dead}
        for keys in found.values():
            keys.tag = tag
        if wanted is None:
            self._all = tag, tuple(found)
        return found

    def _unwrap(self, epochs: Collection[int], tag: bytes) -> set[int]:
        """Cache the keys of those epochs that have a state, and return which do."""
        if not epochs:
            return set()
        frontiers, states = stored.frontiers(epochs), stored.states(epochs)
        for epoch, row in states.items():
            try:
                self._epochs[epoch] = self._open(row, frontiers.get(epoch, ()), tag)
            except StateDamaged:
                # Unless it was re-sealed between the two reads.
                if stored.states((epoch,)).get(epoch) == row:
                    raise
                return self._unwrap(epochs, tag)
        return set(states)

    def _open(self, row: stored.StateRow, frontier: Collection[SealedNode], tag: bytes) -> EpochKeys:
        state_key = wrapping.open_state(self.of(row.generation), row.epoch, row.version, row.wrapped)
        runs = wrapping.Runs(state_key, row.epoch, frontier)
        index = wrapping.open_index(state_key, row.epoch, row.index_secret)
        return EpochKeys(tag, row.wrapped, Derivation(runs), index, Indexer(index))
