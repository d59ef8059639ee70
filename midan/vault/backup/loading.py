"""Rows of a set into an empty database, in the state of migrations the set was made in, then forward to this release.

All rows come in one transaction together with the marker of an unfinished restore: a process killed before its commit
leaves an empty place, after it a place that says what it lacks.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from midan.store import bulk
from midan.vault import partitions
from midan.vault.backup.chunks import Row
from midan.vault.backup.errors import NewerRelease, RestoreFailed
from midan.vault.backup.making import OnProgress, Progress
from midan.vault.backup.manifest import Column, Manifest, Table
from midan.vault.backup.models import Restore
from midan.vault.backup.opening import OpenSet, blocks
from midan.vault.models import LIVE, Epoch
from midan.vault.rules import FAMILIES

Convert = Callable[[Any], Any]
Insert = Callable[[str, Sequence[str], Sequence[str], Sequence[tuple[Any, ...]]], object]


def check_release(manifest: Manifest) -> None:
    """Raise NewerRelease when the set has migrations this release does not know."""
    known = MigrationExecutor(connection).loader.graph.nodes.keys()
    unknown = sum(
        (app, name) not in known and not _replaced(app, name)
        for app, names in manifest.migrations.items()
        for name in names
    )
    if unknown:
        raise NewerRelease(unknown)


def _replaced(app: str, name: str) -> bool:
    """Return whether a squashed migration stands for this one."""
    replacements = MigrationExecutor(connection).loader.replacements
    return any((app, name) in migration.replaces for migration in replacements.values())


def make_tables(manifest: Manifest) -> None:
    """Migrate the empty database to where the set's was: its rows fit these tables and no later ones."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    applied = {(app, name) for app, names in manifest.migrations.items() for name in names}
    mine = {node for node in graph.nodes if node in applied}
    ends = [node for node in mine if not any(child.key in mine for child in graph.node_map[node].children)]
    executor.migrate(sorted(ends))


def load(opened: OpenSet, *, now: datetime, on_progress: OnProgress | None = None) -> None:
    """Put every row of the set into the database, which holds none but what migrations wrote themselves."""
    manifest = opened.manifest
    with transaction.atomic(durable=True):
        for table in manifest.tables:
            clear(table)
        total = 0
        for done, table in enumerate(manifest.tables):
            if table.name in partitions.TABLES:  # epochs stand before parts in the alphabet
                divide()
            total += _fill(opened, table)
            if on_progress:
                on_progress(
                    Progress(table=table.name, tables_done=done + 1, tables=len(manifest.tables), rows=total)
                )
        _count(manifest.tables)
        count_on(manifest.tables)
        Restore.objects.create(set_id=manifest.set, name=opened.folder.name, started_at=now)


def divide() -> None:
    """Make the partitions of the set's live epochs, before their parts come."""
    for number in Epoch.objects.filter(state=LIVE).order_by("number").values_list("number", flat=True):
        partitions.make(number)


def clear(table: Table) -> None:
    """Clear what migrate put there; a table without rows is left alone, and with it the guards of the log."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT 1 FROM "{table.name}" LIMIT 1')
        if cursor.fetchone():
            cursor.execute(f'DELETE FROM "{table.name}"')


def _count(tables: Sequence[Table]) -> None:
    """Raise RestoreFailed when a table holds other than the manifest says."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table.name}"')
            found = cursor.fetchone()[0]
            if found != table.rows:
                raise RestoreFailed("rows", table=table.name, rows=found, expected=table.rows)


def _fill(opened: OpenSet, table: Table, into: Insert = bulk.insert) -> int:
    return sum(insert(table, block, into) for block in blocks(opened, table))


def insert(table: Table, rows: Sequence[Row], into: Insert = bulk.insert) -> int:
    """Insert rows as a set holds them, in the caller's transaction; return how many."""
    converts = [_convert(column) for column in table.columns]
    idle = all(convert is None for convert in converts)
    found = [tuple(row) for row in rows] if idle else [_converted(row, converts) for row in rows]
    into(f'"{table.name}"', [f'"{column.name}"' for column in table.columns], _types(table), found)
    return len(found)


def move(journal: OpenSet) -> int:
    """Bring records of the set to where a journal says they were sealed anew; return how many. May be run again.

    A record the set does not have is left out: it came in later, and its waybill is not there either.
    """
    found = {table.name: table for table in journal.manifest.tables}
    with transaction.atomic(durable=True):
        _fill(journal, found["vault_reseal"], bulk.insert_new)
        moved = 0
        for family in FAMILIES:
            if family.sealed in found:  # a journal of old knows orders only
                _fill(journal, found[family.sealed], bulk.insert_new)
                moved += _point(journal, found[family.records])
        count_on([found["vault_reseal"]])
    return moved


def _point(journal: OpenSet, records: Table) -> int:
    """Let the records that are here lead to where the journal says they lie; return how many."""
    at = {column.name: place for place, column in enumerate(records.columns)}
    moved = 0
    with connection.cursor() as cursor:
        for block in blocks(journal, records):
            for row in block:
                cursor.execute(
                    f"UPDATE {records.name} SET epoch = %s, record_no = %s WHERE seq = %s",
                    [row[at["epoch"]], row[at["record_no"]], row[at["seq"]]],
                )
                moved += cursor.rowcount
    return moved


def _converted(row: Row, converts: Sequence[Convert | None]) -> tuple[Any, ...]:
    return tuple(
        value if convert is None or value is None else convert(value)
        for value, convert in zip(row, converts, strict=True)
    )


def _convert(column: Column) -> Convert | None:
    """Return how a value of a set becomes one of this database."""
    postgres = bulk.is_postgres()
    match column.kind:
        case "moment":
            return _moment if postgres else _plain_moment
        case "date" if postgres:
            return date.fromisoformat
        case "bool" if postgres:
            return bool
        case "json" if postgres:
            return _jsonb
        case _:
            return None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _plain_moment(text: str) -> str:
    """Return a moment as Django writes it on SQLite: equal moments are equal texts."""
    return text.removesuffix(".000000")


def _jsonb(text: str) -> Any:
    from psycopg.types.json import Jsonb

    return Jsonb(json.loads(text))


def _types(table: Table) -> list[str]:
    """Return the type of each column as this database has it: COPY needs it to the byte."""
    if not bulk.is_postgres():
        return [column.kind for column in table.columns]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, atttypid::regtype::text FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [table.name],
        )
        known = dict(cursor.fetchall())
    missing = [column.name for column in table.columns if column.name not in known]
    if missing:
        raise RestoreFailed("rows", table=table.name)
    return [known[column.name] for column in table.columns]


def count_on(tables: Sequence[Table]) -> None:
    """Let PostgreSQL's identities go on after the highest number restored; SQLite does so by itself."""
    if not bulk.is_postgres():
        return
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attidentity <> ''",
                [table.name],
            )
            for (column,) in cursor.fetchall():
                cursor.execute(
                    f'SELECT setval(pg_get_serial_sequence(%s, %s), coalesce(max("{column}"), 0) + 1, false)'
                    f' FROM "{table.name}"',
                    [f'"{table.name}"', column],
                )


def go_forward() -> None:
    """Bring the loaded database to this release."""
    call_command("migrate", interactive=False, verbosity=0)
