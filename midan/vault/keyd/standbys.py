"""PostgreSQL's standbys: one that takes over has to know the present states before the key of older ones is erased.

A standby whose wrapped states are of an erased generation would open nothing. SQLite has none.
"""

import time
from typing import Final

from django.db import connection

from midan.store import bulk

# Seconds the erasing of an old generation waits for them; later `settle` looks again.
PATIENCE: Final = 5.0
_PAUSE: Final = 0.05
# Copies that do not take over: a base backup being made, WAL being collected. A standby without a connection is known
# by its slot alone. What may not be seen (the account lacks pg_read_all_stats) counts as not replayed.
_BEHIND: Final = """
SELECT coalesce(nullif(application_name, ''), 'standby') FROM pg_stat_replication
WHERE application_name NOT IN ('pg_basebackup', 'pg_receivewal') AND state IS DISTINCT FROM 'backup'
AND (replay_lsn >= %s::pg_lsn) IS NOT TRUE
UNION SELECT slot_name::text FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT active
ORDER BY 1
"""


def behind(patience: float = PATIENCE) -> tuple[str, ...]:
    """Return who has not replayed what is committed now, after waiting `patience` seconds at most; nobody on SQLite.

    A standby goes by its application_name, one that is away by the name of its slot.
    """
    if not bulk.is_postgres():
        return ()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
        (position,) = cursor.fetchone()
    end = time.monotonic() + patience
    while (found := _behind(position)) and time.monotonic() < end:
        time.sleep(_PAUSE)
    return found


def _behind(position: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND, [position])
        return tuple(name for (name,) in cursor.fetchall())
