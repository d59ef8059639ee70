"""Proofs that a leaf is in the log, and that a log only ever grew (RFC 9162 sections 2.1.3 and 2.1.4).

A prover knows hashes by place: `get_hash(level, index)` is the head of the complete subtree of 2^level leaves
that starts at leaf index * 2^level. Only subtrees that are complete in the tree of that size are asked for.
Verifiers return nothing and raise ProofMismatch: a result that may be ignored would be ignored.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hmac import compare_digest

from midan.core.merkle.errors import ProofMismatch
from midan.core.merkle.hashing import NODE, Hash
from midan.core.sm import sm3

GetHash = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Head:
    """A tree as a checkpoint pins it."""

    size: int
    root: bytes


_Span = tuple[int, int]


def inclusion_proof(index: int, size: int, get_hash: GetHash, *, digest: Hash = sm3) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of `size` leaves, nearest sibling first."""
    if not 0 <= index < size:
        raise ProofMismatch("日志中没有这一条", index=index, size=size)
    return [_span_hash(span, get_hash, digest) for span in _inclusion_spans(index, size)]


def consistency_proof(old: int, new: int, get_hash: GetHash, *, digest: Hash = sm3) -> list[bytes]:
    """Return the proof that the tree of `new` leaves begins with the tree of `old` leaves."""
    if not 0 <= old <= new:
        raise ProofMismatch("日志不会变短", old=old, new=new)
    if old in (0, new):
        return []
    return [_span_hash(span, get_hash, digest) for span in _consistency_spans(old, new)]


def root_of_inclusion(
    *, index: int, size: int, leaf: bytes, proof: Sequence[bytes], digest: Hash = sm3
) -> bytes:
    """Return the only root under which this proof holds, or raise ProofMismatch if none can exist."""
    if not 0 <= index < size:
        raise ProofMismatch("日志中没有这一条", index=index, size=size)
    place, last, head = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofMismatch("证明过长", index=index, size=size)
        if place & 1 or place == last:
            head = digest(NODE + sibling + head)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            head = digest(NODE + head + sibling)
        place >>= 1
        last >>= 1
    if last:
        raise ProofMismatch("证明过短", index=index, size=size)
    return head


def verify_inclusion(
    head: Head, *, index: int, leaf: bytes, proof: Sequence[bytes], digest: Hash = sm3
) -> None:
    """Return only if `leaf` (a leaf hash) stands at `index` of the tree with this size and root."""
    _same_width([leaf, head.root, *proof], digest)
    implied = root_of_inclusion(index=index, size=head.size, leaf=leaf, proof=proof, digest=digest)
    if not compare_digest(implied, head.root):
        raise ProofMismatch("证明与检查点不符", index=index, size=head.size)


def verify_consistency(old: Head, new: Head, *, proof: Sequence[bytes], digest: Hash = sm3) -> None:
    """Return only if the tree `new` extends the tree `old` without changing or dropping anything."""
    _same_width([old.root, new.root, *proof], digest)
    if not 0 <= old.size <= new.size:
        raise ProofMismatch("日志不会变短", old=old.size, new=new.size)
    if old.size in (0, new.size):
        _check_plain_case(old, new, proof, digest(b""))
        return
    before, after = _consistency_heads(old, new.size, proof, digest)
    if not (compare_digest(before, old.root) and compare_digest(after, new.root)):
        raise ProofMismatch("两个检查点互相矛盾", old=old.size, new=new.size)


def _check_plain_case(old: Head, new: Head, proof: Sequence[bytes], empty: bytes) -> None:
    """Check the two cases that need no path: nothing before, or nothing new."""
    same = old.size != new.size or compare_digest(old.root, new.root)
    hollow = old.size != 0 or compare_digest(old.root, empty)
    if proof or not (same and hollow):
        raise ProofMismatch("两个检查点互相矛盾", old=old.size, new=new.size)


def _consistency_heads(head: Head, new: int, proof: Sequence[bytes], digest: Hash) -> tuple[bytes, bytes]:
    """Return the old and the new root that this proof implies (0 < old < new)."""
    old = head.size
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, head.root)  # the old tree is one complete subtree: it is its own first node
    if not path:
        raise ProofMismatch("证明过短", old=old, new=new)
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofMismatch("证明过长", old=old, new=new)
        if place & 1 or place == last:
            before = digest(NODE + sibling + before)
            after = digest(NODE + sibling + after)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            after = digest(NODE + after + sibling)
        place >>= 1
        last >>= 1
    if last:
        raise ProofMismatch("证明过短", old=old, new=new)
    return before, after


def _split(width: int) -> int:
    """Return the largest power of two smaller than `width` (which is at least 2)."""
    return 1 << ((width - 1).bit_length() - 1)


def _inclusion_spans(index: int, size: int) -> list[_Span]:
    """Return the leaf ranges whose heads make the audit path, nearest first."""
    spans: list[_Span] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((begin, middle))
            begin = middle
    return spans[::-1]


def _consistency_spans(old: int, new: int) -> list[_Span]:
    """Return the leaf ranges of a consistency proof (0 < old < new), deepest first."""
    spans: list[_Span] = []
    begin, end = 0, new
    while end != old:
        middle = begin + _split(end - begin)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((begin, middle))
            begin = middle
    if begin:
        spans.append((begin, end))
    return spans[::-1]


def _span_hash(span: _Span, get_hash: GetHash, digest: Hash) -> bytes:
    """Return the head over leaves begin..end, where begin is a multiple of the widest subtree inside."""
    begin, end = span
    heads: list[bytes] = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        heads.append(get_hash(level, begin >> level))
        begin += 1 << level
    head = heads.pop()
    while heads:
        head = digest(NODE + heads.pop() + head)
    return head


def _same_width(hashes: Sequence[bytes], digest: Hash) -> None:
    width = len(digest(b""))
    if any(len(item) != width for item in hashes):
        raise ProofMismatch("证明中的散列长度不对")
