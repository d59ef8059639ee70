"""How long a caller waits for keyd, in seconds, and how many may wait at once."""

from collections.abc import Sequence
from typing import Any, Final

from midan.vault.rules import PARTS

# A wrapped epoch opens in a millisecond, a thousand in a second, the passphrase in one more.
LEAST: Final = 10.0
_FOR_MANY: Final = 60.0
# Hundreds of thousands of cuts; a keeper on another host.
_FOR_KEYS: Final = 3_600.0
_OF_MANY: Final = frozenset({"reserve", "inspect"})
_OF_KEYS: Final = frozenset({"rotate", "settle", "destroy", "puncture", "reseal"})
_PARTS: Final = {"check_parts": 1, "mask_orders": len(PARTS)}  # each thing named asks for so many
_A_PART: Final = 0.04  # a page of labels takes seconds; a list of 80 waybills may wait no longer than one
# Of a web process's sixteen threads, so that those without a question for keyd are never all behind a silent one.
MOST_WAITING: Final = 8
FOR_A_TURN: Final = 1.0


def of(method: str, arguments: Sequence[Any]) -> float:
    """Return how long to wait for an answer: longer where many parts are asked for, or a block is reserved."""
    if method in _OF_KEYS:
        return _FOR_KEYS
    if method in _OF_MANY:
        return _FOR_MANY
    parts = len(arguments[0]) * _PARTS[method] if method in _PARTS else 0
    return min(max(LEAST, parts * _A_PART), _FOR_MANY)
