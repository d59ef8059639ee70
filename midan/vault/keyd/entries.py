"""The log as keyd reads it: over its own connection, and only what is committed."""

from midan.audit import selectors as log
from midan.audit.errors import EntryUnknown
from midan.core.entry import Entry
from midan.vault.errors import GrantRefused


def committed(entry_id: str) -> Entry:
    """Return the entry a caller names; GrantRefused when there is none."""
    try:
        return log.entry(entry_id).entry
    except EntryUnknown:
        raise GrantRefused("no_entry") from None
