"""How far the log is behind: what nothing signed speaks for yet could still be taken out unseen."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

# The sequencer wakes twice a second; a minute is far more than any honest delay.
_MOST: Final = timedelta(seconds=60)
# Leaves are signed in their order, so the oldest placed one that no checkpoint covers stands right behind the newest.
_FIRST_UNSIGNED: Final = (
    "SELECT e.time FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id"
    ' WHERE l."index" = (SELECT COALESCE(max(size), 0) FROM audit_checkpoint)'
)
_LAST_PLACED: Final = (
    'SELECT e."transaction", e.id FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id'
    ' ORDER BY l."index" DESC LIMIT 1'
)
# In the sequencer's own order, beyond what it placed last: a short walk, however long the log is.
_FIRST_PENDING: Final = (
    'SELECT e.time FROM audit_entry e WHERE (e."transaction", e.id) > (%s, %s)'
    " AND NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.entry_id = e.id)"
    ' ORDER BY e."transaction", e.id LIMIT 1'
)


def oldest_pending_age(now: datetime) -> timedelta | None:
    """Return how long the oldest unplaced entry has waited for the sequencer, or None when none waits."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_PLACED)
        cursor.execute(_FIRST_PENDING, cursor.fetchone() or (-1, -1))
        return _age(cursor.fetchone(), now)


def unsigned_age(now: datetime) -> timedelta | None:
    """Return how long the oldest entry has waited for a checkpoint that covers it; None when none waits."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_UNSIGNED)
        age = _age(cursor.fetchone(), now)
    return oldest_pending_age(now) if age is None else age


def is_behind(now: datetime) -> bool:
    """Return whether entries have waited longer than any honest delay: reading stops then, intake goes on."""
    age = unsigned_age(now)
    return age is not None and age > _MOST


def _age(row: tuple[str] | None, now: datetime) -> timedelta | None:
    return now - datetime.fromisoformat(row[0]) if row else None
