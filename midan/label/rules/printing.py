"""Who may print which label, how many in which form, and when a copy is a reprint."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from midan.catalog.rules import PURPOSES, Purpose, ReasonCode
from midan.core.actor import Actor
from midan.waybill.rules import TERMINAL

BATCH: Final = "print:"


def batch_object(batch: int) -> str:
    """Return how the log names what was printed into one file; its entry carries the root of the waybill numbers."""
    return f"{BATCH}{batch}"


def copy_object(print_id: int) -> str:
    """Return how the log names one copy, when it is withdrawn."""
    return f"label:{print_id}"


class Format(StrEnum):
    PDF = "pdf"
    PNG = "png"
    ZPL = "zpl"
    TSPL = "tspl"


class Size(StrEnum):
    """Sizes the market prints, in millimetres: one part, and two parts with a tear line."""

    SMALL = "76x130"
    MEDIUM = "100x150"
    LARGE = "100x180"


# The lower part is torn off at the door and comes back to the branch that delivered.
TWO_PARTS: Final = frozenset({Size.MEDIUM, Size.LARGE})
DPIS: Final = (203, 300)
MOST_LABELS: Final = 2_000

# Who prints: the counter and the floor for parcels on their route, a courier for what is in their hands or waits at
# their own branch for its first scan, a client for its own waybills, unattended tasks. Nobody else, whatever the role.
_ON_ROUTE: Final = frozenset({"branch_manager", "clerk", "sorter"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What the decision looks at."""

    client: str
    branch: str
    handler: str
    status: str
    route: frozenset[str]


def prints_labels(actor: Actor) -> bool:
    """Return whether this kind of actor prints labels at all."""
    return actor.kind in {"system", "client"} or (
        actor.kind == "staff" and actor.role in _ON_ROUTE | {"courier"}
    )


def may_print(actor: Actor, parcel: Parcel) -> bool:
    """Return whether the actor may print the label of this parcel; what is not said here is denied."""
    if actor.kind == "system":
        return True
    if actor.kind == "client":
        return bool(actor.name) and parcel.client == actor.name
    if actor.kind != "staff":
        return False
    if actor.role in _ON_ROUTE:
        return bool(actor.branch) and actor.branch in parcel.route
    if actor.role != "courier":
        return False
    return parcel.handler == actor.name or (parcel.status == "created" and parcel.branch == actor.branch)


def is_over(status: str) -> bool:
    """Return whether the parcel's journey is over: then no purpose asks for another label."""
    return status in TERMINAL


FIRST: Final = ReasonCode.FIRST_PRINT
# A program fetches the same label again after a lost answer or in another format, and nobody is there to ask.
MACHINE: Final = ReasonCode.MACHINE_REQUEST
REPRINT_REASONS: Final = tuple(
    sorted(code.value for code in PURPOSES[Purpose.LABEL].reasons if code not in {FIRST, MACHINE})
)


def stated_reason(*, kind: str, asked: str) -> str:
    """Return why a copy is printed again: what a person says; for a client or the server itself, that it asked."""
    return MACHINE.value if not asked and kind in {"client", "system"} else asked


def reason_of(copy_no: int, asked: str) -> str:
    """Return the reason code kept with a copy, or '' when a reprint lacks one."""
    if copy_no == 1:
        return FIRST.value
    return asked if asked in {*REPRINT_REASONS, MACHINE.value} else ""


def distinct(numbers: Sequence[str]) -> tuple[str, ...]:
    """Return the waybills in order, each once: saying a number twice is a slip, not a wish for two copies."""
    return tuple(dict.fromkeys(number.strip().upper() for number in numbers))
