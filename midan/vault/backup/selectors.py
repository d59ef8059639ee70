"""The register of sets and drills."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from midan.vault.backup.models import BackupSet, Drill

JOURNAL: Final = "journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetView:
    """One set of the register."""

    set_id: str
    name: str
    folder: str
    created_at: datetime
    life_until: datetime
    rows: int
    bytes: int
    ended_at: datetime | None
    kind: str
    base: str
    generation: int
    moved: int
    verified_at: datetime | None

    @property
    def path(self) -> Path:
        """Return where the set was written."""
        return Path(self.folder) / self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillView:
    """One restore drill."""

    at: datetime
    set_id: str
    ok: bool
    reason: str
    rows: int
    destroyed: int
    sample: int
    seconds: float


def sets(*, ended: bool = False) -> tuple[SetView, ...]:
    """Return the full sets and increments that still live, newest first; with `ended` those that are gone too."""
    rows = BackupSet.objects.exclude(kind=JOURNAL).order_by("-created_at")
    return _views(rows if ended else rows.filter(ended_at=None))


def journals() -> tuple[SetView, ...]:
    """Return the re-seal journals that still live, newest first."""
    return _views(BackupSet.objects.filter(kind=JOURNAL, ended_at=None).order_by("-moved", "-created_at"))


def chain(view: SetView, known: Sequence[SetView]) -> tuple[SetView, ...]:
    """Return the sets a set builds on, itself first, as far as they are among the known."""
    by_id = {one.set_id: one for one in known}
    found = [view]
    while (before := by_id.get(found[-1].base)) is not None:
        found.append(before)
    return tuple(found)


def ended(now: datetime) -> tuple[SetView, ...]:
    """Return the sets whose life has ended, the youngest first; the newest of all and what it builds on never end."""
    known = sets()
    kept = {view.set_id for view in chain(known[0], known)} if known else set()
    return tuple(view for view in known if view.life_until <= now and view.set_id not in kept)


def needless_journals(now: datetime) -> tuple[SetView, ...]:
    """Return the journals whose life has ended and that no living set was made before."""
    oldest = min((view.moved for view in sets()), default=0)
    return tuple(view for view in journals() if view.life_until <= now and view.moved <= oldest)


def _views(rows: QuerySet[BackupSet]) -> tuple[SetView, ...]:
    names = tuple(SetView.__dataclass_fields__)
    return tuple(SetView(**dict(zip(names, row, strict=True))) for row in rows.values_list(*names))


def last_drill() -> DrillView | None:
    """Return the newest drill."""
    return next(iter(drills(limit=1)), None)


def drills(*, limit: int) -> tuple[DrillView, ...]:
    """Return the newest drills, the last one first."""
    names = tuple(DrillView.__dataclass_fields__)
    rows = Drill.objects.order_by("-at", "-id").values_list(*names)[:limit]
    return tuple(DrillView(**dict(zip(names, row, strict=True))) for row in rows)


def unfinished() -> str | None:
    """Return the name of the set whose restore broke off here, if one did. Every command asks: plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM backup_restore WHERE finished_at IS NULL")
        row = cursor.fetchone()
    return row[0] if row else None
