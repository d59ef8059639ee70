"""The complete subtrees of a log under check, from which the root at any earlier size follows."""

from dataclasses import dataclass, field

from midan.core.merkle import node_hash
from midan.core.merkle.tiles import HEIGHT
from midan.core.sm import sm3


@dataclass(slots=True)
class Pyramid:
    """Heads of complete subtrees, level by level, from tiles upward."""

    levels: list[list[bytes]] = field(default_factory=lambda: [[]])

    def push(self, head: bytes) -> None:
        """Add the head of the next full tile."""
        level = 0
        while True:
            row = self.levels[level]
            row.append(head)
            if len(row) & 1:
                return
            head = node_hash(row[-2], row[-1])
            level += 1
            if level == len(self.levels):
                self.levels.append([])

    def root(self, size: int, tail: bytes | None) -> bytes:
        """Return the root of the first `size` leaves; `tail` is the head of those after the last full tile."""
        head, tiles = tail, size >> HEIGHT
        for level, row in enumerate(self.levels):
            if tiles >> level & 1:
                whole = row[(tiles >> level) - 1]
                head = whole if head is None else node_hash(whole, head)
        return sm3(b"") if head is None else head
