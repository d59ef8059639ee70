"""Who a person is, asked of the register, which stands above: it names itself here when the program starts."""

from typing import Final, Protocol

from midan.core.actor import Actor


class Register(Protocol):
    """What two-person acts ask the register of staff."""

    def holds_post(self, actor: Actor) -> bool:
        """Return whether somebody is at work, in the post they act under."""

    def accounts_of(self, staff_no: str) -> frozenset[str]:
        """Return every account of the same person: the staff numbers, this one too."""


_STAFF: Final = "staff:"
_named: list[Register] = []


def name_register(register: Register) -> None:
    """Name the one register; a later one takes the place of an earlier."""
    _named[:] = [register]


def at_work(actor: Actor) -> bool:
    """Return whether the actor is a person at work in their post; without a register nobody is."""
    return actor.kind == "staff" and bool(_named) and _named[0].holds_post(actor)


def references(reference: str) -> frozenset[str]:
    """Return every reference of the person behind one: two accounts are no two persons (M1)."""
    if not reference.startswith(_STAFF) or not _named:
        return frozenset({reference})
    numbers = _named[0].accounts_of(reference.removeprefix(_STAFF))
    return frozenset({reference, *(_STAFF + number for number in numbers)})
