"""The verbs: make a set or a journal, read one back, let ended ones go, hand out the escrow copy of the key."""

import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Final

from django.db import transaction

from midan.audit import services as log
from midan.audit.services import record
from midan.audit.tiles import flush_folder
from midan.catalog.settings import current
from midan.core.actor import Actor
from midan.core.errors import MidanError
from midan.vault.backup import key, making, opening, sealer, selectors
from midan.vault.backup.errors import BackupDamaged, BackupKeyMissing, BackupPlaceRefused
from midan.vault.backup.events import Act
from midan.vault.backup.format import MANIFEST, SUFFIX, read_header
from midan.vault.backup.making import OnProgress
from midan.vault.backup.manifest import Manifest
from midan.vault.backup.models import BackupSet
from midan.vault.backup.selectors import SetView
from midan.vault.errors import VaultNotInitialised
from midan.vault.models import Identity

_MOST_SETS: Final = 60
_LATE: Final = timedelta(hours=1)  # a weekly full set does not creep through the week


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A set that was made; `sets` counts those a restore of it needs, itself included."""

    set: str
    kind: str
    sets: int
    folder: Path
    tables: int
    rows: int
    bytes: int
    seconds: float


def make(  # noqa: PLR0913  what a set needs to know
    *,
    actor: Actor,
    to: Path,
    now: datetime,
    life_days: int,
    full: bool = True,
    on_progress: OnProgress | None = None,
) -> Made:
    """Write a set of this moment below `to`, enter it in the register and log it. Intake goes on meanwhile.

    Without `full` it is an increment where the newest set there can carry one: of this release and engine, its chain
    whole, its full set younger than MIDAN_BACKUP_FULL_DAYS. BackupKeyMissing, BackupPlaceRefused, VaultNotInitialised.
    A process killed on the way leaves no set.
    """
    begun = perf_counter()
    with making.alone(), sealer.started() as sealing, _key_meanwhile() as derived:
        # So that few entries have no place yet; a log that stands still is kept as it is.
        with suppress(MidanError):
            log.integrate(now=now)
        backup_key = derived.result()
        life_until = now + timedelta(days=life_days)
        folder, manifest = making.write_set(
            to.resolve(),
            sealing=sealing,
            key=backup_key,
            now=now,
            life_until=life_until,
            base=None if full else _base(to.resolve(), backup_key, now),
            on_progress=on_progress,
        )
        _enter_made(actor, folder, manifest, life_until, now)
    return Made(
        set=manifest.set,
        kind=manifest.kind,
        sets=len(manifest.chain) + 1,
        folder=folder,
        tables=len(manifest.tables),
        rows=manifest.rows,
        bytes=manifest.bytes,
        seconds=round(perf_counter() - begun, 3),
    )


def _enter_made(actor: Actor, folder: Path, manifest: Manifest, life_until: datetime, now: datetime) -> None:
    """Enter a set in the register and log it; what it builds on lives as long as it does."""
    chain = [link.set for link in manifest.chain]
    with transaction.atomic():
        enter(folder=folder, manifest=manifest)
        BackupSet.objects.filter(set_id__in=chain, life_until__lt=life_until).update(life_until=life_until)
        record(
            actor=actor,
            act=Act.SET_MADE,
            object=f"backup:{manifest.set}",
            clause="L2.3",
            count=manifest.rows,
            details={
                "kind": manifest.kind,
                "sets": len(chain) + 1,
                "tables": len(manifest.tables),
                "bytes": manifest.bytes,
                "log": manifest.log.size,
                "until": life_until.date().isoformat(),
            },
            at=now,
        )


@contextmanager
def _key_meanwhile() -> Iterator[Future[bytes]]:
    """Yield the backup key to come: the log derives its own from the passphrase meanwhile, 0.2 s each."""
    if not key.path().exists():
        _key()
    with ThreadPoolExecutor(1, "midan-backup-key") as beside:
        yield beside.submit(key.read)


def _key() -> bytes:
    """Return the backup key; the first set makes it, later ones never do: older sets would not open."""
    if not key.path().exists():
        if selectors.sets():
            raise BackupKeyMissing
        if not Identity.objects.exists():
            raise VaultNotInitialised
        return key.create()
    return key.read()


def _base(to: Path, backup_key: bytes, now: datetime) -> Manifest | None:
    """Return the newest set in this folder if an increment can build on it."""
    newest = next(iter(selectors.sets()), None)
    if newest is None or Path(newest.folder) != to or not newest.path.is_dir():
        return None
    try:
        opened = opening.open_set(newest.path, backup_key)
    except MidanError:
        return None  # a full set needs nothing of it
    began = datetime.fromisoformat(opened.chain[0].manifest.created)
    fits = (
        opened.manifest.engine == making.engine()
        and opened.manifest.migrations == making.applied()
        and now - began < timedelta(days=current().backup_full_days) - _LATE
        and len(opened.chain) < _MOST_SETS
    )
    return opened.manifest if fits else None


def verify(*, actor: Actor, set_id: str, now: datetime) -> None:
    """Read every byte of a set back, and of those it builds on that were not yet; enter the day and log it.

    BackupDamaged, BackupChainBroken, BackupKeyWrong. SetView's of the register only: KeyError for any other.
    """
    known = {view.set_id: view for view in (*selectors.sets(), *selectors.journals())}
    opened = opening.open_set(known[set_id].path, _key())
    unread = [
        one
        for one in opened.chain
        if one is opened or (view := known.get(one.manifest.set)) is None or view.verified_at is None
    ]
    for one in unread:
        opening.check_own(one)
    with transaction.atomic():
        ids = [one.manifest.set for one in unread]
        BackupSet.objects.filter(set_id__in=ids).update(verified_at=now)
        record(
            actor=actor,
            act=Act.SET_VERIFIED,
            object=f"backup:{set_id}",
            clause="L2.3",
            count=opened.manifest.rows,
            details={"sets": len(opened.chain), "read": len(unread)},
            at=now,
        )


def enter(*, folder: Path, manifest: Manifest, verified_at: datetime | None = None) -> None:
    """Enter a set in the register, once, in the caller's transaction."""
    BackupSet.objects.update_or_create(
        set_id=manifest.set,
        defaults={"verified_at": verified_at} if verified_at else {},
        create_defaults={
            "kind": manifest.kind,
            "base": manifest.chain[-1].set if manifest.chain else "",
            "generation": manifest.keys.generation,
            "moved": manifest.moved,
            "verified_at": verified_at,
            "name": folder.name,
            "folder": str(folder.parent),
            "created_at": datetime.fromisoformat(manifest.created),
            "life_until": datetime.fromisoformat(manifest.life_until),
            "tables": len(manifest.tables),
            "rows": manifest.rows,
            "bytes": manifest.bytes,
            "log_size": manifest.log.size,
        },
    )


