"""Derive scattered leaves of one epoch quickly: neighbours share the way down.

Measured on 500 of 1,000,000 records: about 12 hashes a record instead of 100.
"""

from bisect import bisect_right
from collections.abc import Sequence

from midan.core.keynode import DEPTH, down
from midan.core.keytree import Frontier, Node


class Derivation:
    """The frontier of one epoch, ready to be asked for many leaves at once."""

    __slots__ = ("_firsts", "_nodes", "frontier")

    def __init__(self, frontier: Frontier) -> None:
        self.frontier = frontier
        self._nodes = tuple(frontier)
        self._firsts = [node.first for node in self._nodes]

    def leaves(self, sorted_leaves: Sequence[int]) -> list[bytes | None]:
        """Return the secret of each leaf, None for a punctured one. Ascending order only, repeats allowed."""
        # The way from a frontier node down to the last leaf: (depth, prefix, secret). Everything below a
        # frontier node is whole, so a step can be reused without asking the frontier again.
        way: list[tuple[int, int, bytes]] = []
        found: list[bytes | None] = []
        for leaf in sorted_leaves:
            while way and leaf >> (DEPTH - way[-1][0]) != way[-1][1]:
                way.pop()
            if not way:
                node = self._above(leaf)
                if node is None:
                    found.append(None)
                    continue
                way.append((node.depth, node.prefix, node.secret))
            found.append(_descend(way, leaf))
        return found

    def _above(self, leaf: int) -> Node | None:
        at = bisect_right(self._firsts, leaf) - 1
        return self._nodes[at] if at >= 0 and leaf < self._nodes[at].end else None


def _descend(way: list[tuple[int, int, bytes]], leaf: int) -> bytes:
    depth, _, secret = way[-1]
    while depth < DEPTH:
        depth += 1
        prefix = leaf >> (DEPTH - depth)
        secret = down(secret, prefix, 1)
        way.append((depth, prefix, secret))
    return secret
