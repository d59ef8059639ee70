"""Write one set: a snapshot on one side, the sealer on the other, the manifest last."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from django.db import connection

from midan.audit.tiles import flush_folder
from midan.catalog.settings import current
from midan.core.entry import rfc3339
from midan.core.sm import NONCE_BYTES
from midan.store import bulk
from midan.vault.backup import pieces, sealer, snapshot
from midan.vault.backup.errors import BackupPlaceRefused
from midan.vault.backup.format import ID_BYTES, KEY_BYTES, MANIFEST, wrap
from midan.vault.backup.manifest import VERSION, Keys, Kinds, Link, Log, Manifest, Mark, Table
from midan.vault.errors import VaultNotInitialised

PARTIAL: Final = ".partial"
# How the folders of full sets and increments, and of journals, begin.
SET: Final = "midan"
JOURNAL: Final = "reseal"
_MIGRATIONS: Final = "SELECT app, name FROM django_migrations ORDER BY id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a backup or a restore is."""

    table: str
    tables_done: int
    tables: int
    rows: int


OnProgress = Callable[[Progress], None]


def stem(company: str, begins: str = SET) -> str:
    """Return how the names of a company's sets begin: several companies may share a disk."""
    return f"{begins}-{company[:8]}-"


@contextmanager
def alone() -> Iterator[None]:
    """Let one backup, restore or drill of this home run at a time; BackupPlaceRefused('busy')."""
    run = current().home / "run"
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(run / "backup.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupPlaceRefused("busy") from None
        yield
    finally:
        os.close(handle)


def write_set(  # noqa: PLR0913  what a set needs to know
    to: Path,
    *,
    sealing: sealer.Sealer,
    key: bytes,
    now: datetime,
    life_until: datetime,
    base: Manifest | None = None,
    moved_from: int | None = None,
    on_progress: OnProgress | None = None,
) -> tuple[Path, Manifest]:
    """Write a set below `to` and return its folder and manifest; all of it is on the disk, or nothing of it.

    With `base` what that set's chain holds already is named and not written again. With `moved_from` it is a journal:
    the records that were sealed anew after that row of the re-seal journal, and nothing else.
    """
    with snapshot.taken() as moment:
        identity = moment.one("SELECT company_id FROM vault_identity")
        if not identity:
            raise VaultNotInitialised
        company, set_id = bytes(identity[0]), os.urandom(ID_BYTES)
        begins = JOURNAL if moved_from is not None else SET
        partial = _prepare(to, begins, company.hex(), set_id.hex(), now)
        try:
            order = _order(partial, company, set_id, key)
            sealing.open(order)
            written = tuple(_counted(pieces.write(moment, sealing, base, moved_from), on_progress))
            manifest = _manifest(moment, written, order, now, life_until, base, moved_from)
            sealing.begin(MANIFEST)
            sealing.chunk(manifest.to_bytes())
            sealing.finish()
            sealing.sync()
            folder = partial.with_name(partial.name.removeprefix(".").removesuffix(PARTIAL))
            flush_folder(partial)
            partial.rename(folder)
            flush_folder(to)
        except BaseException as error:
            shutil.rmtree(partial, ignore_errors=True)
            if isinstance(error, OSError):
                raise BackupPlaceRefused("unwritable") from error
            raise
    return folder, manifest


def _prepare(to: Path, begins: str, company: str, set_id: str, now: datetime) -> Path:
    """Make the folder to write in, and clear away what a killed run left."""
    name = f"{stem(company, begins)}{rfc3339(now)[:19].replace('-', '').replace(':', '')}Z-{set_id[:8]}"
    try:
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
        for word in (SET, JOURNAL):
            for left in to.glob(f".{stem(company, word)}*{PARTIAL}"):
                shutil.rmtree(left)
        partial = to / f".{name}{PARTIAL}"
        partial.mkdir(mode=0o700)
    except OSError as error:
        raise BackupPlaceRefused("unwritable") from error
    return partial


def _order(folder: Path, company: bytes, set_id: bytes, key: bytes) -> sealer.Order:
    secret = os.urandom(KEY_BYTES)
    wrapped = wrap(key, company=company, set_id=set_id, secret=secret, nonce=os.urandom(NONCE_BYTES))
    return sealer.Order(folder=str(folder), company=company, set_id=set_id, wrapped=wrapped, secret=secret)


def _counted(found: Iterator[pieces.Piece], on_progress: OnProgress | None) -> Iterator[Table]:
    """Yield the finished pieces, and tell how far it is meanwhile."""
    total = done = 0
    for piece in found:
        if piece.table is not None:
            total, done = total + piece.rows, done + 1
            yield piece.table
        elif on_progress:
            on_progress(
                Progress(table=piece.name, tables_done=done, tables=piece.of, rows=total + piece.rows)
            )


def _manifest(  # noqa: PLR0913, PLR0917  what a manifest says
    moment: snapshot.Snapshot,
    written: tuple[Table, ...],
    order: sealer.Order,
    now: datetime,
    life_until: datetime,
    base: Manifest | None,
    moved_from: int | None,
) -> Manifest:
    next_epoch, generation, pack = moment.one(
        "SELECT next_epoch, generation, pack_counter FROM vault_identity"
    )
    kind: Kinds = "journal" if moved_from is not None else "increment" if base else "full"
    return Manifest(
        v=VERSION,
        set=order.set_id.hex(),
        company=order.company.hex(),
        created=rfc3339(now),
        life_until=rfc3339(life_until),
        engine=engine(),
        migrations=_by_app((str(app), str(name)) for app, name in moment.all(_MIGRATIONS)),
        tables=written,
        log=_log(moment),
        keys=Keys(generation=generation, pack=pack),
        next_epoch=next_epoch,
        marks=tuple(Mark(*row) for row in moment.all("SELECT id, next_record FROM vault_epoch ORDER BY id")),
        rows=sum(piece.rows for piece in written),
        bytes=sum(piece.bytes for piece in written),
        kind=kind,
        chain=(*base.chain, Link(base.set, base.digest)) if base else (),
        moved=int(moment.one("SELECT coalesce(max(id), 0) FROM vault_reseal")[0]),
        moved_from=moved_from or 0,
    )


def applied() -> dict[str, tuple[str, ...]]:
    """Return the migrations the database at work has, as a manifest lists them."""
    with connection.cursor() as cursor:
        cursor.execute(_MIGRATIONS)
        return _by_app(cursor.fetchall())


def _by_app(rows: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for app, name in rows:
        found.setdefault(app, []).append(name)
    return {app: tuple(names) for app, names in found.items()}


def engine() -> Literal["sqlite", "postgresql"]:
    """Return the kind of the database at work."""
    return "postgresql" if bulk.is_postgres() else "sqlite"


def _log(moment: snapshot.Snapshot) -> Log:
    size = moment.one('SELECT coalesce(max("index") + 1, 0) FROM audit_leaf')
    newest = moment.one("SELECT text FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
    pending = moment.all(
        "SELECT e.id FROM audit_entry e WHERE NOT EXISTS"
        ' (SELECT 1 FROM audit_leaf l WHERE l.entry_id = e.id) ORDER BY e."transaction", e.id'
    )
    return Log(
        size=int(size[0]),
        checkpoint=newest[0] if newest else "",
        pending=tuple(number for (number,) in pending),
    )
