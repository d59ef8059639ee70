"""The daily run, and whatever waits: approved runs, runs that broke off, certificates a keeper has to answer for.

Beside it, where backups are made, the canaries of each day and the resurrection drill of each week.
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
from midan.core.actor import Actor
from midan.core.errors import MidanError
from midan.destruction import selectors, services
from midan.destruction.errors import RunBusy

_LOGGER = logging.getLogger(__name__)
_PAUSE: Final = 20.0  # seconds: somebody who approved a run looks at its page
_REST: Final = 60.0
_AFTER_FAILURE: Final = timedelta(hours=1)
_LATE: Final = timedelta(hours=1)  # a weekly drill does not creep around the clock
_ACTOR: Final = Actor.system("destruction")


def destroy_forever(stop: Event, interval: float = _PAUSE) -> None:
    """Work until `stop` is set: what is due once a day, what waits at every round. A failure is tried again."""
    done = ""
    while not stop.is_set():
        close_old_connections()
        today = timezone.localdate().isoformat()
        if one_round(due=done != today):
            done = today
        stop.wait(interval)
    close_old_connections()


def one_round(*, due: bool) -> bool:
    """Do one round; return whether it went through. What went wrong is logged by its code alone."""
    try:
        worked = services.work(actor=_ACTOR, clock=timezone.now, due=due)
    except RunBusy:
        return False
    except DatabaseError as error:
        _LOGGER.error("destruction stands still: %s", type(error).__name__)  # noqa: TRY400  # may quote rows
        return False
    for fault in worked.faults:
        _LOGGER.error("a destruction waits: %s", fault.code)
    return True


def drill_due(now: datetime) -> bool:
    """Return whether a resurrection drill is due: backups are made here, there is a set, and a week has passed."""
    if current().backup_to is None or not services.sets_to_try():
        return False
    last = selectors.last_drill()
    return last is None or last.at <= now - timedelta(days=current().drill_days) + _LATE


def drill_forever(stop: Event, interval: float = _REST) -> None:
    """Take in each day's canaries and drill in time until `stop` is set; a failure is tried again an hour later."""
    rest = timezone.now()
    while not stop.is_set():
        close_old_connections()
        now = timezone.now()
        if now >= rest and current().backup_to is not None and not one_drill_round(now):
            rest = now + _AFTER_FAILURE
        stop.wait(interval)
    close_old_connections()


def one_drill_round(now: datetime) -> bool:
    """Take in today's canaries, drill if a drill is due; return whether it went through."""
    try:
        services.plant(actor=_ACTOR, now=now)
        return not drill_due(now) or _drilled()
    except (MidanError, DatabaseError, OSError) as error:
        word = error.code if isinstance(error, MidanError) else type(error).__name__
        _LOGGER.error("the drill stands still: %s", word)  # noqa: TRY400  # may quote rows
        return False


def _drilled() -> bool:
    """Drill by the command, in a process of its own; a drill that fails is a result, and shown."""
    ended = subprocess.run(
        [sys.executable, "-m", "midan", "destroy", "drill"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if ended.returncode:
        # One JSON line: codes and counts, never a customer's value.
        said = (ended.stderr or ended.stdout)[-500:].decode("utf-8", "replace").strip()
        _LOGGER.error("the drill did not hold: %s", said)
    return ended.returncode == 0
