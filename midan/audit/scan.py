"""Recompute a stretch of the log from its rows: what worker processes run. No Django; SQL through the drivers.

A stretch begins at a multiple of 256. The loop is tight because a whole log passes through it: two digests and one
expression a row, then one digest a node.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol, cast

from midan.audit.rules import COLUMNS, read_columns
from midan.core.entry import SALT_SIZE
from midan.core.merkle import Compact, Tile, fold, tile_path
from midan.core.merkle.tiles import HEIGHT, WIDTH
from midan.core.sm import sm3

_NOTHING: Final = bytes(32)


class Fault(StrEnum):
    """What is wrong with the log, as a stable code."""

    NOT_CANONICAL = "entry_not_canonical"
    COLUMNS_DIFFER = "columns_differ"
    PARTIES_DIFFER = "parties_differ"
    LEAF_DIFFERS = "leaf_differs"
    ENTRY_MISSING = "entry_missing"
    INDEX_GAP = "index_gap"
    INDEX_REPEATED = "index_repeated"
    ENTRY_INSERTED = "entry_inserted"
    TRUNCATED = "truncated"
    TILE_MISSING = "tile_missing"
    TILE_DIFFERS = "tile_differs"
    ROOT_DIFFERS = "root_differs"
    CHECKPOINT_UNSIGNED = "checkpoint_unsigned"
    CHECKPOINT_DIFFERS = "checkpoint_differs"
    CHECKPOINT_MISSING = "checkpoint_missing"


Finding = tuple[int, Fault]
Row = tuple[int, bytes, bytes | None, bytes | None, bytes | None]
PartyRow = tuple[int, bytes]


class Source(Protocol):
    """Where rows come from. Index, leaf, entry, salt, joined columns; and index, party token: in index order."""

    def rows(self, start: int, stop: int) -> Iterable[Row]:
        """Return the leaves start ≤ index < stop with their entries."""

    def parties(self, start: int, stop: int) -> Iterable[PartyRow]:
        """Return the party rows of those entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Which part to check, against which tiles, and at which sizes the root is wanted."""

    start: int
    stop: int
    tiles: str
    signed: int
    marks: tuple[int, ...] = ()


@dataclass(slots=True, kw_only=True)
class Scanned:
    """What a stretch holds: heads of its full tiles, leaves after the last of them, tails at the marks."""

    start: int
    heads: list[bytes] = field(default_factory=list)
    rest: list[bytes] = field(default_factory=list)
    tails: dict[int, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    parties: int = 0


def scan(stretch: Stretch, source: Source) -> Scanned:
    """Check every entry of the stretch and return its hashes; findings hold the first of each check."""
    found = Scanned(start=stretch.start)
    leaves, parties = _check_rows(stretch, source.rows(stretch.start, stretch.stop), found)
    _check_parties(parties, source.parties(stretch.start, stretch.stop), found)
    _check_tiles(stretch, leaves, found)
    return found


def _check_rows(
    stretch: Stretch, rows: Iterable[Row], found: Scanned
) -> tuple[list[bytes], dict[int, tuple[bytes, ...]]]:
    leaves: list[bytes] = []
    parties: dict[int, tuple[bytes, ...]] = {}
    expected = stretch.start
    note = found.findings.append
    for index, leaf, entry, salt, columns in rows:
        if index != expected:
            if index < expected:
                note((index, Fault.INDEX_REPEATED))
                continue
            note((expected, Fault.INDEX_GAP))
            leaves.extend([_NOTHING] * (index - expected))
            expected = index
        expected += 1
        if entry is None or salt is None:
            note((index, Fault.ENTRY_MISSING))
            leaves.append(leaf)
            continue
        computed = sm3(b"\x00" + sm3(salt + entry))
        leaves.append(computed)
        if computed != leaf or len(salt) != SALT_SIZE:
            note((index, Fault.LEAF_DIFFERS))
        said = read_columns(entry)
        if said is None:
            note((index, Fault.NOT_CANONICAL))
            continue
        if said[0] != columns:
            note((index, Fault.COLUMNS_DIFFER))
        if said[1]:
            parties[index] = said[1]
    if expected < stretch.stop:
        note((expected, Fault.INDEX_GAP))
        leaves.extend([_NOTHING] * (stretch.stop - expected))
    return leaves, parties


def _check_parties(said: Mapping[int, Sequence[bytes]], rows: Iterable[PartyRow], found: Scanned) -> None:
    kept: dict[int, list[bytes]] = {}
    for index, token in rows:
        kept.setdefault(index, []).append(token)
        found.parties += 1
    if kept.keys() == said.keys() and all(
        len(tokens) == len(said[index]) and set(tokens) == set(said[index]) for index, tokens in kept.items()
    ):
        return
    wrong = (
        index
        for index in sorted(kept.keys() | said.keys())
        if sorted(kept.get(index, ())) != sorted(said.get(index, ()))
    )
    first = next(wrong, None)
    if first is not None:
        found.findings.append((first, Fault.PARTIES_DIFFER))


def _check_tiles(stretch: Stretch, leaves: list[bytes], found: Scanned) -> None:
    """Fold tile by tile; compare with the files up to the size the newest checkpoint signs."""
    marks = list(stretch.marks)
    folder = Path(stretch.tiles)
    compare = True
    for begin in range(0, len(leaves), WIDTH):
        part = leaves[begin : begin + WIDTH]
        first = stretch.start + begin
        if compare:
            compare = _same_tile(folder, first, part, found, signed=stretch.signed)
        while marks and marks[0] < first + len(part):
            _tail(marks, first, part, found)
        if len(part) == WIDTH:
            found.heads.append(fold(part))
            if marks and marks[0] == first + WIDTH:
                marks.pop(0)
        else:
            found.rest = part
            while marks:
                _tail(marks, first, part, found)


def _tail(marks: list[int], first: int, part: list[bytes], found: Scanned) -> None:
    """Note the heads of the leaves first..mark for every mark inside this tile."""
    tree = Compact()
    while marks and marks[0] <= first + len(part) and (marks[0] - first) < WIDTH:
        mark = marks.pop(0)
        tree.extend(part[tree.size : mark - first])
        found.tails[mark] = tree.root()


def _same_tile(folder: Path, first: int, part: list[bytes], found: Scanned, *, signed: int) -> bool:
    width = min(signed - first, WIDTH)
    if width <= 0:
        return False
    content = read_tile(folder, Tile(0, first >> HEIGHT, width))
    if content is None:
        found.findings.append((first, Fault.TILE_MISSING))
        return False
    place = first_difference(content, part[:width], width=width)
    if place is None:
        return True
    found.findings.append((first + place, Fault.TILE_DIFFERS))
    return False


def first_difference(content: bytes, hashes: Sequence[bytes], *, width: int) -> int | None:
    """Return at which of the hashes a tile of this width departs from them, or None.

    Fewer hashes than the width are compared as far as they go.
    """
    size = len(_NOTHING)
    if content[: len(hashes) * size] == b"".join(hashes) and len(content) == width * size:
        return None
    places = (
        place for place, item in enumerate(hashes) if content[place * size : (place + 1) * size] != item
    )
    return next(places, max(len(hashes) - 1, 0))


def read_tile(folder: Path, tile: Tile) -> bytes | None:
    """Return a tile's bytes (a dropped partial one from the full one), or None."""
    size = tile.width * len(_NOTHING)
    try:
        return (folder / tile_path(tile)).read_bytes()
    except OSError:
        pass
    try:
        return (folder / tile_path(Tile(tile.level, tile.index))).read_bytes()[:size]
    except OSError:
        return None


