"""The keeper of the register: contracts that ran out, accounts nobody uses, posts two persons agreed on."""

import logging
from datetime import datetime
from threading import Event
from typing import Final

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from midan.core.errors import MidanError
from midan.people.leaving.expiry import end_contracts, put_to_sleep
from midan.people.posts.granting import carry_out

_LOGGER = logging.getLogger(__name__)
_PAUSE: Final = 60.0  # seconds: a contract ends with a day


def keep_staff_forever(stop: Event, interval: float = _PAUSE) -> None:
    """Look after the register until `stop` is set; a failure is logged by its kind and tried again."""
    while not stop.is_set():
        close_old_connections()
        one_round(timezone.now())
        stop.wait(interval)
    close_old_connections()


def one_round(now: datetime) -> bool:
    """Do everything that is due; return whether it went through."""
    try:
        end_contracts(now=now)
        put_to_sleep(now=now)
        carry_out(now=now)
    except (DatabaseError, MidanError) as error:
        word = error.code if isinstance(error, MidanError) else type(error).__name__
        _LOGGER.error("the register of staff stands still: %s", word)  # noqa: TRY400  # may quote rows
        return False
    return True
