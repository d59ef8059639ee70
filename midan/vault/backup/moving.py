"""`midan migrate-db`: every row of an SQLite place into an empty PostgreSQL database, keys and all.

1  the source is held: nobody writes to it until the end       2  tables of this release in the target, and the marker
3  rows, a batch a transaction, in the order of their keys     4  every row compared, both sides
5  entry, tiles, the whole log checked                         6  the source is marked as moved, the target is free

Killed at any point, the same command goes on: what is there is a beginning of what is to come. The default database of
this process is the target; the source is a file this module opens itself. Sessions and tokens stay behind: people sign
in anew. The tag of cached keys is the target's own.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter
from itertools import zip_longest
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import ForeignKey, Model

from midan.audit import services as log
from midan.audit.services import record
from midan.catalog.settings import current
from midan.core.actor import Actor
from midan.core.sm import sm3
from midan.store import bulk
from midan.vault import partitions
from midan.vault.backup import chunks, loading, making, tables
from midan.vault.backup.errors import MOVE, MoveRefused, OtherCompany, PlaceInUse, RestoreFailed
from midan.vault.backup.events import Act
from midan.vault.backup.making import OnProgress, Progress
from midan.vault.backup.manifest import Column, Table
from midan.vault.backup.models import Restore
from midan.vault.keyd.remote import answers

_BATCH: Final = 10_000
# A backup has these from elsewhere; a move takes them as they are.
_KEYS: Final = frozenset({"vault_state", "vault_frontier", "vault_secret", "vault_digest"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What was moved. `digest` is the SM3 of every row's SM3, the same on both sides."""

    tables: int
    rows: int
    copied: int
    digest: str
    log: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Moving:
    """One table: its columns, and the statement's end that puts its rows in the order of their key."""

    table: Table
    key: tuple[str, ...]

    def select(self, *, postgres: bool) -> str:
        """Return the statement that reads the rows in order, equal values spelled equally."""
        collation = ' COLLATE "C"' if postgres else ""
        texts = {column.name for column in self.table.columns if column.kind == "text"}
        order = ", ".join(f'"{name}"{collation if name in texts else ""}' for name in self.key)
        chosen = tables.select(self.table.name, self.table.columns, postgres=postgres)
        return f"{chosen} ORDER BY {order}"


def move(*, source: Path, actor: Actor, now: datetime, on_progress: OnProgress | None = None) -> Moved:
    """Move the place of this home from the file `source` into the default database, or go on where that broke off.

    MoveRefused, PlaceInUse, OtherCompany, RestoreFailed('rows' or 'log'), BackupPlaceRefused('busy').
    """
    begun = perf_counter()
    if not bulk.is_postgres():
        raise MoveRefused("target")
    if answers(current().keyd_socket):
        raise PlaceInUse("served")
    with making.alone(), _held(source) as held:
        company = _company(held)
        if not _goes_on(held, company):
            _begin(company, now)
        plan = _plan()
        copied = _copy(held, plan, on_progress)
        rows, digest = _compare(held, plan)
        loading.count_on([one.table for one in plan])
        size = _finish(actor, now, rows=rows, digest=digest)
        _mark_source(held, company, now)
        Restore.objects.filter(finished_at=None).update(finished_at=now)
    log.integrate(now=now)
    seconds = round(perf_counter() - begun, 3)
    return Moved(tables=len(plan), rows=rows, copied=copied, digest=digest, log=size, seconds=seconds)


@contextmanager
def _held(source: Path) -> Iterator[sqlite3.Connection]:
    """Open the file and take its one place for a writer: what is copied cannot change meanwhile."""
    if not source.is_file():
        raise MoveRefused("source")
    with closing(sqlite3.connect(source, isolation_level=None, timeout=5)) as held:
        try:
            held.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            raise PlaceInUse("served") from None
        yield held
        held.execute("COMMIT")


def _company(held: sqlite3.Connection) -> str:
    try:
        row = held.execute("SELECT company_id FROM vault_identity").fetchone()
        applied = set(held.execute("SELECT app, name FROM django_migrations").fetchall())
        broken_off = held.execute("SELECT name FROM backup_restore WHERE finished_at IS NULL").fetchone()
    except sqlite3.DatabaseError:
        raise MoveRefused("source") from None
    if row is None or (broken_off is not None and broken_off[0] != MOVE):
        raise MoveRefused("source")
    wanted = set(MigrationExecutor(connection).loader.graph.nodes)
    if not wanted <= applied:
        raise MoveRefused("release")
    return bytes(row[0]).hex()


def _goes_on(held: sqlite3.Connection, company: str) -> bool:
    """Return whether this move began in the target, False where that is empty; else say what is there."""
    known = set(connection.introspection.table_names())
    if "backup_restore" in known and (row := Restore.objects.filter(finished_at=None).first()):
        if (row.name, row.set_id) == (MOVE, company):
            return True
        raise OtherCompany if row.name == MOVE else PlaceInUse("restore")
    if "vault_identity" in known:
        with connection.cursor() as cursor:
            cursor.execute("SELECT company_id FROM vault_identity")
            there = cursor.fetchone()
        if there is not None:
            raise PlaceInUse("vault") if bytes(there[0]).hex() == company else OtherCompany
    if known - {"django_migrations"} and not _is_blank(known):
        raise PlaceInUse("rows")
    if held.execute("SELECT 1 FROM backup_restore WHERE finished_at IS NULL").fetchone():
        raise MoveRefused("moved")  # the whole of it is in another database already
    return False


