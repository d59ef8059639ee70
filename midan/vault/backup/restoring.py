"""`midan restore`: an empty place becomes the place of a set, with the keys of today.

1  set, what it builds on, journals are read; place, release, keepers looked at    nothing written
2  tables, then all rows and the marker of an unfinished restore                   one transaction
3  migrations of this release, re-sealed records to their new places,
   keys of the present, marks, digests                                             each may be run again
4  tiles, the whole log, a sample, an entry; the marker goes                       now it may be used
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Final

from django.db import transaction

from midan.audit import keys as log_keys
from midan.audit import services as log
from midan.audit.services import record
from midan.core.actor import Actor
from midan.vault import keyd
from midan.vault.backup import key, loading, making, opening, place, present, rebuilding
from midan.vault.backup.errors import BackupPlaceRefused, RestoreFailed
from midan.vault.backup.events import Act
from midan.vault.backup.making import OnProgress, Progress
from midan.vault.backup.models import Restore
from midan.vault.backup.opening import OpenSet
from midan.vault.backup.rebuilding import Rebuilt
from midan.vault.backup.services import enter
from midan.vault.keyd import inspection, waiting

_SAMPLE: Final = 100
SkipNumbers = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What became of a set. `destroyed` records had no key any more, `burnt` were handed out since, or may have been."""

    set: str
    tables: int
    rows: int
    destroyed: int
    parts_destroyed: int
    parts_damaged: int
    digests: int
    burnt: int
    sample: int
    log: int
    seconds: float
    sets: int
    journals: int
    moved: int


def restore(  # noqa: PLR0913  what a restore needs to know
    *,
    actor: Actor,
    source: Path,
    now: datetime,
    escrow: Path | None = None,
    skip_numbers: SkipNumbers = lambda _count: None,
    on_progress: OnProgress | None = None,
) -> Restored:
    """Restore a set with all it builds on and the journals beside it, or the newest below a folder, into this empty place.

    Where an earlier try broke off, go on.
    `skip_numbers(count)` burns as many waybill numbers as records may have been handed out since the set.
    BackupKeyWrong, BackupDamaged, BackupChainBroken, OtherCompany, NewerRelease, PlaceInUse, RestoreUnfinished,
    RestoreFailed, and whatever the keepers refuse.
    """
    begun = perf_counter()
    with making.alone(), waiting.restoring():
        folder = opening.find(source.resolve())
        backup_key = _key(escrow)
        opened = opening.open_set(folder, backup_key)
        journals = opening.journals(opened, backup_key)
        goes_on = place.admits(opened.manifest)
        log_keys.signing_key()
        keys = present.keys((journals[-1] if journals else opened).manifest)
        if not goes_on:
            _load(opened, journals, backup_key, now=now, on_progress=on_progress)
        loading.go_forward()
        moved = sum(loading.move(journal) for journal in journals)
        burnt = present.install(keys, opened.manifest)
        found = _rebuild(opened, actor=actor, now=now, on_progress=on_progress)
        if burnt:
            skip_numbers(burnt)
        sample = _finish(opened, journals, actor=actor, now=now, found=found, burnt=burnt)
    return Restored(
        set=opened.manifest.set,
        tables=len(opened.manifest.tables),
        rows=opened.manifest.rows,
        destroyed=found.destroyed,
        parts_destroyed=found.parts,
        parts_damaged=found.damaged,
        digests=found.digests,
        burnt=burnt,
        sample=sample[0],
        log=sample[1],
        seconds=round(perf_counter() - begun, 3),
        sets=len(opened.chain),
        journals=len(journals),
        moved=moved,
    )


def _key(escrow: Path | None) -> bytes:
    """Return the backup key from its file, else from the escrow copy."""
    if escrow is None or key.path().exists():
        return key.read()
    try:
        return key.read_escrow(escrow.read_text("utf-8", "replace"))
    except OSError as error:
        raise BackupPlaceRefused("missing") from error


def _load(
    opened: OpenSet,
    journals: Sequence[OpenSet],
    backup_key: bytes,
    *,
    now: datetime,
    on_progress: OnProgress | None,
) -> None:
    """Read every byte of all sets first, and only then make tables and fill them."""
    loading.check_release(opened.manifest)
    for one in (opened, *journals):
        opening.check(one, on_progress)
    if not key.path().exists():
        key.create(backup_key)
    loading.make_tables(opened.manifest)
    loading.load(opened, now=now, on_progress=on_progress)


def _rebuild(opened: OpenSet, *, actor: Actor, now: datetime, on_progress: OnProgress | None) -> Rebuilt:
    total = len(opened.manifest.tables)

    def on_records(done: int) -> None:
        if on_progress:
            on_progress(Progress(table="vault_digest", tables_done=total, tables=total, rows=done))

    return rebuilding.rebuild(keyd.local(), actor=actor, now=now, on_records=on_records)


def _finish(  # noqa: PLR0913  what became of a set
    opened: OpenSet,
    journals: Sequence[OpenSet],
    *,
    actor: Actor,
    now: datetime,
    found: Rebuilt,
    burnt: int,
) -> tuple[int, int]:
    """Check everything, write the entry, take the marker away; return how many parts were opened and the log's size."""
    log.take_up(pending=opened.manifest.log.pending)
    sample = _open_sample()
    with transaction.atomic():
        for one in (*opened.chain, *journals):
            enter(folder=one.folder, manifest=one.manifest, verified_at=now)
        record(
            actor=actor,
            act=Act.PLACE_RESTORED,
            object=f"backup:{opened.manifest.set}",
            clause="L2.3",
            count=opened.manifest.rows,
            details={
                "made": opened.manifest.created,
                "log": opened.manifest.log.size,
                "sets": len(opened.chain),
                "journals": len(journals),
                "destroyed": found.destroyed,
                "parts": found.parts,
                "damaged": found.damaged,
                "burnt": burnt,
                "sample": sample,
            },
            at=now,
        )
    log.integrate(now=now)
    result = log.check(actor=actor, now=now)
    if not result.ok:
        raise RestoreFailed("log", fault=result.reason)
    Restore.objects.filter(finished_at=None).update(finished_at=now)
    log.integrate(now=now)
    return sample, result.size


def _open_sample() -> int:
    """Open some parts, the newest and others; RestoreFailed when one opens otherwise than it should."""
    rows = inspection.sample(_SAMPLE)
    checked = [holds for holds in keyd.local().check_parts(rows) if holds is not None]
    if not all(checked):
        raise RestoreFailed("sample", opened=sum(checked), expected=len(checked))
    return len(checked)
