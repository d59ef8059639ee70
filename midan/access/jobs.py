"""The sweeper: what a ticket remembers of a phone goes with it, as do looks no decision counts; uploads left alone end."""

import logging
from threading import Event
from typing import Final

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from midan.access.services import forget_calls, sweep_looks, sweep_tickets
from midan.collection.services import sweep_uploads

_LOGGER = logging.getLogger(__name__)
_PAUSE: Final = 60.0  # seconds: a ticket lives a day


def sweep_forever(stop: Event, interval: float = _PAUSE) -> None:
    """Sweep until `stop` is set. A failure is logged by its kind and the same work tried again."""
    while not stop.is_set():
        close_old_connections()
        try:
            sweep_tickets(now=timezone.now())
            sweep_looks(now=timezone.now())
            forget_calls(now=timezone.now())
            sweep_uploads(now=timezone.now())
        except DatabaseError as error:
            _LOGGER.error("the sweeper stands still: %s", type(error).__name__)  # noqa: TRY400  # may quote rows
        stop.wait(interval)
    close_old_connections()
