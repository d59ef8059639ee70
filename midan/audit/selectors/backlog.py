"""How far the log is behind: what nothing signed speaks for yet could still be taken out unseen."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import connection

# The sequencer wakes twice a second; a minute is far more than any honest delay.
MOST: Final = timedelta(seconds=60)
# Leaves are signed in their order, so the oldest placed one that no checkpoint covers stands right behind the newest.
_FIRST_UNSIGNED: Final = (
    "SELECT e.id, e.time FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id"
    ' WHERE l."index" = (SELECT COALESCE(max(size), 0) FROM audit_checkpoint)'
)
_LAST_PLACED: Final = (
    'SELECT e."transaction", e.id FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id'
    ' ORDER BY l."index" DESC LIMIT 1'
)
# In the sequencer's own order, beyond what it placed last: a short walk, however long the log is.
_FIRST_PENDING: Final = (
    'SELECT e.id, e.time FROM audit_entry e WHERE (e."transaction", e.id) > (%s, %s)'
    " AND NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.entry_id = e.id)"
    ' ORDER BY e."transaction", e.id LIMIT 1'
)


class Waiting(NamedTuple):
    """The oldest entry that waits: its row's number, and the time it bears, which its writer chose."""

    number: int
    time: datetime


def oldest_pending_age(now: datetime) -> timedelta | None:
    """Return how long the oldest unplaced entry has waited for the sequencer, or None when none waits."""
    waiting = _first_pending()
    return now - waiting.time if waiting else None


def first_unsigned() -> Waiting | None:
    """Return the oldest entry that no checkpoint covers yet, None when all are signed."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_UNSIGNED)
        return _waiting(cursor.fetchone()) or _first_pending()


def _first_pending() -> Waiting | None:
    with connection.cursor() as cursor:
        cursor.execute(_LAST_PLACED)
        cursor.execute(_FIRST_PENDING, cursor.fetchone() or (-1, -1))
        return _waiting(cursor.fetchone())


def _waiting(row: tuple[int, str] | None) -> Waiting | None:
    return Waiting(row[0], datetime.fromisoformat(row[1])) if row else None
