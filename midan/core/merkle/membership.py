"""Proof that one of many stands under a root that a log entry carries: a waybill number in its batch."""

from collections.abc import Sequence
from dataclasses import dataclass

from midan.core.merkle.hashing import fold, leaf_hash
from midan.core.merkle.proofs import inclusion_proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """That something is leaf `index` of the `size` whose root stands in the entry about `object`."""

    object: str
    index: int
    size: int
    proof: tuple[bytes, ...]


def membership(*, object: str, members: Sequence[bytes], index: int) -> Membership:  # noqa: A002  # the entry's own word
    """Return the proof for the member at `index`; raise ProofMismatch when there is none."""
    leaves = [leaf_hash(member) for member in members]

    def span(level: int, place: int) -> bytes:
        return fold(leaves[place << level : (place + 1) << level])

    proof = tuple(inclusion_proof(index, len(leaves), span))
    return Membership(object=object, index=index, size=len(leaves), proof=proof)
