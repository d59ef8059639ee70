"""The permission to open named fields of one waybill, once, within a minute.

Only `midan.access` builds a Grant, after the log entry it names is committed; an architecture test refuses the
constructor elsewhere. keyd, which opens the part, reads that entry back over its own database connection, checks
every word of the grant against it, its age by its own clock, and remembers which entries were used.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_AGE = timedelta(seconds=60)


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
