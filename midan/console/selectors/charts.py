"""Charts and the tables behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart and the table behind it. `rows` pairs a name with its figure."""

    title: str
    rows: tuple[tuple[str, int], ...]

    @property
    def any(self) -> bool:
        """Return whether there is anything to draw."""
        return any(figure for _, figure in self.rows)

    @property
    def data(self) -> Mapping[str, Any]:
        """Return what the chart's script reads."""
        return {
            "title": self.title,
            "names": [name for name, _ in self.rows],
            "values": [figure for _, figure in self.rows],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PairChart:
    """Two figures a name, side by side. `rows` holds a name and its two figures, `first` and `second` their titles."""

    title: str
    first: str
    second: str
    rows: tuple[tuple[str, int, int], ...]

    @property
    def any(self) -> bool:
        """Return whether there is anything to draw."""
        return any(one or other for _, one, other in self.rows)

    @property
    def data(self) -> Mapping[str, Any]:
        """Return what the chart's script reads."""
        return {
            "title": self.title,
            "names": [name for name, _, _ in self.rows],
            "series": [
                {"name": self.first, "values": [one for _, one, _ in self.rows]},
                {"name": self.second, "values": [other for _, _, other in self.rows]},
            ],
        }
