"""What may be written down about paper, and how the ledger of a branch adds up. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from midan.core.masking.text import contains_personal_data
from midan.people.rules import Role

# Who keeps the paper of the own branch; a witness may be anybody who works for the company.
KEEPERS: Final = frozenset({Role.BRANCH_MANAGER, Role.CLERK})
# Who sees the paper of every branch, photos of destructions included: those who answer for the policy and test it.
OVERSEERS: Final = frozenset({Role.PRIVACY_OFFICER, Role.ANALYST, Role.AUDITOR, Role.REGULATOR})
MOST_SHEETS: Final = 100_000
# A 76 × 130 mm thermal label without its liner weighs about 1 g, a 100 × 180 mm one with it about 5 g; the bag itself
# 30 to 200 g. Outside of these bounds either the count or the weight is wrong.
_LIGHTEST: Final = 0.5
_HEAVIEST: Final = 10.0
_BAG: Final = 200
_SERIAL: Final = re.compile(r"[A-Z][A-Z0-9-]{4,22}[A-Z0-9]")


class Kind(StrEnum):
    """What lies in a bag."""

    LABELS = "labels"
    STUBS = "stubs"


class Method(StrEnum):
    SHREDDED = "shredded"
    BURNT = "burnt"


class BagState(StrEnum):
    SEALED = "sealed"
    HANDED_OVER = "handed_over"
    DESTROYED = "destroyed"


class DestructionState(StrEnum):
    RECORDED = "recorded"
    WITNESSED = "witnessed"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The sheets of one branch. Printed copies and received stubs come in; everything else is where they are now."""

    branch: str
    printed: int
    stubs: int
    on_parcels: int
    with_customers: int
    returned: int
    in_hand: int
    bagged: int
    destroyed: int

    @property
    def received(self) -> int:
        """Return the sheets the branch has had to account for."""
        return self.printed + self.stubs

    @property
    def gone_out(self) -> int:
        """Return the sheets that left with a parcel."""
        return self.on_parcels + self.with_customers + self.returned

    @property
    def unexplained(self) -> int:
        """Return how many sheets are nowhere; negative when more were counted than there can be."""
        return self.received - self.gone_out - self.in_hand - self.bagged - self.destroyed


def wrong_bag(*, serial: str, sheets: int, weight_g: int) -> str:
    """Return the name of the first member that cannot be, '' for a bag that can."""
    # The serial stands in the log, where nothing may look like a customer's phone.
    if not _SERIAL.fullmatch(serial) or contains_personal_data(serial):
        return "serial"
    if not 0 < sheets <= MOST_SHEETS:
        return "sheets"
    if not sheets * _LIGHTEST <= weight_g <= sheets * _HEAVIEST + _BAG:
        return "weight_g"
    return ""


def keeps(*, kind: str, role: str) -> bool:
    """Return whether this actor's post keeps paper."""
    return kind == "staff" and role in KEEPERS


def sees(*, kind: str, role: str, own: bool) -> bool:
    """Return whether this actor sees an act of destruction; `own` is whether it is one of the actor's branch."""
    return kind == "staff" and (role in OVERSEERS or (own and role in KEEPERS))
