"""What a comparison yields."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`ours` and `twin` in the same unit; `ratio` is the better-is-higher one, whatever the unit.

    For a rate (unit ending in '/s') ratio = ours / twin; for a time ratio = twin / ours.
    """

    name: str
    unit: str
    ours: float
    twin: float
    twin_is: str
    goal: str = ""
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Return how good we are beside the twin; 1 is equal, more is better."""
        if not self.ours or not self.twin:
            return 0.0
        return self.ours / self.twin if self.unit.endswith("/s") else self.twin / self.ours

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {**asdict(self), "ratio": round(self.ratio, 4)}


def middle(figures: Sequence[float]) -> float:
    """Return the median, to three significant places after the point."""
    return round(median(figures), 3)
