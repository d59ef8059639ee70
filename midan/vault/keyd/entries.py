"""The log as keyd reads it: over its own connection, and only what is committed."""

from time import monotonic

from midan.audit import selectors as log
from midan.audit.errors import EntryUnknown
from midan.core.entry import Entry
from midan.vault.errors import GrantRefused, LogBehind


def committed(entry_id: str) -> Entry:
    """Return the entry a caller names; GrantRefused when there is none."""
    try:
        return log.entry(entry_id).entry
    except EntryUnknown:
        raise GrantRefused("no_entry") from None


class Watch:
    """Whether somebody signs the log: what nothing speaks for can be taken out, so nothing is read meanwhile.

    Counted from when this process first saw the oldest unsigned entry, by a clock nobody sets: the time an entry bears is
    its writer's. Only where keyd serves: beside a command that runs alone there is no sequencer.
    """

    def __init__(self, *, served: bool) -> None:
        self._served = served
        self._first: log.Waiting | None = None
        self._since = 0.0

    def look(self) -> bool:
        """Look at the oldest unsigned entry; return whether it has been the same one for longer than a minute."""
        first, now = (log.first_unsigned() if self._served else None), monotonic()
        if first != self._first:
            self._first, self._since = first, now
        return first is not None and now - self._since > log.MOST.total_seconds()

    def refuse_backlog(self) -> None:
        """Raise LogBehind while the log's newest entries stay unsigned."""
        if self.look():
            raise LogBehind
