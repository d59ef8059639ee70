"""The key tree of an epoch: a puncturable GGM tree, so that forgetting one record is forgetting one node.

Byte for byte in specs/key-tree.md. A leaf's secret follows from any node above it by SM3 alone. Puncturing
replaces the one node above a record by the siblings on the way down: everything else still opens, and nothing
left leads back. Whether the old node is *gone* is the vault's affair (fresh state key, ratchet), not ours.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from struct import Struct
from typing import Final, Self

from midan.core.keynode import (
    DEPTH,
    LEAVES,
    LEAVES_PER_RECORD,
    NODE_ROW,
    RECORD_BITS,
    SUBJECT_BITS,
    VERSION,
    KeyTreeError,
    MalformedFrontier,
    Node,
    Punctured,
    Subject,
    cover,
    down,
    leaf_of,
    leaves_of,
    siblings,
    spread,
)

__all__ = [
    "DEPTH",
    "LEAVES",
    "LEAVES_PER_RECORD",
    "RECORD_BITS",
    "SUBJECT_BITS",
    "Frontier",
    "KeyTreeError",
    "MalformedFrontier",
    "Node",
    "Puncture",
    "Punctured",
    "Subject",
    "leaf_of",
    "leaves_of",
]

_HEAD: Final = Struct(">BI")
# 10,000 punctured records leave some 200,000 nodes. In runs of this many, a puncture copies one run and the
# list of runs, not the whole.
_RUN: Final = 512


@dataclass(frozen=True, slots=True)
class Puncture:
    """What a puncture changes: rows to delete, rows to write, and the frontier after it."""

    removed: tuple[Node, ...]
    added: tuple[Node, ...]
    frontier: "Frontier"


class Frontier:
    """A sorted set of disjoint nodes: what can still be derived. Never changes; verbs return anew."""

    __slots__ = ("_firsts", "_runs")

    def __init__(self, nodes: Iterable[Node] = ()) -> None:
        ordered = sorted(nodes, key=lambda node: node.first)
        if any(left.end > right.first for left, right in pairwise(ordered)):
            raise MalformedFrontier("密钥树节点重叠")
        self._runs: tuple[tuple[Node, ...], ...] = tuple(_runs(ordered))
        self._firsts = [run[0].first for run in self._runs]

    @classmethod
    def root(cls, secret: bytes) -> Self:
        """Return the frontier of a fresh epoch: one node above all leaves."""
        return cls((Node(0, 0, secret),))

    def __iter__(self) -> Iterator[Node]:
        for run in self._runs:
            yield from run

    def __len__(self) -> int:
        return sum(map(len, self._runs))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frontier) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"<Frontier of {len(self)} nodes>"

    def _find(self, leaf: int) -> Node | None:
        """Return the node above a leaf. O(log n)."""
        at = bisect_right(self._firsts, leaf) - 1
        if at < 0:
            return None
        run = self._runs[at]
        node = run[bisect_right(run, leaf, key=_first) - 1]
        return node if leaf < node.end else None

    def _above(self, depth: int, prefix: int) -> Node | None:
        """Return the node that is, or lies above, this subtree."""
        node = self._find(prefix << (DEPTH - depth))
        return node if node is not None and node.depth <= depth else None

    def covers(self, leaf: int) -> bool:
        """Return whether this leaf's secret can still be derived."""
        _check_subtree(DEPTH, leaf)
        return self._find(leaf) is not None

    def derive(self, leaf: int) -> bytes:
        """Return the 32-byte secret of a leaf, or raise Punctured."""
        return self.derive_subtree(DEPTH, leaf).secret

    def derive_subtree(self, depth: int, prefix: int) -> Node:
        """Return the whole subtree as one node; Punctured when any of its leaves is gone."""
        _check_subtree(depth, prefix)
        node = self._above(depth, prefix)
        if node is None:
            raise Punctured("密钥已销毁，不可恢复", depth=depth)
        return Node(depth, prefix, down(node.secret, prefix, depth - node.depth))

    def cover(self, first_leaf: int, count: int) -> tuple[Node, ...]:
        """Return the fewest nodes that hold exactly these leaves; Punctured when one of them is gone."""
        end = _check_range(first_leaf, count)
        return tuple(part for node in self._over(first_leaf, end) for part in cover(node, first_leaf, end))

    def block_nodes(self, first_record: int, count: int) -> tuple[Node, ...]:
        """Return what a sealing worker needs for a block of records, and nothing above it."""
        return self.cover(first_record << SUBJECT_BITS, count << SUBJECT_BITS)

    def leaves(self, first: int, count: int) -> list[bytes]:
        """Return the secrets of `count` leaves in order, sharing interior nodes; Punctured if one is gone."""
        end = _check_range(first, count)
        secrets: list[bytes] = []
        for node in self._over(first, end):
            secrets += spread(node, max(first, node.first), min(end, node.end))
        return secrets

    def _over(self, first: int, end: int) -> list[Node]:
        """Return the nodes over a range of leaves, or raise Punctured at the first gap."""
        nodes: list[Node] = []
        while first < end:
            node = self._find(first)
            if node is None:
                raise Punctured("其中有密钥已销毁，不可恢复")
            nodes.append(node)
            first = node.end
        return nodes

    def puncture(self, depth: int, prefix: int) -> Puncture:
        """Return the frontier without this subtree. Already gone: nothing changes.

        Usually one node is removed and its other branches are added. Where earlier punctures lie inside the
        subtree, the nodes left between them are removed and nothing is added.
        """
        _check_subtree(depth, prefix)
        above = self._above(depth, prefix)
        if above is not None:
            removed: tuple[Node, ...] = (above,)
            added = tuple(siblings(above, depth, prefix))
        else:
            shift = DEPTH - depth
            removed = self._within(prefix << shift, (prefix + 1) << shift)
            added = ()
        if not removed:
            return Puncture((), (), self)
        return Puncture(removed, added, self._replace(removed, added))

    def _within(self, first: int, end: int) -> tuple[Node, ...]:
        """Return the nodes inside a range no node reaches out of."""
        at = max(bisect_right(self._firsts, first) - 1, 0)
        found: list[Node] = []
        for run in self._runs[at : bisect_right(self._firsts, end - 1)]:
            found += run[bisect_right(run, first - 1, key=_first) : bisect_right(run, end - 1, key=_first)]
        return tuple(found)

    def _replace(self, removed: Sequence[Node], added: Sequence[Node]) -> Self:
        low = bisect_right(self._firsts, removed[0].first) - 1
        high = bisect_right(self._firsts, removed[-1].first)
        touched = [node for run in self._runs[low:high] for node in run]
        start = bisect_right(touched, removed[0].first - 1, key=_first)
        touched[start : start + len(removed)] = added
        new = type(self).__new__(type(self))
        runs = tuple(_runs(touched))
        firsts = [*self._firsts[:low], *(run[0].first for run in runs), *self._firsts[high:]]
        new._runs, new._firsts = self._runs[:low] + runs + self._runs[high:], firsts  # noqa: SLF001 - own class
        return new

    def to_bytes(self) -> bytes:
        """Return version ‖ count u32 ‖ (depth u8 ‖ prefix u32 ‖ secret 32) each, in leaf order."""
        rows = [NODE_ROW.pack(node.depth, node.prefix, node.secret) for node in self]
        return _HEAD.pack(VERSION, len(rows)) + b"".join(rows)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the frontier, or raise MalformedFrontier for anything `to_bytes` would not give."""
        if len(data) < _HEAD.size:
            raise MalformedFrontier("不是第 1 版密钥树状态")
        version, count = _HEAD.unpack_from(data)
        if version != VERSION or len(data) != _HEAD.size + count * NODE_ROW.size:
            raise MalformedFrontier("不是第 1 版密钥树状态")
        nodes = [Node(*row) for row in NODE_ROW.iter_unpack(data[_HEAD.size :])]
        if any(left.first > right.first for left, right in pairwise(nodes)):
            raise MalformedFrontier("密钥树节点次序有误")
        return cls(nodes)


def _first(node: Node) -> int:
    return node.first


def _runs(nodes: Sequence[Node]) -> Iterator[tuple[Node, ...]]:
    if nodes:
        size = -(
            -len(nodes) // -(-len(nodes) // _RUN)
        )  # even shares: a full run splits in halves, not in crumbs
        for at in range(0, len(nodes), size):
            yield tuple(nodes[at : at + size])


def _check_subtree(depth: int, prefix: int) -> None:
    if not (0 <= depth <= DEPTH and 0 <= prefix < 1 << depth):
        raise ValueError("not a subtree of a tree of depth 32")


def _check_range(first: int, count: int) -> int:
    if not (0 <= first <= LEAVES and 0 <= count <= LEAVES - first):
        raise ValueError("not a range of leaves")
    return first + count
