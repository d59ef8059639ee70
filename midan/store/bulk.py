"""Insert and look up many rows with few statements.

Measured (Python 3.11, Debian 12, four indexes, 500 rows a durable commit): PostgreSQL `COPY … BINARY` 85 k rows/s
against 32 k by executemany; SQLite executemany 31 k rows/s. Table and column names come from our own code, never
from input; values are always parameters.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Any, cast

from django.db import connection

from midan.store.errors import NotInTransaction

Row = tuple[Any, ...]
# SQLite allows 32,766 variables in a statement; stay well below with any width used here.
_KEYS_A_STATEMENT = 2_000


def is_postgres() -> bool:
    """Return whether the default database is PostgreSQL."""
    return connection.vendor == "postgresql"


def insert(table: str, columns: Sequence[str], types: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert `rows`; `types` are PostgreSQL type names, one a column. Raise IntegrityError on a taken key."""
    _require_transaction()
    if not rows:
        return
    names = ", ".join(columns)
    if is_postgres():
        with connection.cursor() as cursor, connection.wrap_database_errors:
            raw = cast("Any", cursor).cursor
            with raw.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(list(types))
                for row in rows:
                    copy.write_row(row)
        return
    marks = ", ".join(["?"] * len(columns))
    _executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", types, rows)


def insert_new(table: str, columns: Sequence[str], types: Sequence[str], rows: Sequence[Row]) -> int:
    """Insert the rows whose key is free and return how many were; taken keys are left as they are."""
    _require_transaction()
    if not rows:
        return 0
    names = ", ".join(columns)
    if is_postgres():
        arrays = ", ".join(f"%s::{kind}[]" for kind in types)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING",
                [list(column) for column in zip(*rows, strict=True)],
            )
            return int(cursor.rowcount)
    marks = ", ".join(["?"] * len(columns))
    return _executemany(f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", types, rows)


def select_keys(statement: str, types: tuple[str, ...], keys: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows of `statement`, in which `{keys}` stands for the table of `keys`, in chunks of any number.

    The table is called k and its columns c1, c2, …:
    `SELECT p.leaf, p.sealed FROM {keys} JOIN vault_part p ON p.epoch = k.c1 AND p.leaf = k.c2`.
    """
    todo = iter(keys)
    while chunk := list(islice(todo, _KEYS_A_STATEMENT)):
        text = statement.replace("{keys}", _keys_table(types, len(chunk)))
        if is_postgres():
            with connection.cursor() as cursor:
                cursor.execute(text, [list(column) for column in zip(*chunk, strict=True)])
                yield from cursor.fetchall()
            continue
        connection.ensure_connection()
        # The driver itself, as in _executemany: it keeps the parsed statement for the next chunk of this length.
        with connection.wrap_database_errors:
            found = cast("Any", connection.connection).execute(text, list(chain.from_iterable(chunk)))
            rows = cast("list[Row]", found.fetchall())
        yield from rows


def _executemany(statement: str, types: Sequence[str], rows: Sequence[Row]) -> int:
    """Run the SQLite driver's own executemany: Django's wrapper rewrites the statement and copies every row."""
    times = [position for position, kind in enumerate(types) if kind == "timestamptz"]
    if times:
        adapt = connection.ops.adapt_datetimefield_value
        rows = [
            tuple(adapt(value) if position in times else value for position, value in enumerate(row))
            for row in rows
        ]
    with connection.wrap_database_errors:
        return cast("int", cast("Any", connection.connection).executemany(statement, rows).rowcount)


@lru_cache(maxsize=256)
def _keys_table(types: tuple[str, ...], count: int) -> str:
    names = ", ".join(f"c{number}" for number in range(1, len(types) + 1))
    if is_postgres():
        return f"unnest({', '.join(f'%s::{kind}[]' for kind in types)}) AS k({names})"
    marks = f"({', '.join(['?'] * len(types))})"
    columns = ", ".join(f"column{number} AS c{number}" for number in range(1, len(types) + 1))
    return f"(SELECT {columns} FROM (VALUES {', '.join([marks] * count)})) AS k"


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise NotInTransaction("批量写入必须在事务之内")
