"""keyd: the only holder of keys. Callers say `keyd.connect()` and speak midan.vault.keyd.interface.

Here it answers inside the calling process; the interface carries plain data only, so a process of its own can.
"""

from midan.catalog import settings
from midan.vault.keyd.interface import Keyd
from midan.vault.keyd.keeper import FileKeeper
from midan.vault.keyd.local import LocalKeyd

__all__ = ["Keyd", "connect"]

_connections: dict[tuple[str, str], LocalKeyd] = {}


def connect() -> Keyd:
    """Return this process's keyd for the current home; nothing is unlocked before it is needed."""
    current = settings.current()
    place = (str(current.keys), current.database_url)
    if place not in _connections:
        # The file is read when the passphrase is needed, so that a repaired one counts without a restart.
        _connections[place] = LocalKeyd(FileKeeper(current.keys, lambda: settings.current().passphrase()))
    return _connections[place]
