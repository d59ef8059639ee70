"""What PostgreSQL's standbys have replayed: one that lacks the new states would, promoted, ask for the old generation.

A standby is a walsender that streams, or a physical slot without one: such a machine may come back, or take over, with
the states of the day it went silent. A logical subscriber and a copy being taken are none. What a standby passes on to
others is not seen from here.
"""

from time import monotonic, sleep
from typing import Final, NamedTuple

from django.db import connection

from midan.store import bulk
from midan.vault.keyd.interface import STANDBY

# Seconds a ratchet waits for standbys that do replay; whoever takes longer is waited for by jobs, never by a person.
BOUND: Final = 5.0
_LOOK: Final = 0.05

# A timeline and a place on it: after a take-over old places say nothing. Flushed: a commit of ours lies before it.
_MARK: Final = "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8), pg_current_wal_flush_lsn()::text"
# One that has answered and never replays (pg_receivewal) keeps what it has flushed. Without pg_read_all_stats the server
# shows that a walsender is there and nothing else of it.
_STANDBYS: Final = """
SELECT coalesce(s.slot_name, nullif(r.application_name, ''), r.pid::text),
    CASE WHEN NOT pg_has_role('pg_read_all_stats', 'USAGE') THEN 'unseen'
         WHEN coalesce(r.replay_lsn, r.flush_lsn) IS NULL THEN 'silent'
         ELSE 'late' END
FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
WHERE s.slot_type IS DISTINCT FROM 'logical' AND r.state IS DISTINCT FROM 'backup'
    AND coalesce(r.replay_lsn, r.flush_lsn) >= %s::pg_lsn IS NOT TRUE
UNION ALL
SELECT slot_name, 'silent' FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT active
"""


class Mark(NamedTuple):
    timeline: str
    position: str


class Standbys:
    """The standbys of this server, and from where on each has the states of a generation."""

    def __init__(self) -> None:
        self._marks: dict[int, Mark] = {}

    def behind(self, generation: int) -> tuple[str, ...]:
        """Return `standby:NAME:WORD` for each that may lack the states of this generation; none but on PostgreSQL.

        The word is late (it has not replayed them yet), silent (nobody answers for it) or unseen (this account may not
        look). Ask only when those states are committed: the first question fixes how far a standby must have come.
        """
        if not bulk.is_postgres():
            return ()
        with connection.cursor() as cursor:
            cursor.execute(_MARK)
            here = Mark(*cursor.fetchone())
            known = self._marks.get(generation)
            if known is None or known.timeline != here.timeline:
                known = here
            self._marks = {generation: known}
            cursor.execute(_STANDBYS, [known.position])
            return tuple(sorted(f"{STANDBY}{name}:{word}" for name, word in cursor.fetchall()))

    def wait(self, generation: int, bound: float | None = None) -> tuple[str, ...]:
        """Return those that are behind after waiting for the late ones, no longer than `bound` seconds (BOUND)."""
        until = monotonic() + (BOUND if bound is None else bound)
        found = self.behind(generation)
        while any(one.endswith(":late") for one in found) and monotonic() < until:
            sleep(_LOOK)
            found = self.behind(generation)
        return found
