"""Tree heads: from leaf hashes to one root, all at once or one leaf at a time (RFC 9162 section 2.1.1)."""

from collections.abc import Callable, Iterable, Sequence

from midan.core.merkle.errors import MalformedCheckpoint
from midan.core.sm import sm3

Hash = Callable[[bytes], bytes]

LEAF = b"\x00"
NODE = b"\x01"
_STATE_VERSION = 1
_STATE_HEAD = 9  # u8 version, u64 size


def leaf_hash(data: bytes, *, digest: Hash = sm3) -> bytes:
    """Return the hash of one leaf. Its prefix differs from a node's, so no node can pose as a leaf."""
    return digest(LEAF + data)


def node_hash(left: bytes, right: bytes, *, digest: Hash = sm3) -> bytes:
    """Return the hash of the node above two subtrees."""
    return digest(NODE + left + right)


def fold(hashes: Sequence[bytes], *, digest: Hash = sm3) -> bytes:
    """Return the tree head over leaf hashes; of none, the hash of nothing.

    Level by level with the odd one carried up gives the same head as the recursive definition, because the
    definition splits at the largest power of two: every left subtree is complete. One comprehension a level
    is what makes checking a whole log quick.
    """
    if not hashes:
        return digest(b"")
    level = list(hashes)
    while len(level) > 1:
        carried = level[-1:] if len(level) & 1 else []
        pairs = iter(level)
        level = [digest(b"\x01" + left + right) for left, right in zip(pairs, pairs, strict=False)]
        level += carried
    return level[0]


def root(leaves: Iterable[bytes], *, digest: Hash = sm3) -> bytes:
    """Return the tree head over leaf data (not yet hashed)."""
    return fold([digest(b"\x00" + leaf) for leaf in leaves], digest=digest)


class Compact:
    """A growing tree that remembers only its complete left subtrees: one hash for each 1 bit of its size.

    Appending costs O(log n) at worst and O(1) on average; the root is there at any time; the state is a few
    hundred bytes. Laws of the stored state: u8 version 1, u64 size, then the subtree hashes, widest first.
    """

    __slots__ = ("_digest", "_peaks", "_size")

    def __init__(self, *, digest: Hash = sm3) -> None:
        self._digest = digest
        self._size = 0
        self._peaks: list[bytes] = []

    @property
    def size(self) -> int:
        """Return the number of leaves."""
        return self._size

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the end."""
        self._push(leaf, 0)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes at the end, folding the widest subtrees that fit."""
        done = 0
        while done < len(leaves):
            widest = (len(leaves) - done).bit_length() - 1
            level = min(widest, (self._size & -self._size).bit_length() - 1) if self._size else widest
            width = 1 << level
            self._push(fold(leaves[done : done + width], digest=self._digest), level)
            done += width

    def root(self) -> bytes:
        """Return the tree head of all leaves so far."""
        if not self._peaks:
            return self._digest(b"")
        head = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            head = self._digest(NODE + peak + head)
        return head

    def to_bytes(self) -> bytes:
        """Return the state, to go on later from exactly here."""
        return bytes([_STATE_VERSION]) + self._size.to_bytes(8, "big") + b"".join(self._peaks)

    @classmethod
    def from_bytes(cls, state: bytes, *, digest: Hash = sm3) -> "Compact":
        """Read what `to_bytes` wrote, or raise MalformedCheckpoint. It proves nothing: compare the root."""
        width = len(digest(b""))
        size = int.from_bytes(state[1:_STATE_HEAD], "big")
        if state[:1] != bytes([_STATE_VERSION]) or len(state) != _STATE_HEAD + size.bit_count() * width:
            raise MalformedCheckpoint("日志树状态无法读取")
        tree = cls(digest=digest)
        tree._size = size
        tree._peaks = [state[at : at + width] for at in range(_STATE_HEAD, len(state), width)]
        return tree

    def _push(self, subtree: bytes, level: int) -> None:
        """Add a complete subtree of 2^level leaves; the size must be a multiple of that."""
        below = self._size >> level
        self._size += 1 << level
        while below & 1:
            subtree = self._digest(NODE + self._peaks.pop() + subtree)
            below >>= 1
        self._peaks.append(subtree)
