"""What the verifiers share: how they read a file of vectors, tell a difference and report. No cipher is here."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class Differs(Exception):
    """A vector and this reading of the specification disagree; its text says where."""


def same(what: str, one: object, two: object) -> None:
    """Stop at the first difference."""
    if one != two:
        raise Differs(what)


def holds(what: str, claim: object) -> None:
    """Stop unless this holds."""
    if not claim:
        raise Differs(what)


def load(name: str) -> Any:
    """Return the content of a file of vectors."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def run(checks: Mapping[str, Callable[[], int]]) -> int:
    """Print one line a check, with how many cases agree, and return the exit code: 1 at the first difference."""
    for name, check in checks.items():
        try:
            count = check()
        except Differs as error:
            sys.stdout.write(f"{name}: DIFFERS: {error}\n")
            return 1
        sys.stdout.write(f"{name}: {count} agree\n")
    return 0
