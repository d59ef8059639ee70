"""The policies in force, read once a process from policy/."""

from functools import cache
from pathlib import Path
from typing import Final

from midan.access.errors import PoliciesUnsound
from midan.access.rules.engine import PolicyBook

POLICY_FOLDER: Final = Path(__file__).resolve().parents[3] / "policy"


@cache
def book() -> PolicyBook:
    """Return the sound policies; raise PoliciesUnsound, and then nothing is revealed to anybody."""
    return read_book(POLICY_FOLDER)


def read_book(folder: Path) -> PolicyBook:
    try:
        policies = (folder / "access.cedar").read_text("utf-8")
        schema = (folder / "access.cedarschema").read_text("utf-8")
    except OSError as error:
        raise PoliciesUnsound("policy files cannot be read") from error
    return PolicyBook.load(policies, schema)
