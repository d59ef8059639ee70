"""Drills and canaries as others read them."""

import json
from collections.abc import Sequence
from datetime import date

from midan.destruction import models
from midan.destruction.errors import DrillUnknown
from midan.destruction.rules.drills import DrillView


def last_drill() -> DrillView | None:
    """Return the newest resurrection drill."""
    row = models.Drill.objects.order_by("-at", "-id").first()
    return None if row is None else _view(row)


def drill_of(code: str) -> DrillView:
    """Return one drill; DrillUnknown."""
    row = models.Drill.objects.filter(code=code).first()
    if row is None:
        raise DrillUnknown
    return _view(row)


def drills_of(run: str, *, limit: int = 5) -> tuple[DrillView, ...]:
    """Return the newest drills that tried records of this run."""
    rows = models.Drill.objects.filter(runs__run__code=run).order_by("-at", "-id")[:limit]
    return tuple(_view(row) for row in rows)


def drill_record(code: str) -> bytes:
    """Return the signed record of a drill as issued; DrillUnknown, also while the log has not taken it in."""
    row = models.Drill.objects.filter(code=code).first()
    if row is None or row.text is None:
        raise DrillUnknown
    return bytes(row.text)


def canaries_in(epochs: Sequence[int]) -> int:
    """Return how many canaries were taken in under these epochs."""
    return models.Canary.objects.filter(epoch__in=list(epochs)).count()


def planted_on(day: date) -> int:
    """Return how many canaries were taken in on a day."""
    return models.Canary.objects.filter(day=day).count()


def _view(row: models.Drill) -> DrillView:
    return DrillView(
        code=row.code,
        at=row.at,
        ok=row.ok,
        reason=row.reason,
        entry_id=row.entry_id,
        facts=json.loads(row.facts),
        tried={one.run.code: one.tried for one in row.runs.select_related("run").order_by("run_id")},
    )
