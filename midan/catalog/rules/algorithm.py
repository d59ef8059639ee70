"""One place where something is enciphered, signed or hashed, and with what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, Self

Standing = Literal["national", "other", "unseen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """What one place uses at this moment.

    national: SM2, SM3 or SM4; other: anything else, or nothing; unseen: decided outside of this system. `name` is the
    algorithm as standards write it, '' for none. `part` and `note` are message ids; `figures` fill those of `note`.
    """

    area: str
    part: str
    name: str
    standing: Standing
    note: str
    figures: Mapping[str, str | int] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(
        cls, area: str, part: str, name: str, standing: Standing, note: str, /, **figures: str | int
    ) -> Self:
        """Return one place, with the figures its note speaks of."""
        return cls(
            area=area,
            part=part,
            name=name,
            standing=standing,
            note=note,
            figures=MappingProxyType(figures),
        )