def _select(columns: str, entry: str, raw: Callable[[str], str], mark: str) -> tuple[str, str]:
    """Return the statements for rows and for parties in one database's words."""
    span = f'l."index" >= {mark} AND l."index" < {mark} ORDER BY l."index"'
    rows = (
        f'SELECT l."index", {raw("l.leaf")}, {entry}, {raw("e.salt")}, {columns} FROM audit_leaf l'
        f" LEFT JOIN audit_entry e ON e.id = l.entry_id WHERE {span}"
    )
    parties = (
        f'SELECT l."index", {raw("p.token")} FROM audit_leaf l JOIN audit_party p ON p.entry_id = l.entry_id'
        f" WHERE {span}"
    )
    return rows, parties


def _joined(separator: str) -> str:
    return f" || {separator} || ".join(f'e."{name}"' for name in COLUMNS)


# Everything is read as bytes, whatever type somebody who rebuilt a table gave it.
SQLITE: Final = _select(
    f"CAST({_joined('char(31)')} AS BLOB)", "CAST(e.entry AS BLOB)", lambda name: f"CAST({name} AS BLOB)", "?"
)
POSTGRES: Final = _select(
    f"convert_to({_joined('chr(31)')}, 'UTF8')", "convert_to(e.entry, 'UTF8')", lambda name: name, "%s"
)


@dataclass(frozen=True, slots=True)
class SqliteSource:
    """A connection to the data file."""

    connection: sqlite3.Connection

    def rows(self, start: int, stop: int) -> Iterable[Row]:
        """Stream the rows."""
        return cast("Iterable[Row]", self.connection.execute(SQLITE[0], (start, stop)))

    def parties(self, start: int, stop: int) -> Iterable[PartyRow]:
        """Stream the party rows."""
        return cast("Iterable[PartyRow]", self.connection.execute(SQLITE[1], (start, stop)))


@dataclass(frozen=True, slots=True)
class PostgresSource:
    """A psycopg connection; rows come in the binary format."""

    connection: Any

    def rows(self, start: int, stop: int) -> Iterable[Row]:
        """Fetch the rows."""
        return self._fetch(POSTGRES[0], start, stop)

    def parties(self, start: int, stop: int) -> Iterable[PartyRow]:
        """Fetch the party rows."""
        return self._fetch(POSTGRES[1], start, stop)

    def _fetch(self, statement: str, start: int, stop: int) -> Iterator[Any]:
        import psycopg

        with psycopg.Cursor(self.connection) as cursor:
            cursor.execute(cast("Any", statement), (start, stop), binary=True)
            yield from cursor.fetchall()


def scan_sqlite(stretch: Stretch, path: str) -> Scanned:
    """Scan a stretch over a read-only connection of one's own: what a worker process runs."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return scan(stretch, SqliteSource(connection))


def scan_postgres(stretch: Stretch, parameters: Mapping[str, Any]) -> Scanned:
    """Scan a stretch over a connection of one's own: what a worker process runs."""
    import psycopg

    with psycopg.connect(**parameters) as connection:
        return scan(stretch, PostgresSource(connection))
