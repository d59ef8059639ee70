"""What the API leaves behind ends by itself: counts of past minutes and days, idempotency keys after a day."""

import logging
from datetime import datetime
from threading import Event
from typing import Final

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from midan.core.errors import MidanError
from midan.gateway import limits, once
from midan.gateway.services import grant_agreed

_LOGGER = logging.getLogger(__name__)
_PAUSE: Final = 60.0  # seconds: a key lives a day


def tidy_forever(stop: Event, interval: float = _PAUSE) -> None:
    """Tidy up until `stop` is set; a failure is logged by its kind and tried again."""
    while not stop.is_set():
        close_old_connections()
        one_round(timezone.now())
        stop.wait(interval)
    close_old_connections()


def one_round(now: datetime) -> bool:
    """Remove what is over, give what two persons agreed to; return whether it went through."""
    try:
        limits.sweep(now=now)
        once.sweep(now=now)
        grant_agreed(now=now)
    except (DatabaseError, MidanError) as error:
        word = error.code if isinstance(error, MidanError) else type(error).__name__
        _LOGGER.error("the API's leavings stand: %s", word)  # noqa: TRY400  # may quote rows
        return False
    return True
