"""The re-seal journal beside the backups: what moved to a later epoch is there before its old key dies.

A set made before the move holds the record under a key that is about to go, and the next set may be a day away. So the
rows the journal names are written as a small set of their own, beside every living set that is in reach, read back,
and entered in the register; only then does keyd let the old epoch go (`vault.keyd.waiting`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from midan.audit.services import record
from midan.catalog.settings import current
from midan.core.actor import Actor
from midan.vault.backup import key, making, opening, sealer, selectors
from midan.vault.backup.errors import BackupPlaceRefused
from midan.vault.backup.events import Act
from midan.vault.backup.selectors import SetView
from midan.vault.backup.services import enter
from midan.vault.errors import OldKeysNeeded
from midan.vault.keyd.waiting import check_saved
from midan.vault.models import Reseal


def save(*, actor: Actor, now: datetime) -> int:
    """Write what was sealed anew since the last journal beside the living sets; return in how many folders.

    Where no set lives there is nothing to add to. BackupPlaceRefused when the newest set's folder is away or takes
    nothing, BackupKeyMissing, BackupDamaged when what was written does not read back.
    """
    living = selectors.sets()
    newest = Reseal.objects.aggregate(most=Max("id"))["most"] or 0
    if not living or not newest:
        return 0
    if not living[0].path.is_dir():
        return _unless_saved()
    folders = list(dict.fromkeys(view.folder for view in living if view.path.is_dir()))
    wanted = {folder: after for folder in folders if (after := _after(folder, living)) < newest}
    if not wanted:
        return 0
    with making.alone():
        backup_key = key.read()
        for folder, after in wanted.items():
            with sealer.started() as sealing:
                _write(actor, sealing, Path(folder), after, backup_key, now)
    return len(wanted)


def _unless_saved() -> int:
    """Return 0 when everything that moved stands in a verified set already; BackupPlaceRefused."""
    try:
        check_saved()
    except OldKeysNeeded:
        raise BackupPlaceRefused("missing") from None
    return 0


def _after(folder: str, living: Sequence[SetView]) -> int:
    """Return up to which move this folder knows: by its last journal, else by its oldest set."""
    last = [view.moved for view in selectors.journals() if view.folder == folder and view.path.is_dir()]
    return max(last) if last else min(view.moved for view in living if view.folder == folder)


def _write(  # noqa: PLR0913, PLR0917  what a journal needs to know
    actor: Actor, sealing: sealer.Sealer, folder: Path, after: int, backup_key: bytes, now: datetime
) -> None:
    written, manifest = making.write_set(
        folder,
        sealing=sealing,
        key=backup_key,
        now=now,
        life_until=now + timedelta(days=current().backup_keep_days),
        moved_from=after,
    )
    opening.check(opening.open_set(written, backup_key))
    with transaction.atomic():
        enter(folder=written, manifest=manifest, verified_at=now)
        record(
            actor=actor,
            act=Act.JOURNAL_MADE,
            object=f"backup:{manifest.set}",
            clause="L2.3",
            count=manifest.rows,
            details={"from": manifest.moved_from, "to": manifest.moved, "bytes": manifest.bytes},
            at=now,
        )