def _is_blank(known: set[str]) -> bool:
    """Return whether there are tables of ours and none of them says that anybody worked here."""
    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}  # noqa: SLF001
    if not known & ours:
        return False
    telling = known & {"people_staff", "people_branch", "waybill_waybill", "vault_record", "audit_entry"}
    with connection.cursor() as cursor:
        for table in sorted(telling):
            cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')
            if cursor.fetchone():
                return False
    return True


def _begin(company: str, now: datetime) -> None:
    """Make the tables, clear what migrations put there, and say that a move is under way, in that order."""
    call_command("migrate", interactive=False, verbosity=0)
    with transaction.atomic(durable=True):
        for one in reversed(_plan()):
            loading.clear(one.table)
        Restore.objects.create(set_id=company, name=MOVE, started_at=now)


def _plan() -> list[_Moving]:
    """Return the tables, each after those its rows point to; parts and digests after the epochs they are divided by."""
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}  # noqa: SLF001
    wanted = dict(tables.planned())
    wanted |= {name: tables.columns(models[name]) for name in _KEYS}
    before = {name: _pointed_to(models[name]) & wanted.keys() - {name} for name in wanted}
    for name in partitions.TABLES:
        before[name] |= {"vault_epoch"}
    return [
        _Moving(
            Table(name=name, columns=wanted[name], rows=0, chunks=0, bytes=0, tags=""), _key(models[name])
        )
        for name in TopologicalSorter(before).static_order()
    ]


def _pointed_to(model: type[Model]) -> set[str]:
    fields = model._meta.concrete_fields  # noqa: SLF001
    return {
        field.remote_field.model._meta.db_table  # noqa: SLF001
        for field in fields
        if isinstance(field, ForeignKey)
    }


def _key(model: type[Model]) -> tuple[str, ...]:
    return tuple(str(field.column) for field in model._meta.pk_fields)  # noqa: SLF001


def _copy(held: sqlite3.Connection, plan: Sequence[_Moving], on_progress: OnProgress | None) -> int:
    """Insert what the target has not yet; each table's rows are a beginning of the source's, in the same order."""
    copied = 0
    for done, one in enumerate(plan):
        if one.table.name in partitions.TABLES:
            loading.divide()
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{one.table.name}"')
            there = cursor.fetchone()[0]
        rows = held.execute(f"{one.select(postgres=False)} LIMIT -1 OFFSET {there}")
        while batch := rows.fetchmany(_BATCH):
            with transaction.atomic(durable=True):
                loading.insert(one.table, [list(row) for row in batch])
            copied += len(batch)
            if on_progress:
                on_progress(Progress(table=one.table.name, tables_done=done, tables=len(plan), rows=copied))
    return copied


def _compare(held: sqlite3.Connection, plan: Sequence[_Moving]) -> tuple[int, str]:
    """Compare the digest of every row of both sides, in the same order; RestoreFailed('rows') names the table."""
    total, folded = 0, b""
    with transaction.atomic():
        for one in plan:
            for number, (ours, theirs) in enumerate(zip_longest(_digests(held, one), _target(one))):
                if ours is None and one.table.name.startswith("audit_"):
                    break  # an earlier try came as far as its own entry
                if ours is None or ours != theirs:
                    raise RestoreFailed("rows", table=one.table.name, row=number + 1)
                total += 1
                folded = sm3(folded + ours)
    return total, folded.hex()


def _digests(held: sqlite3.Connection, one: _Moving) -> Iterator[bytes]:
    return (_digest(row, one.table.columns) for row in held.execute(one.select(postgres=False)))


def _target(one: _Moving) -> Iterator[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(f"DECLARE moved NO SCROLL CURSOR FOR {one.select(postgres=True)}")
        while True:
            cursor.execute(f"FETCH {_BATCH} FROM moved")
            rows = cursor.fetchall()
            yield from (_digest(row, one.table.columns) for row in rows)
            if not rows:
                break
        cursor.execute("CLOSE moved")


def _digest(row: tuple[Any, ...], columns: Sequence[Column]) -> bytes:
    plain = tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
    return sm3(chunks.packed([plain], columns))


def _finish(actor: Actor, now: datetime, *, rows: int, digest: str) -> int:
    """Write the entry of the move and check the whole log; return its size."""
    if not Restore.objects.filter(finished_at=None).exists():
        raise RestoreFailed("rows", table="backup_restore")
    with transaction.atomic():
        record(
            actor=actor,
            act=Act.PLACE_MOVED,
            object="database:postgresql",
            clause="L2.3",
            count=rows,
            details={"digest": digest},
            at=now,
        )
    log.integrate(now=now)
    result = log.check(actor=actor, now=now)
    if not result.ok:
        raise RestoreFailed("log", fault=result.reason)
    return result.size


def _mark_source(held: sqlite3.Connection, company: str, now: datetime) -> None:
    """Let no command work in the file any more: two places of one company would use the same numbers."""
    held.execute(
        "INSERT OR REPLACE INTO backup_restore (id, set_id, name, started_at) VALUES (1, ?, ?, ?)",
        (company, MOVE, f"{now:%Y-%m-%d %H:%M:%S}"),
    )
    held.execute("COMMIT")
    held.execute("BEGIN")
