"""The keeper of backups: makes a set when one is due, lets ended ones go, drills.

Each by the command, in a process of its own: a backup that runs out of memory or room takes nothing else down.
"""

import logging
import subprocess
import sys
from datetime import datetime, timedelta
from threading import Event
from typing import Final

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from midan.catalog.settings import current
from midan.vault.backup import selectors

_LOGGER = logging.getLogger(__name__)
_PAUSE: Final = 60.0  # seconds between looks
_AFTER_FAILURE: Final = timedelta(hours=1)
_LATE: Final = timedelta(hours=1)  # a daily backup does not creep around the clock


def due(now: datetime) -> tuple[str, ...]:
    """Return what there is to do, as words of `midan backup`; nothing without MIDAN_BACKUP_TO."""
    settings = current()
    if settings.backup_to is None:
        return ()
    found, drill = selectors.sets(), selectors.last_drill()
    wanted: list[str] = []
    if not found or found[0].created_at <= now - timedelta(days=settings.backup_days) + _LATE:
        wanted.append("backup")
    if selectors.ended(now) or selectors.needless_journals(now):
        wanted.append("--prune")
    if found and (drill is None or drill.at <= now - timedelta(days=settings.drill_days) + _LATE):
        wanted.append("--drill")
    return tuple(wanted)


def keep_backups(stop: Event, interval: float = _PAUSE) -> None:
    """Do what is due until `stop` is set. What fails is logged by its code alone and tried again an hour later."""
    rest = timezone.now()
    while not stop.is_set():
        close_old_connections()
        now = timezone.now()
        try:
            if now >= rest and not all(_done(what) for what in due(now)):
                rest = now + _AFTER_FAILURE
        except (DatabaseError, OSError) as error:
            _LOGGER.error("the backup stands still: %s", type(error).__name__)  # noqa: TRY400  # may quote rows
            rest = now + _AFTER_FAILURE
        stop.wait(interval)
    close_old_connections()


def _done(what: str) -> bool:
    arguments = [] if what == "backup" else [what]
    ended = subprocess.run(
        [sys.executable, "-m", "midan", "backup", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if ended.returncode:
        # One JSON line: codes, counts and the operator's own paths, never a customer's value.
        _LOGGER.error("the backup stands still: %s", ended.stderr[-500:].decode("utf-8", "replace").strip())
    return ended.returncode == 0
