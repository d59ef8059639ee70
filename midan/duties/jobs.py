"""The scan for what ends soon."""

import logging
from threading import Event
from typing import Final

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from midan.core.actor import Actor
from midan.duties.services import remind

_LOGGER = logging.getLogger(__name__)
_PAUSE: Final = 3600.0  # seconds: what ends is a day, and a day has a first hour


def remind_forever(stop: Event, interval: float = _PAUSE) -> None:
    """Scan until `stop` is set. A failure is logged by its kind and the same work tried again."""
    while not stop.is_set():
        close_old_connections()
        try:
            remind(actor=Actor.system("reminders"), now=timezone.now())
        except DatabaseError as error:
            _LOGGER.error("the reminders stand still: %s", type(error).__name__)  # noqa: TRY400  # may quote rows
        stop.wait(interval)
    close_old_connections()
