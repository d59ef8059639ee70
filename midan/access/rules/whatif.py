"""What other policies would have answered to past questions: counted by gate, post and purpose, with examples. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_EXAMPLES: Final = 5
MOST_DAYS: Final = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Answers that would have been another. `by_gate` counts what refuses now, or refused then; examples are waybills."""

    count: int
    by_gate: Mapping[str, int] = field(hash=False)
    by_role: Mapping[str, int] = field(hash=False)
    by_purpose: Mapping[str, int] = field(hash=False)
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """`older` have no facts beside them or lack one demanded today; `damaged` ones their entry does not vouch for.

    `more` is whether there were more decisions than were looked at: the newest are.
    """

    days: int
    version: str
    asked: int
    replayed: int
    older: int
    damaged: int
    more: bool
    refused: Changed
    allowed: Changed


class Tally:
    """Counts changed answers while they are found."""

    def __init__(self) -> None:
        self._gates: Counter[str] = Counter()
        self._roles: Counter[str] = Counter()
        self._purposes: Counter[str] = Counter()
        self._examples: list[str] = []
        self._count = 0

    def add(self, *, gate: str, role: str, purpose: str, waybill: str) -> None:
        self._count += 1
        self._gates[gate] += 1
        self._roles[role] += 1
        self._purposes[purpose] += 1
        if len(self._examples) < _EXAMPLES and waybill not in self._examples:
            self._examples.append(waybill)

    def total(self) -> Changed:
        return Changed(
            count=self._count,
            by_gate=dict(self._gates.most_common()),
            by_role=dict(self._roles.most_common()),
            by_purpose=dict(self._purposes.most_common()),
            examples=tuple(self._examples),
        )
