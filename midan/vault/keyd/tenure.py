"""How long keys at hand may be used: ten seconds from the last look at the state, and everybody knows until when.

Each process with keys has a row (models.KeydLease): the state version it has seen, and the moment its lease ends. A version
counts as seen when no cached key is older than it and no call is under way that began before it. A process that cannot
renew, because it is stopped, cut off or starved, opens nothing after its lease: every answer is held against the lease it
began under, and one that is late is worked out again from the rows. So whoever destroyed something knows when nothing of
it can open any more: once every lease is past it or has ended (`behind`).

Lengths are measured here by a clock that also runs while the machine sleeps, from before the row is written; the row
speaks the database's clock. A lease so never lasts longer than its row says.
"""

import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock, local
from typing import Final, TypeVar

from django.db import connection, transaction
from django.utils.translation.trans_null import gettext_noop

from midan.vault.errors import VaultLocked
from midan.vault.keyd import stored
from midan.vault.keyd.interface import KeydStatus
from midan.vault.models import KeydLease

T = TypeVar("T")

LEASE: Final = 10.0  # seconds
# A call that begins has at least so long.
_LEAST: Final = 1.0
# A keyd that serves looks every second, and writes its row when this little is left or a version is new.
_RENEW_BELOW: Final = 6.0
_TRIES: Final = 3
LATE: Final = gettext_noop("密钥进程的租约已过，没有打开任何内容")
# Rows of processes that are long gone.
_FORGOTTEN: Final = 86_400.0
_NOW: Final = {
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "extract(epoch FROM clock_timestamp())",
}

# Whoever writes a row holds this lock, with others; whoever reads the rows takes it alone, and so waits for them. It asks
# for no right on the table: the web only reads it.
_WRITING: Final = 0x6D69_6461_6E6B_6579  # 'midankey'
_HELD: Final = {
    "sqlite": "WITH held AS (SELECT 1)",
    "postgresql": f"WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared({_WRITING}))",
}


class Tenure:
    """The lease of one holder of keys. `refresh` lets go of every cached key that the rows no longer bear out."""

    def __init__(self, refresh: Callable[[], None]) -> None:
        self._refresh = refresh
        self._lock = RLock()
        # Each call under way, and the version that had been seen when it began.
        self._acts: dict[object, int] = {}
        self._mine = local()
        self._name, self._pid = "", 0
        self._seen, self._version, self._until = 0, 0, 0.0

    def left(self) -> float:
        """Return the seconds that are left, less than nothing once it has ended."""
        return self._until - clock()

    def acknowledge(self) -> int:
        """Look at the state now, renew the lease, and return the version that counts as seen."""
        with self._lock:
            began = clock()
            identity = stored.identity()
            if identity is None:
                return 0
            self._refresh()
            self._seen = identity.pack_counter
            self._version = min([self._seen, *self._acts.values()])
            self._write()
            self._until = began + LEASE
            return self._version

    def attend(self) -> None:
        """Acknowledge where there is something new, or where little of the lease is left."""
        identity = stored.identity()
        if identity is not None and (identity.pack_counter != self._version or self.left() < _RENEW_BELOW):
            self.acknowledge()

    @contextmanager
    def keeping_up(self) -> Iterator[None]:
        """Acknowledge at once what this process itself changes, where it has a lease."""
        yield
        if self.left() > 0:
            self.acknowledge()

    def answer(self, work: Callable[[], T]) -> T:
        """Return what `work` opens, once it is sure to rest on a state no older than a lease; VaultLocked."""
        for _ in range(_TRIES):
            with self._act():
                tag = stored.state_tag()
                found = work()
                if not self._late():
                    return found
                # It took longer than the lease. Unless something was destroyed meanwhile, no harm is done.
                self.acknowledge()
                self._mine.until = self._until
                if stored.state_tag() == tag and not self._late():
                    return found
        raise VaultLocked(LATE)

    def overtaken(self) -> bool:
        """Return, once for each answer of this thread, whether its lease has ended before it was handed over."""
        until: float | None = self._mine.__dict__.pop("until", None)
        return until is not None and clock() >= until

    def _late(self) -> bool:
        return clock() >= float(self._mine.until)

    def end(self) -> None:
        """Give the lease up: this process opens nothing from here on."""
        with self._lock:
            self._until = 0.0
            KeydLease.objects.filter(name=self._name).delete()

    @contextmanager
    def _act(self) -> Iterator[None]:
        """Count as under way, with the lease as it stands at the beginning."""
        token = object()
        with self._lock:
            if self.left() < _LEAST:
                self.acknowledge()
            self._acts[token] = self._seen
            self._mine.until = self._until
        try:
            yield
        finally:
            self._acts.pop(token, None)

    def _write(self) -> None:
        """Write the row in one statement, so that it stands at once where the caller has no transaction of its own."""
        if self._pid != os.getpid():
            self._name, self._pid = secrets.token_hex(16), os.getpid()
        now = _NOW[connection.vendor]
        with connection.cursor() as cursor:
            cursor.execute(
                f"{_HELD[connection.vendor]} INSERT INTO vault_keyd (name, host, pid, version, until)"
                f" SELECT %s, %s, %s, %s, {now} + {LEASE} FROM held WHERE true"
                " ON CONFLICT (name) DO UPDATE SET version = excluded.version, until = excluded.until",
                [self._name, socket.gethostname()[:64], self._pid, self._version],
            )
            cursor.execute(f"DELETE FROM vault_keyd WHERE until < {now} - {_FORGOTTEN}")


def clock() -> float:
    """Return seconds that pass also while the machine sleeps, and that nobody can set back."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def standing() -> tuple[KeydStatus, ...]:
    """Return every process whose lease has not ended, waiting for those that are just writing theirs."""
    now = _NOW[connection.vendor]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITING])
        cursor.execute(f"SELECT name, host, pid, version, until - {now} FROM vault_keyd WHERE until > {now}")
        return tuple(
            KeydStatus(name=name, host=host, pid=pid, version=version, seconds=round(float(left), 1))
            for name, host, pid, version, left in cursor.fetchall()
        )


def behind(version: int) -> tuple[KeydStatus, ...]:
    """Return the processes that may still open by a state older than this version."""
    return tuple(one for one in standing() if one.version < version)
