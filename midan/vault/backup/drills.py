"""The restore drill: the newest set into a sandbox of its own, by the very command, with the keys of the present.

The sandbox lies in the home and has an own SQLite database whatever the company runs on; its keys folder is the home's
by a link, so that no key is copied. It is removed afterwards; what a killed drill left, by the next one.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from django.db import transaction

from midan.audit.services import record
from midan.catalog.settings import Settings, current
from midan.core.actor import Actor
from midan.vault.backup import making, selectors
from midan.vault.backup.errors import BackupPlaceRefused
from midan.vault.backup.events import Act
from midan.vault.backup.models import Drill
from midan.vault.backup.selectors import DrillView

_PREFIX: Final = "drill-"
_NOT_HANDED_ON: Final = ("MIDAN_DATABASE_URL", "MIDAN_KEYD", "MIDAN_BACKUP_TO")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What the command said."""

    code: str
    figures: dict[str, Any]


def run(*, actor: Actor, now: datetime) -> DrillView:
    """Restore the newest set into a sandbox, keep and log what came of it; BackupPlaceRefused('none') without a set.

    A set that does not restore is a result, not an error: `ok` is False and `reason` the code of the refusal.
    """
    begun = perf_counter()
    with making.alone():
        found = next((view for view in selectors.sets() if view.path.is_dir()), None)
        if found is None:
            raise BackupPlaceRefused("none")
        outcome = _restored(found.path)
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


def _restored(source: Path) -> _Outcome:
    settings = current()
    for left in settings.home.glob(f"{_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    sandbox = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=settings.home))
    try:
        (sandbox / "keys").symlink_to(settings.keys, target_is_directory=True)
        done = subprocess.run(
            [sys.executable, "-m", "midan", "restore", str(source)],
            env=_environment(settings, sandbox),
            capture_output=True,
            check=False,
        )
        return _read(done)
    finally:
        shutil.rmtree(sandbox, ignore_errors=True)


def _environment(settings: Settings, sandbox: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON}
    return kept | {
        "MIDAN_HOME": str(sandbox),
        "MIDAN_PASSPHRASE_FILE": str(settings.passphrase_file),
        "MIDAN_SECRET_KEY_FILE": str(settings.secret_key_file),
    }


def _read(done: "subprocess.CompletedProcess[bytes]") -> _Outcome:
    """Return the last line of what a command printed, or the code of its refusal."""
    lines = (done.stdout if done.returncode == 0 else done.stderr).splitlines()
    try:
        said = json.loads(lines[-1])
    except (IndexError, ValueError):
        return _Outcome(code="internal", figures={})
    if done.returncode:
        return _Outcome(code=str(said.get("code", "internal")), figures={})
    return _Outcome(code="", figures=said)
