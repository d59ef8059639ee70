"""The keeper of partitions: makes those of the coming epochs, drops those of dead ones. Idle on SQLite."""

import logging
from threading import Event
from typing import Final

from django.db import DatabaseError, close_old_connections

from midan.vault import partitions

_LOGGER = logging.getLogger(__name__)
_PAUSE: Final = 3600.0  # seconds


def keep_partitions(stop: Event, interval: float = _PAUSE) -> None:
    """Work until `stop` is set. A failure is logged by its kind alone and tried again."""
    while not stop.is_set():
        close_old_connections()
        try:
            partitions.make_ahead()
            partitions.drop_empty()
        except DatabaseError as error:
            _LOGGER.error("partitions are not kept: %s", type(error).__name__)  # noqa: TRY400  # may quote rows
        stop.wait(interval)
    close_old_connections()
