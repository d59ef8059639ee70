"""The register of sets and drills."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection

from midan.vault.backup.models import BackupSet, Drill


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
    """Return the sets that still live, newest first; with `ended` those that are gone too."""
    rows = BackupSet.objects.order_by("-created_at")
    if not ended:
        rows = rows.filter(ended_at=None)
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
