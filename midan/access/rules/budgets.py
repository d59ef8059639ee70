"""How much a post may look at in a day: fields in clear, searches, tickets.

Numbers of the company, not of the law: M4 asks that behaviour be limited. Where work can be counted it earns the day's
number (catalog.looking): a courier by the parcels in hand, a clerk by those on the station's shelves, an agent by
calls. The others have a flat one; nobody at a desk reads as many. What a post does not need stands at 0.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from midan.catalog.looking import Earning, Looking


class BudgetKind(StrEnum):
    REVEAL = "reveal"
    SEARCH = "search"
    TICKET = "ticket"


_DAILY: Final[Mapping[str, tuple[int, int, int]]] = MappingProxyType(
    {
        "courier": (0, 0, 0),
        "clerk": (0, 0, 0),
        "agent": (0, 300, 150),
        "branch_manager": (100, 100, 0),
        "privacy_officer": (100, 100, 0),
        "analyst": (50, 50, 0),
        "regulator": (100, 0, 0),
    }
)
_PLACE: Final = {BudgetKind.REVEAL: 0, BudgetKind.SEARCH: 1, BudgetKind.TICKET: 2}


def earning(role: str, kind: BudgetKind, looking: Looking) -> Earning | None:
    """Return how this post's work earns this, or None where the number is flat."""
    match role, kind:
        case "courier", BudgetKind.REVEAL:
            return looking.courier
        case "clerk", BudgetKind.REVEAL | BudgetKind.SEARCH:
            return looking.clerk
        case "agent", BudgetKind.REVEAL:
            return looking.agent
        case _:
            return None


def flat(role: str, kind: BudgetKind) -> int:
    """Return how many a day the role may use that earns none; 0 for a role that is not listed."""
    return _DAILY.get(role, (0, 0, 0))[_PLACE[kind]]
