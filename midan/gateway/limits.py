"""How often a client may call: counted in the database for all processes, taken out in blocks.

A process takes a block of calls out of the minute and the day with one statement and hands it out from memory: the
database is written once a block, and no more calls pass than the limit says. What a process took and does not use
is lost until the next minute or day, a fiftieth of the limit at most.
"""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final

from django.db import connection

from midan.gateway.errors import TooManyCalls
from midan.gateway.models import Use
from midan.gateway.rules import Period, block_of, window

_TAKE: Final = (
    "INSERT INTO gateway_use (client_id, period, start, taken) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (client_id, period, start) DO UPDATE SET taken = gateway_use.taken + excluded.taken"
    " RETURNING taken"
)


@dataclass(slots=True)
class _Lease:
    """What this process may still hand out of one period of a client; `limit` as it was when it was taken."""

    start: int
    limit: int
    left: int


_LEASES: Final[dict[tuple[int, Period], _Lease]] = {}
_LOCK: Final = Lock()


def count(*, client: int, per_minute: int | None, per_day: int | None, now: datetime) -> None:
    """Count one call of a client; TooManyCalls when the minute or the day has none left."""
    for period, limit in ((Period.MINUTE, per_minute), (Period.DAY, per_day)):
        if limit is not None:
            _count(client, period, limit, now)


def forget() -> None:
    """Let go of what this process has taken and not used."""
    with _LOCK:
        _LEASES.clear()


def sweep(*, now: datetime) -> int:
    """Remove counts of periods long over; return how many."""
    minute, day = window(Period.MINUTE, now)[0] - 60, window(Period.DAY, now)[0] - 31
    gone, _ = Use.objects.filter(period=Period.MINUTE, start__lt=minute).delete()
    also, _ = Use.objects.filter(period=Period.DAY, start__lt=day).delete()
    return gone + also


def _count(client: int, period: Period, limit: int, now: datetime) -> None:
    start, seconds = window(period, now)
    with _LOCK:
        lease = _LEASES.get((client, period))
        # A changed limit counts at once: what was taken under the old one is not handed out.
        if lease is None or (lease.start, lease.limit) != (start, limit):
            lease = _LEASES[client, period] = _Lease(start, limit, _take(client, period, start, limit))
        elif lease.left == 0:
            lease.left = _take(client, period, start, limit)
        if lease.left < 1:
            # Nothing comes back before the period ends: no further statement asks for it.
            first, lease.left = lease.left == 0, -1
            raise TooManyCalls(period=period, limit=limit, retry_after=seconds, first=first)
        lease.left -= 1


def _take(client: int, period: Period, start: int, limit: int) -> int:
    """Take a block, or what is left of one; return how many calls that is."""
    block = block_of(limit)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [client, period.value, start, block])
        taken = int(cursor.fetchone()[0])
    return max(0, min(block, limit - (taken - block)))
