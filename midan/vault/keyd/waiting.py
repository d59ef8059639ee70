"""What an old generation waits for: a restore that reads keys now, and re-sealed records that no backup holds yet.

A restore and a ratchet lock the folder of keys itself, so that a sandbox that reaches it by a link counts as well.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.db import connection

from midan.catalog import settings
from midan.vault.errors import OldKeysNeeded

# Plain SQL over the register of backups: that room lies above this one and asks it for keys.
_SETS: Final = "SELECT count(*) FROM backup_set WHERE ended_at IS NULL"
_SAVED: Final = (
    "SELECT coalesce(max(moved), 0) FROM backup_set WHERE ended_at IS NULL AND verified_at IS NOT NULL"
)


@contextmanager
def restoring() -> Iterator[None]:
    """Keep every generation from being erased for as long as a restore reads keys; waits for a ratchet that turns."""
    with _folder() as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield


@contextmanager
def nobody_needs_old_keys() -> Iterator[None]:
    """Let a generation be erased meanwhile; OldKeysNeeded while a restore runs or a record moved and no backup knows."""
    with _folder() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OldKeysNeeded("restore") from None
        check_saved()
        yield


def check_saved(epochs: Sequence[int] | None = None) -> None:
    """Raise OldKeysNeeded when a record that was carried out of these epochs, or out of any, is in no verified backup.

    Where no backup was ever made, or all have ended, there is nothing to lose: no set holds the old place either.
    """
    marks = ", ".join(["%s"] * len(epochs or ()))
    which = f" WHERE from_epoch IN ({marks})" if epochs else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM vault_reseal{which}", list(epochs or ()))
        (moved,) = cursor.fetchone()
        if not moved:
            return
        cursor.execute(_SETS)
        (sets,) = cursor.fetchone()
        cursor.execute(_SAVED)
        (saved,) = cursor.fetchone()
    if sets and moved > saved:
        raise OldKeysNeeded("journal")


@contextmanager
def _folder() -> Iterator[int]:
    folder = settings.current().keys
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)
