"""One moment of the database, read over a connection of its own while others write.

SQLite: a read transaction in WAL mode, which sees what was committed when it began. PostgreSQL: REPEATABLE READ, READ
ONLY. Both hold nobody up; on SQLite the write-ahead log grows until the reading ends.
"""

import gc
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final, Protocol
from urllib.parse import quote

import msgspec
from django.db import connection

from midan.store import bulk
from midan.vault.backup import messagepack, tables
from midan.vault.backup.manifest import Column

_CHUNK: Final = 1 << 20
_FIRST: Final = 64  # rows, before anything is known of their length
_MOST_ROWS: Final = 32_768
_encode: Final = msgspec.msgpack.Encoder().encode


class Snapshot(Protocol):
    """What both databases answer of one moment."""

    def one(self, statement: str) -> tuple[Any, ...]:
        """Return the first row, or ()."""

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        """Return every row: for small answers only."""

    def blocks(
        self, table: str, columns: Sequence[Column], which: str = ""
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a table, about a mebibyte at a time; `which` goes on where the statement ends."""

    def segment(self, table: str, columns: Sequence[Column], which: str) -> tuple[int, bytes]:
        """Return how many rows a segment has, and its chunk's plain bytes."""


@contextmanager
def taken() -> Iterator[Snapshot]:
    """Yield a snapshot of the default database as of now.

    The collector of cycles rests meanwhile: rows have none, and it takes a fifth of the time to find that out.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        with _taken() as found:
            yield found
    finally:
        if collects:
            gc.enable()


@contextmanager
def _taken() -> Iterator[Snapshot]:
    if bulk.is_postgres():
        with _postgres() as found:
            yield found
        return
    address = f"file:{quote(str(connection.settings_dict['NAME']))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=30)) as raw:
        raw.execute("PRAGMA mmap_size = 0")
        raw.execute("BEGIN")
        raw.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the moment: BEGIN alone takes none
        yield _Sqlite(raw)


@contextmanager
def _postgres() -> Iterator[Snapshot]:
    other = connection.copy()
    try:
        other.connect()
        raw: Any = other.connection
        raw.autocommit = True
        raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        raw.execute("SET LOCAL statement_timeout = 0")
        raw.execute("SELECT 1")
        yield _Postgres(raw)
        raw.execute("COMMIT")
    finally:
        other.close()


class _Sized:
    """How many rows make a chunk, learned from the one before."""

    def __init__(self) -> None:
        self.rows = _FIRST

    def learn(self, rows: int, size: int) -> None:
        self.rows = max(1, min(_MOST_ROWS, _CHUNK * rows // max(size, 1)))


class _Sqlite:
    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def one(self, statement: str) -> tuple[Any, ...]:
        return self._raw.execute(statement).fetchone() or ()

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        return self._raw.execute(statement).fetchall()

    def segment(self, table: str, columns: Sequence[Column], which: str) -> tuple[int, bytes]:
        rows = self._raw.execute(tables.select(table, columns, postgres=False) + which).fetchall()
        return len(rows), packed(rows, columns)

    def blocks(
        self, table: str, columns: Sequence[Column], which: str = ""
    ) -> Iterator[list[tuple[Any, ...]]]:
        cursor = self._raw.execute(tables.select(table, columns, postgres=False) + which)
        size = _Sized()
        while rows := cursor.fetchmany(size.rows):
            yield rows
            size.learn(len(rows), _length(rows))


class _Postgres:
    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def one(self, statement: str) -> tuple[Any, ...]:
        return self._raw.execute(statement).fetchone() or ()

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._raw.execute(statement).fetchall()
        return found

    def segment(self, table: str, columns: Sequence[Column], which: str) -> tuple[int, bytes]:
        """Let the server write the chunk itself: it does so on another core, and no row is taken apart here."""
        statement = messagepack.chunk(table, columns, which)
        if statement is None:
            rows = [row for block in self.blocks(table, columns, which) for row in block]
            return len(rows), packed(rows, columns)
        with (
            self._raw.cursor() as cursor,
            cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT BINARY)") as copy,
        ):
            copy.set_types(["int8", "bytea"])
            ((count, plain),) = list(copy.rows())
        return int(count), messagepack.array(count) + bytes(plain or b"")

    def blocks(
        self, table: str, columns: Sequence[Column], which: str = ""
    ) -> Iterator[list[tuple[Any, ...]]]:
        statement = tables.select(table, columns, postgres=True) + which
        size, rows = _Sized(), list[tuple[Any, ...]]()
        with (
            self._raw.cursor() as cursor,
            cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT BINARY)") as copy,
        ):
            copy.set_types(tables.wire_types(columns))
            for row in copy.rows():
                rows.append(row)
                if len(rows) >= size.rows:
                    yield rows
                    size.learn(len(rows), _length(rows))
                    rows = []
        if rows:
            yield rows


def _length(rows: Sequence[tuple[Any, ...]]) -> int:
    """Return about how many bytes these rows take: the first and the last few tell."""
    some = [*rows[:4], *rows[-4:]]
    return len(_encode(some)) * len(rows) // len(some)


def packed(rows: list[tuple[Any, ...]], columns: Sequence[Column]) -> bytes:
    """Return the plain bytes of a chunk: MessagePack, an array of rows, each an array in the order of the columns."""
    documents = [at for at, column in enumerate(columns) if column.kind == "json"]
    if documents:
        rows = [
            tuple(_document(value) if at in documents else value for at, value in enumerate(row))
            for row in rows
        ]
    return _encode(rows)


def _document(text: str | None) -> str | None:
    """Return JSON in one spelling: the databases keep theirs each in its own."""
    if text is None:
        return None
    return json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
