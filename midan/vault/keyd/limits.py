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

    def __len__(self) -> int:
        return len(self._spent)

    def spend(self, entry_id: str, now: datetime) -> bool:
        """Take the entry; return False when it was taken before."""
        with self._lock:
            while self._spent:
                oldest, at = next(iter(self._spent.items()))
                # Twice the age: the entry may be as much older than the grant as the grant than this call.
                if now - at <= 2 * MAX_AGE:
                    break
                del self._spent[oldest]
            if entry_id in self._spent:
                return False
            self._spent[entry_id] = now
            return True


class RateBudget:
    """At most `per_minute` takings in any stretch, refilled evenly; `clock` counts seconds and never goes back."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._clock, self._lock = per_minute, clock, Lock()
        self._left, self._at = float(per_minute), clock()

    def take(self) -> bool:
        """Take one; return False when none is left."""
        with self._lock:
            now = self._clock()
            self._left = min(self._most, self._left + (now - self._at) * self._most / _MINUTE)
            self._at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True
