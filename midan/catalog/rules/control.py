"""One clause of the policy, and one live check of a clause."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal, Self

State = Literal["proved", "enforced", "not_yet"]
Found = tuple[State, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A demand of the policy. `areas` are the packages that answer for it, `tests` the files that show it."""

    id: str
    chapter: str
    zh: str
    en: str
    areas: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What an area can show for a clause at this moment.

    proved: an outsider can check it; enforced: the software leaves no other way; not_yet: neither, and the
    evidence says what is missing. `title` and `evidence` are message ids; `figures` fill the placeholders of
    `evidence`, so a border shows `gettext(evidence) % figures`.
    """

    clause: str
    area: str
    state: State
    title: str
    evidence: str
    checked_at: datetime
    figures: Mapping[str, str | int] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(
        cls, area: str, clause: str, title: str, found: Found, checked_at: datetime, /, **figures: str | int
    ) -> Self:
        """Return what was found, state and evidence together, with the figures the evidence speaks of."""
        state, evidence = found
        return cls(
            clause=clause,
            area=area,
            state=state,
            title=title,
            evidence=evidence,
            checked_at=checked_at,
            figures=MappingProxyType(figures),
        )
