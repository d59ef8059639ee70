"""Wait for SQLite's write lock in short steps of equal length.

SQLite's own wait sleeps longer after every failed try, up to a tenth of a second: while an intake commits batch after
batch, whoever waited longest is the least likely to be next, and a reveal takes seconds. Here everybody asks again
every millisecond, so a lock is taken soon after it is free, and of one process's threads only one asks: the others
would only take its time. Eight clients beside an intake, docs/reference/benchmarks.md:
the slowest reveal in a hundred fell from a second to a third of one on a busy machine.
"""

import sqlite3
from random import uniform
from threading import Lock
from time import monotonic, sleep
from typing import Any, Final, cast

from django.db.backends.sqlite3 import base

_STEP: Final = 0.001
_PRIMARY: Final = 0xFF  # the low byte of an extended error code
_ASKING: Final = Lock()  # held while a thread asks, not while it writes


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's SQLite, but for how a transaction begins. Statements outside one wait as SQLite does."""

    def _start_transaction_under_autocommit(self) -> None:
        raw = cast("sqlite3.Connection", self.connection)
        seconds = float(self.get_connection_params().get("timeout", 5.0))
        with self.wrap_database_errors:
            raw.execute("PRAGMA busy_timeout = 0")
            try:
                _begin(raw, f"BEGIN {cast('Any', self).transaction_mode or ''}", until=monotonic() + seconds)
            finally:
                raw.execute(f"PRAGMA busy_timeout = {int(seconds * 1_000)}")


def _begin(raw: sqlite3.Connection, statement: str, *, until: float) -> None:
    """Begin, or raise OperationalError when the lock was not free in time."""
    asking = _ASKING.acquire(timeout=max(0.0, until - monotonic()))  # without it, one last try all the same
    try:
        while True:
            try:
                raw.execute(statement)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY or monotonic() >= until:
                    raise
                sleep(uniform(0.5, 1.0) * _STEP)  # noqa: S311  # so that two waiters do not step together
            else:
                return
    finally:
        if asking:
            _ASKING.release()
