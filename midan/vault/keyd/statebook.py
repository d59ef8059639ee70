"""What the states of the epochs tell to those who hold no key: counts and days, no byte of a state."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEpoch:
    """One live epoch. `reserved` records were handed out, burnt ones included; up to `mark` a key pack knows of.

    `punctures` counts how often keys were cut out of it, `nodes` the rows its tree is kept in, `size` their bytes.
    """

    number: int
    retention: str
    day: date
    due: date
    reserved: int
    mark: int
    generation: int
    punctures: int
    nodes: int
    size: int


class EpochDay(NamedTuple):
    """The live epochs of an intake day, and how often keys were cut out of them."""

    day: date
    live: int
    punctures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateBook:
    """How many epochs live and how many are destroyed, and the bytes of state that all of them take."""

    live: int
    destroyed: int
    size: int
    days: tuple[EpochDay, ...]
    epochs: tuple[KeyEpoch, ...]
