"""A frontier of many nodes as few rows, and many punctures at once. Byte for byte in specs/key-tree.md.

10,000 punctures among 1,000,000 records leave some 60,000 nodes. As rows of 128 nodes they are 460 rows that a
database reads in milliseconds, and nobody opens a row before he needs a node in it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Final

from midan.core.keynode import DEPTH, NODE_ROW, VERSION, MalformedFrontier, down

RUN_VERSION: Final = 2
RUN: Final = 128
_HEAD: Final = Struct(">BH")

# depth, prefix, secret: a node without its checks, for loops over thousands.
Row = tuple[int, int, bytes]
Subtree = tuple[int, int]


def pack_run(rows: Sequence[Row]) -> bytes:
    """Return one node as version 1 ‖ node, several as version 2 ‖ count u16 ‖ nodes. Sealed only, never stored in clear."""
    if len(rows) == 1:
        return bytes((VERSION,)) + NODE_ROW.pack(*rows[0])
    return _HEAD.pack(RUN_VERSION, len(rows)) + b"".join(NODE_ROW.pack(*row) for row in rows)


def unpack_run(data: bytes) -> list[Row]:
    """Return the nodes of a row, or raise MalformedFrontier for anything `pack_run` would not give."""
    head = _head(data)
    rows: list[Row] = list(NODE_ROW.iter_unpack(memoryview(data)[head:]))
    if head == _HEAD.size and (len(rows) < 2 or len(rows) != _HEAD.unpack_from(data)[1]):
        raise MalformedFrontier("不是密钥树的一行")
    end = 0
    for depth, prefix, _ in rows:
        if depth > DEPTH or prefix >> depth or prefix << (DEPTH - depth) < end:
            raise MalformedFrontier("密钥树的一行次序有误")
        end = (prefix + 1) << (DEPTH - depth)
    return rows


def first_row(data: bytes) -> Row:
    """Return the first node of a row without reading the others."""
    depth, prefix, secret = NODE_ROW.unpack_from(data, _head(data))
    return depth, prefix, secret


def _head(data: bytes) -> int:
    size = {VERSION: 1, RUN_VERSION: _HEAD.size}.get(data[0] if data else 0, 0)
    whole = size and len(data) > size and not (len(data) - size) % NODE_ROW.size
    if not whole or (size == 1 and len(data) != 1 + NODE_ROW.size):
        raise MalformedFrontier("不是密钥树的一行")
    return size


def runs(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Yield the rows of a frontier in shares of at most `RUN`."""
    for at in range(0, len(rows), RUN):
        yield rows[at : at + RUN]


def first_leaf(row: Row) -> int:
    """Return the first leaf below."""
    return row[1] << (DEPTH - row[0])


def cut(rows: Sequence[Row], targets: Sequence[Subtree]) -> tuple[list[Row], list[Subtree]]:
    """Return the frontier without these subtrees, and those of them that still had a node to lose.

    `rows` are in leaf order. The result is that of puncturing one after the other, with each step on the way hashed
    once: at most two hashes a level for each target.
    """
    wanted = _outermost(targets)
    kept: list[Row] = []
    lost: set[Subtree] = set()
    start = 0
    firsts = [first_leaf(row) for row in rows]
    for target in wanted:
        begin, end = _span(target)
        at = max(bisect_right(firsts, begin) - 1, 0)
        if at < len(rows) and _span(rows[at][:2])[1] <= begin:
            at += 1
        if at < start:
            continue  # in the node that the target before it has opened
        if at >= len(rows) or firsts[at] >= end:
            continue  # gone already
        kept += rows[start:at]
        node = rows[at]
        low, high = _span(node[:2])
        if low < begin or high > end:
            inside = wanted[bisect_left(wanted, low, key=_begin) : bisect_left(wanted, high, key=_begin)]
            _open_up(node, inside, kept)
            lost.update(inside)
            start = at + 1
        else:
            lost.add(target)
            start = bisect_left(firsts, end)
    kept += rows[start:]
    return kept, sorted(lost)


def _span(subtree: Subtree) -> tuple[int, int]:
    depth, prefix = subtree
    return prefix << (DEPTH - depth), (prefix + 1) << (DEPTH - depth)


def _begin(subtree: Subtree) -> int:
    return subtree[1] << (DEPTH - subtree[0])


def _outermost(targets: Sequence[Subtree]) -> list[Subtree]:
    """Return the targets in leaf order without those that lie inside another."""
    found: list[Subtree] = []
    reach = 0
    for target in sorted(set(targets), key=lambda one: (_begin(one), one[0])):
        begin, end = _span(target)
        if begin >= reach:
            found.append(target)
            reach = end
    return found


def _open_up(node: Row, targets: Sequence[Subtree], kept: list[Row]) -> None:
    """Append to `kept`, in leaf order, what is left of a node without the targets, all of which lie below it."""
    stack = [(node, 0, len(targets))]
    while stack:
        (depth, prefix, secret), low, high = stack.pop()
        if low == high:
            kept.append((depth, prefix, secret))
            continue
        if targets[low] == (depth, prefix):
            continue
        middle_leaf = (2 * prefix + 1) << (DEPTH - depth - 1)
        middle = bisect_left(targets, middle_leaf, low, high, key=_begin)
        for bit, begin, end in ((1, middle, high), (0, low, middle)):
            child = prefix << 1 | bit
            stack.append(((depth + 1, child, down(secret, child, 1)), begin, end))
