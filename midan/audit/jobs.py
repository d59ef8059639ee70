"""The sequencer: one loop that wakes twice a second and does what is left to do."""

import logging
from threading import Event

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from midan.audit.services import integrate
from midan.core.errors import MidanError

_LOGGER = logging.getLogger(__name__)
_PATIENCE = 30.0  # seconds between tries while something is wrong


def sequence_forever(stop: Event, interval: float = 0.5) -> None:
    """Integrate until `stop` is set. A failure is logged by its code alone and tried again: nothing is lost."""
    wait = interval
    while not stop.is_set():
        close_old_connections()
        try:
            integrate(now=timezone.now())
            wait = interval
        except MidanError as error:
            _LOGGER.error("the sequencer stands still: %s", error.code)  # noqa: TRY400  # no traceback: the code says it
            wait = min(max(wait * 2, interval), _PATIENCE)
        except (DatabaseError, OSError) as error:
            _LOGGER.error("the sequencer stands still: %s", type(error).__name__)  # noqa: TRY400  # may quote rows
            wait = min(max(wait * 2, interval), _PATIENCE)
        stop.wait(wait)
    close_old_connections()