def prune(*, actor: Actor, now: datetime) -> int:
    """Remove every set whose life has ended, but never the newest and its chain; return how many. Each has its log entry.

    A journal goes once no set lives that was made before it. A set on a disk that is not there now stays in the register
    and is tried again.
    """
    removed = 0
    with making.alone():
        for view in (*selectors.ended(now), *selectors.needless_journals(now)):
            if _remove(view):
                with transaction.atomic():
                    BackupSet.objects.filter(set_id=view.set_id).update(ended_at=now)
                    record(
                        actor=actor,
                        act=Act.SET_ENDED,
                        object=f"backup:{view.set_id}",
                        clause="L2.3",
                        at=now,
                    )
                removed += 1
    return removed


def _remove(view: SetView) -> bool:
    """Remove a set's folder; False while its disk is away or something else lies in its place."""
    if not Path(view.folder).is_dir():
        return False
    if not view.path.exists():
        return True  # somebody else removed it
    try:
        with (view.path / f"{MANIFEST}{SUFFIX}").open("rb") as file:
            same = read_header(file, MANIFEST).set_id.hex() == view.set_id
        if not same:
            return False
        # First the manifest: without it what is left is no set.
        (view.path / f"{MANIFEST}{SUFFIX}").unlink()
        shutil.rmtree(view.path)
        flush_folder(view.path.parent)
    except FileNotFoundError:
        shutil.rmtree(view.path, ignore_errors=True)
    except (OSError, BackupDamaged):
        return False
    return True


def escrow(*, actor: Actor, file: Path, now: datetime) -> None:
    """Write the copy of the backup key for a safe, and log that it was written; BackupPlaceRefused over a file."""
    with making.alone():
        backup_key = _key()
        company = bytes(Identity.objects.get().company_id).hex()
        if file.exists():
            raise BackupPlaceRefused("unwritable")
        with transaction.atomic():
            # First the entry: a copy nobody logged is worse than an entry without a copy.
            record(actor=actor, act=Act.KEY_ESCROWED, object=f"company:{company}", clause="L2.3", at=now)
        key.write_escrow(file, backup_key, company)
