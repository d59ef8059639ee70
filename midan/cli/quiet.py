"""Keep a C library's remarks away from standard error, where the contract allows one JSON line and nothing else."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import UnsupportedOperation
from typing import Final

_STDERR: Final = 2


@contextmanager
def without_library_remarks() -> Iterator[None]:
    """Send what is written to descriptor 2 nowhere; Python's own sys.stderr goes where it went.

    The SM2 library prints its own source line when a signature does not hold. For one command in one thread: a
    server's other threads would lose their lines too.
    """
    try:
        ours = sys.stderr.fileno() == _STDERR
    except (UnsupportedOperation, ValueError):
        ours = False
    before, saved, nowhere = sys.stderr, os.dup(_STDERR), os.open(os.devnull, os.O_WRONLY)
    before.flush()
    os.dup2(nowhere, _STDERR)
    os.close(nowhere)
    if ours:
        sys.stderr = os.fdopen(
            os.dup(saved), "w", buffering=1, encoding=before.encoding, errors=before.errors
        )
    try:
        yield
    finally:
        if ours:
            sys.stderr.close()
            sys.stderr = before
        os.dup2(saved, _STDERR)
        os.close(saved)
