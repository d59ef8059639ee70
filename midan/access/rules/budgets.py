"""How much a post may look at in a day: fields in clear, searches, tickets.

Numbers of the company, not of the law: M4 asks that behaviour be limited. A courier
carries at most a few hundred parcels a day; nobody at a desk reads as many. What a post does not need stands at 0.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class BudgetKind(StrEnum):
    REVEAL = "reveal"
    SEARCH = "search"
    TICKET = "ticket"


_DAILY: Final[Mapping[str, tuple[int, int, int]]] = MappingProxyType(
    {
        "courier": (400, 0, 0),
        "clerk": (400, 600, 0),
        "agent": (200, 300, 150),
        "branch_manager": (100, 100, 0),
        "privacy_officer": (100, 100, 0),
        "analyst": (50, 50, 0),
        "regulator": (100, 0, 0),
    }
)
_PLACE: Final = {BudgetKind.REVEAL: 0, BudgetKind.SEARCH: 1, BudgetKind.TICKET: 2}


def daily(role: str, kind: BudgetKind) -> int:
    """Return how many a day the role may use; 0 for a role that is not listed."""
    return _DAILY.get(role, (0, 0, 0))[_PLACE[kind]]
