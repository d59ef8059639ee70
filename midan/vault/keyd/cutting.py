"""What a step of punctures changes, worked out before any lock is taken: new states, and digests that lead nowhere now."""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from midan.core.keyruns import Subtree, cut
from midan.core.keytree import DEPTH, LEAVES_PER_RECORD, RECORD_BITS
from midan.core.warrant import Cut
from midan.vault.keyd import opening, stored, wrapping
from midan.vault.keyd.interface import EpochState, SealedPart
from midan.vault.keyd.ring import Keyring
from midan.vault.rules import FAMILIES, FAMILY_OF, STANDARD, Family, covering, part_digests, record_id

if TYPE_CHECKING:
    from midan.core.parts import PartCode

# epoch, digest, seq, part: the key of a row
Digest = tuple[int, bytes, int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A cut and where its record lies."""

    cut: Cut
    epoch: int
    record_no: int
    family: Family

    @property
    def subtree(self) -> Subtree:
        """Return the node of the tree that goes."""
        if self.cut.part is None:
            return RECORD_BITS, self.record_no
        return DEPTH, self.record_no * LEAVES_PER_RECORD + self.family.subject(self.cut.part)


@dataclass(frozen=True, slots=True)
class Change:
    """What one epoch becomes, and the wrapped state that it was made from."""

    before: bytes
    state: EpochState
    lost: tuple[Subtree, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One step: changed epochs; digests to delete by their key; (epoch, seq, part) whose digests nobody can compute."""

    changes: tuple[Change, ...]
    digests: tuple[Digest, ...]
    unread: tuple[tuple[int, int, int], ...]


def places(cuts: Iterable[Cut]) -> list[Place]:
    """Return where the cuts lie, neighbours together; what has no record any more is gone.

    A whole waybill lies in every family, and the document a sender showed goes with the sender.
    """
    found: list[Place] = []
    by_seq: dict[int, list[Cut]] = defaultdict(list)
    for one in covering(cuts):
        if one.epoch is not None and one.record_no is not None:
            family = STANDARD if one.part is None else FAMILY_OF[one.part]
            found.append(Place(one, one.epoch, one.record_no, family))
        else:
            by_seq[one.seq].append(one)
    for family in FAMILIES:
        for seq, epoch, record_no in stored.records(by_seq, family):
            mine = [one for one in by_seq[seq] if one.part is None or one.part in family.parts]
            found += [Place(one, epoch, record_no, family) for one in mine]
    return sorted(found, key=lambda place: (place.epoch, place.record_no))


def prepare(ring: Keyring, step: Sequence[Place]) -> Prepared:
    """Return what these punctures change; nothing where everything is gone already. Writes nothing."""
    digests, unread = _digests(ring, step)
    targets: dict[int, list[Subtree]] = defaultdict(list)
    for place in step:
        targets[place.epoch].append(place.subtree)
    states = stored.states(targets)
    keys = ring.epochs(targets, stored.state_tag())
    changes = []
    for epoch, found in keys.items():
        rows, lost = cut(found.derivation.rows(), targets[epoch])
        row = states.get(epoch)
        if lost and row is not None:
            state = wrapping.next_state(
                ring.of(row.generation), epoch, row.version + 1, rows, found.index_secret, os.urandom
            )
            changes.append(Change(found.wrapped, state, tuple(lost)))
    return Prepared(tuple(changes), digests, unread)


def _digests(
    ring: Keyring, step: Sequence[Place]
) -> tuple[tuple[Digest, ...], tuple[tuple[int, int, int], ...]]:
    """Open what is about to go, once more and for nobody, to find the digests that lead to it."""
    damaged: list[SealedPart] = []
    gone = _digests_of(ring, _parts(step), damaged)
    # A copy left behind by a correction may share digests with the one that goes on living in the same epoch.
    moved = [place.cut.seq for place in step if place.cut.epoch is not None]
    living = [Place(Cut(seq), epoch, record_no, STANDARD) for seq, epoch, record_no in stored.records(moved)]
    going = {(place.epoch, place.record_no) for place in step}
    staying = [place for place in living if (place.epoch, place.record_no) not in going]
    kept = _digests_of(ring, _parts(staying), []) if staying else set()
    unread = {(row.epoch, int.from_bytes(row.record), int(row.part)) for row in damaged}
    return tuple(sorted(gone - kept)), tuple(sorted(unread))


def _digests_of(ring: Keyring, parts: Sequence[SealedPart], damaged: list[SealedPart]) -> set[Digest]:
    opened = opening.open_parts(ring, parts, damaged=damaged)
    keys = ring.epochs({row.epoch for row in parts}, stored.state_tag())
    return {
        (row.epoch, digest, int.from_bytes(row.record), int(row.part))
        for row, fields in zip(parts, opened, strict=True)
        if fields is not None and row.epoch in keys
        for digest in part_digests(keys[row.epoch].indexer, row.part, fields)
    }


def _parts(step: Sequence[Place]) -> list[SealedPart]:
    """Return the stored parts that the places take, sealed."""
    found = []
    for family in FAMILIES:
        wanted: dict[tuple[int, int], dict[PartCode | None, int]] = defaultdict(dict)
        for place in step:
            if place.family is family:
                wanted[place.epoch, place.record_no][place.cut.part] = place.cut.seq
        for epoch, leaf, sealed in stored.parts_at(wanted, family):
            part = family.part(leaf)
            named = wanted[epoch, leaf // LEAVES_PER_RECORD]
            seq = named.get(None, named.get(part) if part is not None else None)
            if part is not None and seq is not None:
                found.append(SealedPart(epoch, leaf, record_id(seq), part, sealed))
    return found
