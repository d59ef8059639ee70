"""The daily run, and whatever waits: approved runs, runs that broke off, certificates a keeper has to answer for."""

import logging
from threading import Event
from typing import Final

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from midan.core.actor import Actor
from midan.destruction.errors import RunBusy
from midan.destruction.services import work

_LOGGER = logging.getLogger(__name__)
_PAUSE: Final = 20.0  # seconds: somebody who approved a run looks at its page
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
        worked = work(actor=_ACTOR, clock=timezone.now, due=due)
    except RunBusy:
        return False
    except DatabaseError as error:
        _LOGGER.error("destruction stands still: %s", type(error).__name__)  # noqa: TRY400  # may quote rows
        return False
    for fault in worked.faults:
        _LOGGER.error("a destruction waits: %s", fault.code)
    return True
