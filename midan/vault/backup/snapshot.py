"""One moment of the database, read over a connection of its own while others write.

SQLite: a read transaction in WAL mode, which sees what was committed when it began. PostgreSQL: REPEATABLE READ, READ
ONLY. Both hold nobody up; on SQLite the write-ahead log grows until the reading ends.
"""

import gc
import select
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final, Protocol
from urllib.parse import quote

import msgspec
from django.db import OperationalError, connection

from midan.store import bulk
from midan.vault.backup import tables
from midan.vault.backup.chunks import IMAGE_TABLE
from midan.vault.backup.manifest import Column, Form
from midan.vault.backup.tables import Cut

_CHUNK: Final = 1 << 20
_FIRST: Final = 64  # rows, before anything is known of their length
_MOST_ROWS: Final = 32_768
_CACHE_KIB: Final = 16_384  # a segment: its keys are summed first, then its rows are read
_encode: Final = msgspec.msgpack.Encoder().encode
# A segment that was found: group, place, and of settled rows how many there are and the sums over their keys.
Found = tuple[int, int, int, int, int]


class Snapshot(Protocol):
    """What both databases answer of one moment."""

    @property
    def form(self) -> Form:
        """Return how the rows of a segment stand in its plain bytes."""

    def one(self, statement: str) -> tuple[Any, ...]:
        """Return the first row, or ()."""

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        """Return every row: for small answers only."""

    def blocks(
        self, table: str, columns: Sequence[Column], which: str = ""
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a table, about a mebibyte at a time; `which` goes on where the statement ends."""

    def survey(self, table: str, cut: Cut) -> Iterator[Found]:
        """Yield the segments a table has, in order."""

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
        raw.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        # Segments are put together here, in memory. What is left of a page is zeros, nothing of this process.
        raw.execute("ATTACH ':memory:' AS cut")
        raw.execute("PRAGMA cut.secure_delete = ON")
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
    form: Final = "sqlite"

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def one(self, statement: str) -> tuple[Any, ...]:
        return self._raw.execute(statement).fetchone() or ()

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        return self._raw.execute(statement).fetchall()

    def segment(self, table: str, columns: Sequence[Column], which: str) -> tuple[int, bytes]:
        """Let SQLite copy the rows into a database of their own, in one step without Python, and take its bytes.

        Never committed, but taken back: so the bytes hold no counter, and equal rows give equal bytes.
        """
        names = ", ".join(f'"{column.name}"' for column in columns)
        self._raw.execute("SAVEPOINT cut")
        self._raw.execute(f'CREATE TABLE cut."{IMAGE_TABLE}" ({names})')
        chosen = tables.select(table, columns, postgres=False) + which
        rows = self._raw.execute(f'INSERT INTO cut."{IMAGE_TABLE}" {chosen}').rowcount
        image = self._raw.serialize(name="cut")
        self._raw.execute("ROLLBACK TO cut")
        self._raw.execute("RELEASE cut")
        return rows, image

    def survey(self, table: str, cut: Cut) -> Iterator[Found]:
        """Step from the first key of one segment to that of the next: grouping all rows took longer than reading them."""
        groups = self._steps(table, cut.group, "") if cut.group else iter((0,))
        for group in groups:
            mine = f'"{cut.group}" = {group} AND ' if cut.group else ""
            for at in self._steps(table, cut.key, mine, cut.bits):
                if not cut.settled:
                    yield group, at, 0, 0, 0
                    continue
                count, low, high = self.one(
                    f'SELECT {tables.sums(cut)} FROM "{table}"{tables.within(cut, group, at)}'
                )
                yield group, at, count, low, high

    def _steps(self, table: str, key: str, mine: str, bits: int = 0) -> Iterator[int]:
        """Yield the values a whole-numbered key has, in steps of 2^bits, lowest first; one look into the index each."""
        statement = f'SELECT min("{key}") FROM "{table}"'
        (lowest,) = self.one(f'{statement} WHERE {mine}"{key}" IS NOT NULL')
        while lowest is not None:
            at = lowest >> bits
            yield at
            (lowest,) = self.one(f'{statement} WHERE {mine}"{key}" >= {(at + 1) << bits}')

    def blocks(
        self, table: str, columns: Sequence[Column], which: str = ""
    ) -> Iterator[list[tuple[Any, ...]]]:
        cursor = self._raw.execute(tables.select(table, columns, postgres=False) + which)
        size = _Sized()
        while rows := cursor.fetchmany(size.rows):
            yield rows
            size.learn(len(rows), _length(rows))


class _Postgres:
    form: Final = "copy"

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def one(self, statement: str) -> tuple[Any, ...]:
        return self._raw.execute(statement).fetchone() or ()

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._raw.execute(statement).fetchall()
        return found

    def segment(self, table: str, columns: Sequence[Column], which: str) -> tuple[int, bytes]:
        """Take what the server writes as it comes, a message a row, without a look inside.

        Over the library's own door to libpq: its reader of rows takes twice the time of server and client together.
        """
        from psycopg.pq import ExecStatus

        opened = self._raw.pgconn.exec_(tables.copied(table, columns, which).encode())
        if opened.status != ExecStatus.COPY_OUT:
            raise OperationalError(opened.get_error_message())
        rows, parts, ready = 0, list[bytes](), select.poll()
        ready.register(self._raw.pgconn.socket, select.POLLIN)
        while True:
            size, part = self._raw.pgconn.get_copy_data(1)
            if size > 0:
                parts.append(part)
            elif size == 0:  # nothing there yet: wait for it without holding the interpreter
                ready.poll()
                self._raw.pgconn.consume_input()
            else:
                break
        while (ended := self._raw.pgconn.get_result()) is not None:
            if ended.status != ExecStatus.COMMAND_OK:
                raise OperationalError(ended.get_error_message())
            rows = ended.command_tuples
        return rows, b"".join(parts)

    def survey(self, table: str, cut: Cut) -> Iterator[Found]:
        for group, at, count, low, high in self.all(tables.survey(table, cut)):
            yield group, at, count, int(low), int(high)

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
