"""The log as keyd reads it: over its own connection, and only what is committed."""

from datetime import datetime

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


def refuse_backlog(now: datetime, *, served: bool) -> None:
    """Let nothing be read while the log's newest entries stay unsigned: what nothing speaks for can be taken out.

    Only where keyd serves: beside a command that runs alone there is no sequencer.
    """
    if served and log.is_behind(now):
        raise LogBehind
