"""The permission to open named fields of one waybill, once, within a minute.

Only `midan.access` builds a Grant, after the log entry it names is committed and read back; an architecture
test refuses the constructor elsewhere. Whoever opens a part checks freshness and spends the grant.

MidanError
├── GrantStale   older than a minute, or from the future
└── GrantSpent   shown a second time
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import ClassVar

from midan.core.errors import MidanError

MAX_AGE = timedelta(seconds=60)


class GrantStale(MidanError):
    """The grant's minute is over (or has not begun): decide again."""

    code: ClassVar[str] = "grant_stale"
    clause: ClassVar[str | None] = "L2.2"
    status: ClassVar[int] = 403


class GrantSpent(MidanError):
    """One grant, one opening."""

    code: ClassVar[str] = "grant_spent"
    clause: ClassVar[str | None] = "L2.2"
    status: ClassVar[int] = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Say that `actor` may see `fields` of `waybill` for `purpose`, as log entry `entry_id` records.

    Build one in midan.access only. `issued_at` is aware; ValueError for a grant that names nothing.
    """

    actor: str
    waybill: str
    fields: frozenset[str]
    purpose: str
    entry_id: str
    issued_at: datetime

    def __post_init__(self) -> None:
        if not (self.actor and self.waybill and self.fields and self.purpose and self.entry_id):
            raise ValueError("a grant names actor, waybill, fields, purpose and entry")
        if self.issued_at.utcoffset() is None:
            raise ValueError("a grant's time has a zone")

    def fresh(self, now: datetime) -> bool:
        """Return whether the grant is at most 60 seconds old; one from the future is not fresh."""
        return timedelta(0) <= now - self.issued_at <= MAX_AGE


class SpentGrants:
    """Remember grants already used, for as long as they could still be fresh: memory is bounded by their age.

    Time only moves forward here: a clock set back cannot revive a grant whose use was forgotten.
    Safe to share between threads; one process must hold the only one for its keys.
    """

    __slots__ = ("_latest", "_lock", "_spent")

    def __init__(self) -> None:
        self._lock = Lock()
        self._latest: datetime | None = None
        self._spent: OrderedDict[str, datetime] = OrderedDict()

    def __len__(self) -> int:
        return len(self._spent)

    def spend(self, grant: Grant, *, now: datetime) -> None:
        """Use the grant up. Raise GrantStale or GrantSpent; then nothing may be opened."""
        with self._lock:
            self._latest = latest = max(now, self._latest or now)
            self._forget(latest)
            if not (grant.fresh(now) and grant.fresh(latest)):
                raise GrantStale("授权凭据已过期")
            if grant.entry_id in self._spent:
                raise GrantSpent("授权凭据已使用")
            self._spent[grant.entry_id] = latest

    def _forget(self, latest: datetime) -> None:
        # Rows stand in the order they were spent; a grant spent over a minute ago cannot be fresh any more.
        while self._spent and latest - next(iter(self._spent.values())) > MAX_AGE:
            self._spent.popitem(last=False)
