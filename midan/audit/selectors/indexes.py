"""Compare the database's own indexes with the tables of the log: what the log's pages find, they find through these.

The scan reads rows. A copy of a query column inside an index can say something else, and then a filter passes over an
entry whose row is untouched.
"""

import re
from typing import Any, Final

from django.db import connection, transaction

from midan.store import bulk

DIFFERS: Final = "database_index_differs"
_TABLES: Final = ("audit_entry", "audit_leaf", "audit_party", "audit_checkpoint")
_ROW: Final = re.compile(r"^row (\d+) (?:missing|values differ)")
# Sorting is what an index saves: without it each index is walked, and the rows it leads to are read from the table.
_BY_INDEX: Final = (
    "sort",
    "incremental_sort",
    "seqscan",
    "bitmapscan",
    "indexonlyscan",
    "hashagg",
)
_KEYS: Final = """
    SELECT t.relname, array_agg(quote_ident(a.attname) ORDER BY k.place)
    FROM pg_index i
    JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_class x ON x.oid = i.indexrelid
    JOIN pg_am m ON m.oid = x.relam AND m.amname = 'btree'
    JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place) ON true
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
    WHERE i.indisvalid AND t.relname = ANY(%s) AND pg_table_is_visible(t.oid)
    GROUP BY i.indexrelid, t.relname ORDER BY i.indexrelid"""


def wrong_index() -> tuple[int | None] | None:
    """Return None when every index says what its table says, else the log index of the row it misstates, if known."""
    return _walk() if bulk.is_postgres() else _checked_by_sqlite()


def _checked_by_sqlite() -> tuple[int | None] | None:
    for table in _TABLES:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA integrity_check('{table}')")
            said = [str(row[0]) for row in cursor.fetchall()]
        if said != ["ok"]:
            rows = [int(found[1]) for line in said if (found := _ROW.match(line))]
            return (_place(min(rows)),) if rows and table == "audit_entry" else (None,)
    return None


def _place(entry: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute('SELECT "index" FROM audit_leaf WHERE entry_id = %s', [entry])
        found = cursor.fetchone()
    return None if found is None else int(found[0])


def _walk() -> tuple[int | None] | None:
    """Read each table in the order of each index: the rows must come sorted, and none may be left out."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_KEYS, [list(_TABLES)])
        indexes: list[tuple[str, list[str]]] = cursor.fetchall()
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        for way in _BY_INDEX:
            cursor.execute(f"SET LOCAL enable_{way} = off")
        wrong = any(_strays(cursor, table, ", ".join(columns)) for table, columns in indexes)
        for way in _BY_INDEX:
            cursor.execute(f"SET LOCAL enable_{way} TO DEFAULT")
        cursor.execute("SET LOCAL max_parallel_workers_per_gather TO DEFAULT")
    return (None,) if wrong else None


def _strays(cursor: Any, table: str, key: str) -> bool:
    # One statement, one snapshot; the rows themselves are counted by their place in the file, through no index.
    cursor.execute(
        f"SELECT coalesce(sum((before > this)::int), 0), count(*), "
        f"(SELECT count(*) FROM {table} WHERE ctid >= '(0,0)'::tid) "
        f"FROM (SELECT lag(ROW({key})) OVER (ORDER BY {key}) AS before, ROW({key}) AS this FROM {table}) AS walked"
    )
    unsorted, led_to, rows = cursor.fetchone()
    return bool(unsorted) or led_to != rows
