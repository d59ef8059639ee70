"""keyd: the only holder of keys. Callers say `keyd.connect()` and speak midan.vault.keyd.interface.

`midan serve` runs it as a process of its own, and everything else of that home asks there; a command run alone holds
the keys itself, for as long as it runs.
"""

import os
from datetime import datetime

from midan.catalog import settings
from midan.vault.keyd.interface import Keyd
from midan.vault.keyd.keepers import Keepers, named
from midan.vault.keyd.limits import RateBudget
from midan.vault.keyd.local import LocalKeyd
from midan.vault.keyd.remote import RemoteKeyd, answers

__all__ = ["Keyd", "connect", "forget", "keepers", "local"]

_connections: dict[tuple[str, str, bool], Keyd] = {}
# A connection shared by two processes would mix up their calls, and keys are for the process that unlocked them.
os.register_at_fork(after_in_child=_connections.clear)


def connect() -> Keyd:
    """Return the keyd that serves the current home, else one in this process; nothing is unlocked before needed.

    Where MIDAN_KEYD says `served`, as for web processes, there is no other way than asking.
    """
    current = settings.current()
    place = (str(current.home), current.database_url, current.keyd_served)
    if place not in _connections:
        served = current.keyd_served or answers(current.keyd_socket)
        _connections[place] = RemoteKeyd(current.keyd_socket) if served else local()
    return _connections[place]


def forget() -> None:
    """Let go of every connection, and with those in this process of the keys at hand."""
    _connections.clear()


def local(*, serves_since: datetime | None = None) -> LocalKeyd:
    """Return a keyd that holds the keys of the current home in this process."""
    current = settings.current()
    return LocalKeyd(
        keepers(),
        openings=RateBudget(current.openings_per_minute),
        serves_since=serves_since,
    )


def keepers() -> Keepers:
    """Return the keepers of the current home; a restore asks them for the newest key pack."""
    current = settings.current()
    # The passphrase is read when it is needed, so that a repaired file counts without a restart.
    return Keepers(
        named(current.keepers, keys=current.keys, passphrase=lambda: settings.current().passphrase())
    )
