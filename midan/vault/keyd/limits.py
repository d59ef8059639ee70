"""What keyd allows whoever asks, whatever the log says: each entry once, and so many openings a minute in all."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Final

from midan.core.grant import MAX_AGE

_MINUTE: Final = 60.0


class SpentEntries:
    """The entries that opened something, for as long as a grant could still name them.

    In memory: keyd is one process, and one that starts anew refuses every entry older than itself.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._spent: OrderedDict[str, datetime] = OrderedDict()
        self._forgotten: datetime | None = None

    def __len__(self) -> int:
        return len(self._spent)

    def spend(self, entry_id: str, *, written: datetime, now: datetime) -> bool:
        """Take the entry; return False when it was taken before, or may have been.

        What lies at or before the newest entry forgotten is refused: a clock set back makes nothing good again. In
        the meantime it only costs those who wrote entries while the clock was ahead.
        """
        with self._lock:
            self._forget(now)
            if entry_id in self._spent or (self._forgotten is not None and written <= self._forgotten):
                return False
            self._spent[entry_id] = written
            return True

    def _forget(self, now: datetime) -> None:
        while self._spent:
            oldest, written = next(iter(self._spent.items()))
            if now - written <= MAX_AGE:  # beyond it no grant is accepted
                break
            del self._spent[oldest]
            self._forgotten = max(written, self._forgotten or written)


class RateBudget:
    """At most `per_minute` takings in any stretch, refilled evenly; `clock` counts seconds and never goes back."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._clock, self._lock = per_minute, clock, Lock()
        self._left, self._at = float(per_minute), clock()

    def take(self, count: int = 1) -> bool:
        """Take `count`, or nothing and return False when so many are not left."""
        with self._lock:
            now = self._clock()
            self._left = min(self._most, self._left + (now - self._at) * self._most / _MINUTE)
            self._at = now
            if self._left < count:
                return False
            self._left -= count
            return True
