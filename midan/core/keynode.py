"""Nodes of the key tree and what follows from one of them: the arithmetic under midan.core.keytree.

MidanError
└── KeyTreeError
    ├── Punctured           no node leads to this leaf any more, or none ever did
    └── MalformedFrontier   bytes or nodes that are no frontier
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from struct import Struct
from typing import Final, Self

from midan.core.errors import MidanError
from midan.core.sm import DIGEST_BYTES, sm3

DEPTH: Final = 32
SUBJECT_BITS: Final = 2
RECORD_BITS: Final = DEPTH - SUBJECT_BITS
LEAVES: Final = 1 << DEPTH
LEAVES_PER_RECORD: Final = 1 << SUBJECT_BITS
VERSION: Final = 1

_LABEL: Final = b"midan/tree/1"
_BIT: Final = (b"\x00", b"\x01")
NODE_ROW: Final = Struct(">BI32s")


class KeyTreeError(MidanError):
    code = "key_tree_error"
    status = 500


class Punctured(KeyTreeError):
    code = "punctured"
    status = 410


class MalformedFrontier(KeyTreeError):
    code = "malformed_frontier"
    exit_code = 4


class Subject(IntEnum):
    """Who or what one of the four leaves of a record is about."""

    SENDER = 0
    RECIPIENT = 1
    GOODS = 2
    SPARE = 3


def leaf_of(record_no: int, subject: int) -> int:
    """Return the leaf of a record's subject: record number in the upper 30 bits, subject in the lower two."""
    if not (0 <= record_no < 1 << RECORD_BITS and 0 <= subject < LEAVES_PER_RECORD):
        raise ValueError("a record number has 30 bits and a subject two")
    return record_no << SUBJECT_BITS | subject


@dataclass(frozen=True, slots=True)
class Node:
    """A subtree and its secret: `prefix` is the top `depth` bits of every leaf number below it."""

    depth: int
    prefix: int
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not (0 <= self.depth <= DEPTH and 0 <= self.prefix >> self.depth < 1):
            raise MalformedFrontier("节点不在密钥树内")
        if len(self.secret) != DIGEST_BYTES:
            raise MalformedFrontier("节点密钥不是 32 字节")

    @property
    def first(self) -> int:
        """The first leaf below."""
        return self.prefix << (DEPTH - self.depth)

    @property
    def end(self) -> int:
        """One past the last leaf below."""
        return (self.prefix + 1) << (DEPTH - self.depth)

    def to_bytes(self) -> bytes:
        """Return version ‖ depth u8 ‖ prefix u32 ‖ secret: 38 bytes, to be stored sealed only."""
        return _BIT[VERSION] + NODE_ROW.pack(self.depth, self.prefix, self.secret)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the node, or raise MalformedFrontier for anything `to_bytes` would not give."""
        if len(data) != 1 + NODE_ROW.size or data[0] != VERSION:
            raise MalformedFrontier("不是第 1 版密钥树节点")
        return cls(*NODE_ROW.unpack_from(data, 1))


def down(secret: bytes, path: int, bits: int) -> bytes:
    """Return the secret `bits` levels below, along the lowest `bits` bits of `path`."""
    digest, label, bit = sm3, _LABEL, _BIT
    for shift in range(bits - 1, -1, -1):
        secret = digest(label + secret + bit[path >> shift & 1])
    return secret


def spread(node: Node, first: int, end: int) -> list[bytes]:
    """Return the secrets of the leaves first…end-1, all below `node`, level by level: two hashes a leaf."""
    digest, label = sm3, _LABEL
    level = [node.secret]
    low = node.prefix
    for depth in range(node.depth + 1, DEPTH + 1):
        below = [digest(label + secret + bit) for secret in level for bit in _BIT]
        # Only the outermost nodes can lie outside the range.
        wanted_low, wanted_high = first >> (DEPTH - depth), (end - 1) >> (DEPTH - depth)
        level = below[wanted_low - 2 * low : wanted_high - 2 * low + 1]
        low = wanted_low
    return level


def cover(node: Node, first: int, end: int) -> Iterator[Node]:
    """Yield the fewest subtrees of `node` that hold exactly the leaves first…end-1, in order."""
    if end <= node.first or node.end <= first:
        return
    if first <= node.first and node.end <= end:
        yield node
        return
    for bit in (0, 1):
        yield from cover(child(node, bit), first, end)


def child(node: Node, bit: int) -> Node:
    return Node(node.depth + 1, node.prefix << 1 | bit, sm3(_LABEL + node.secret + _BIT[bit]))


def leaves_of(nodes: Iterable[Node]) -> list[bytes]:
    """Return the secrets of every leaf below these nodes, in the order of the nodes. Needs no root."""
    return [secret for node in nodes for secret in spread(node, node.first, node.end)]


def siblings(above: Node, depth: int, prefix: int) -> list[Node]:
    """Return the nodes beside the path from `above` down to a subtree, in leaf order."""
    left: list[Node] = []
    right: list[Node] = []
    node = above
    for shift in range(depth - above.depth - 1, -1, -1):
        bit = prefix >> shift & 1
        (left if bit else right).append(child(node, 1 - bit))
        node = child(node, bit)
    return left + right[::-1]
