"""The page of backups: the sets, what is due, the drills that show they restore."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext

from midan.catalog.settings import current
from midan.console.selectors.charts import Chart
from midan.vault.backup import selectors as backup
from midan.vault.backup.controls import drilled_lately
from midan.vault.backup.selectors import DrillView, SetView

_SETS: Final = 40
_DRILLS: Final = 12
# Bytes a unit has, and the least that the largest set must have of it.
_UNITS: Final = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRow:
    """One set of the register. `there` is whether its folder answers now; a disk may be away."""

    view: SetView
    there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupsPage:
    """`next_set` and `next_drill` are None where nothing runs by itself; `overdue` and `drill_overdue` when late.

    `clean_at` is when the last set of today has aged out: what is destroyed now is in no backup after it.
    """

    sets: tuple[SetRow, ...]
    newest: SetView | None
    total: int
    scheduled: bool
    days: int
    drill_days: int
    keep_days: int
    next_set: datetime | None
    next_drill: datetime | None
    overdue: bool
    drill_overdue: bool
    drill: DrillView | None
    drills: tuple[DrillView, ...]
    drilled: bool
    clean_at: datetime | None
    chart: Chart


def backups_page(*, now: datetime) -> BackupsPage:
    """Return the room as of now."""
    settings = current()
    found = backup.sets()
    rows = tuple(SetRow(view=view, there=view.path.is_dir()) for view in found[:_SETS])
    drills = backup.drills(limit=_DRILLS)
    newest, drill = (found[0] if found else None), (drills[0] if drills else None)
    scheduled = settings.backup_to is not None
    next_set = newest.created_at + timedelta(days=settings.backup_days) if newest else now
    next_drill = drill.at + timedelta(days=settings.drill_days) if drill else now
    return BackupsPage(
        sets=rows,
        newest=newest,
        total=sum(view.bytes for view in found),
        scheduled=scheduled,
        days=settings.backup_days,
        drill_days=settings.drill_days,
        keep_days=settings.backup_keep_days,
        next_set=next_set if scheduled else None,
        next_drill=next_drill if scheduled and newest else None,
        overdue=next_set <= now,
        drill_overdue=next_drill <= now,
        drill=drill,
        drills=drills,
        drilled=drilled_lately(now),
        clean_at=max((view.life_until for view in found), default=None),
        chart=_sizes(found[:_SETS]),
    )


def _sizes(found: tuple[SetView, ...]) -> Chart:
    """Return a column for each set, oldest first, in the largest unit that still shows differences."""
    largest = max((view.bytes for view in found), default=0)
    size, unit = next((one for one in _UNITS if largest >= 10 * one[0]), _UNITS[-1])
    return Chart(
        title=gettext("各套备份的大小（%(unit)s）") % {"unit": unit},
        rows=tuple(
            (f"{timezone.localtime(view.created_at):%m-%d %H:%M}", round(view.bytes / size))
            for view in found[::-1]
        ),
    )
