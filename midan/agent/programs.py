"""Ask a program of the system, and nothing else: fixed words, no shell, in plain English, with an end."""

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

_PATIENCE: Final = 30.0  # seconds; a program that says nothing has said nothing
_MOST: Final = 4_000_000  # characters of an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a program answered: its exit code and everything it wrote, errors included."""

    code: int
    text: str


Ask = Callable[[Sequence[str]], Said | None]


def ask(words: Sequence[str]) -> Said | None:
    """Run a program and return what it said; None when it is not there, does not end, or cannot be started."""
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PATIENCE,
            check=False,
            env={**os.environ, "LC_ALL": "C", "LANG": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Said(code=done.returncode, text=done.stdout.decode("utf-8", "replace")[:_MOST])


def text_of(said: Said | None) -> str | None:
    """Return what a program that succeeded wrote; None otherwise."""
    return None if said is None or said.code else said.text
