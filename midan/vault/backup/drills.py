"""The restore drill: the newest set into a sandbox of its own, checked row by row as every restore is."""

from datetime import datetime
from time import perf_counter

from django.db import transaction

from midan.audit.services import record
from midan.core.actor import Actor
from midan.vault.backup import making, sandbox, selectors
from midan.vault.backup.errors import BackupPlaceRefused
from midan.vault.backup.events import Act
from midan.vault.backup.models import Drill
from midan.vault.backup.selectors import DrillView


def run(*, actor: Actor, now: datetime) -> DrillView:
    """Restore the newest set into a sandbox, keep and log what came of it; BackupPlaceRefused('none') without a set.

    A set that does not restore is a result, not an error: `ok` is False and `reason` the code of the refusal.
    """
    begun = perf_counter()
    with making.alone():
        found = next((view for view in selectors.sets() if view.path.is_dir()), None)
        if found is None:
            raise BackupPlaceRefused("none")
        with sandbox.opened() as place:
            outcome = place.midan("restore", str(found.path))
    view = DrillView(
        at=now,
        set_id=found.set_id,
        ok=not outcome.code and outcome.figures.get("parts_damaged") == 0,
        reason=outcome.code or ("part_damaged" if outcome.figures.get("parts_damaged") else ""),
        rows=int(outcome.figures.get("rows", 0)),
        destroyed=int(outcome.figures.get("destroyed", 0)),
        sample=int(outcome.figures.get("sample", 0)),
        seconds=round(perf_counter() - begun, 3),
    )
    with transaction.atomic():
        Drill.objects.create(**{name: getattr(view, name) for name in DrillView.__dataclass_fields__})
        record(
            actor=actor,
            act=Act.SET_DRILLED,
            object=f"backup:{view.set_id}",
            outcome="done" if view.ok else "failed",
            reason=view.reason,
            clause="L2.3",
            count=view.rows,
            details={"destroyed": view.destroyed, "sample": view.sample, "seconds": round(view.seconds)},
            at=now,
        )
    return view
