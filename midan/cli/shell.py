"""Who typed a command: the log names the machine's account and the machine, because a shell has no sign-in of ours."""

import os
import pwd
import socket
from dataclasses import replace

from midan.core.actor import Actor


def typed() -> Actor:
    """Return the actor of a command: system:cli, its address `account@host`; an account without a name is its number."""
    number = os.getuid()
    try:
        account = pwd.getpwuid(number).pw_name
    except KeyError:
        account = str(number)
    return replace(Actor.system("cli"), address=f"{account}@{socket.gethostname()}")
