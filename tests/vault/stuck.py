"""A keyd of another host: serves the database of a test from a home of its own. Run by test_leases.

    python -m tests.vault.stuck LEASE

Where the file `stop` lies in its home, it stops itself in the middle of the next opening, keys at hand.
"""

import os
import signal
import sys
from threading import Event
from time import sleep

from midan.catalog import settings
from midan.config.start import setup


def main(lease: float) -> None:
    setup()
    from midan.vault import keyd
    from midan.vault.keyd import opening, server, tenure

    tenure.LEASE = lease
    real, flag = opening.keys_of, settings.current().home / "stop"

    def stopped(*arguments):
        found = real(*arguments)
        if flag.exists():
            flag.unlink()
            os.kill(os.getpid(), signal.SIGSTOP)
            sleep(0.2)  # another thread may take the signal: this one would go on for a moment
        return found

    opening.keys_of = stopped
    server.serve(keyd.local, settings.current().keyd_socket, Event())


if __name__ == "__main__":
    main(float(sys.argv[1]))
