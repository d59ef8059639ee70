"""What an installation may choose about looking: what work earns, and over which time looks are weighed against it.

M4 asks that behaviour be watched and gives no number; these are the company's own. A courier opens 150-300 doors a day, an
agent takes 100 calls, a station hands over about 1,000 parcels: each earning leaves honest work room to look twice.
Where the gates stand that weigh looks (how few explained are too few) is the text of policy/access.cedar, not a setting.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_DEFAULTS: Final[Mapping[str, str]] = {
    "MIDAN_BUDGET_AGENT": "20,6,600",
    "MIDAN_BUDGET_CLERK": "40,2,2000",
    "MIDAN_BUDGET_COURIER": "40,3,1000",
}
NAMES: Final = (*_DEFAULTS, "MIDAN_LOOK_HOURS", "MIDAN_SCAN_HOURS")
# Each whole number: its default, the least and the most. A day is the least: what is counted by day lies inside it.
NUMBERS: Final[Mapping[str, tuple[str, int, int]]] = {
    "MIDAN_LOOK_HOURS": ("24", 24, 168),
    "MIDAN_SCAN_HOURS": ("168", 1, 2_160),
}
_EARNING: Final = re.compile(r"\d{1,5},\d{1,3},\d{1,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning:
    """A day's allowance: `base`, and `factor` for each piece of work done, up to `most`."""

    base: int
    factor: int
    most: int

    def of(self, done: int) -> int:
        """Return what so many pieces of work earn."""
        return min(self.most, self.base + self.factor * done)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """`look_hours`: how far back looks count; `scan_hours`: how old a scan of the own branch may be that explains one."""

    courier: Earning
    clerk: Earning
    agent: Earning
    look_hours: int
    scan_hours: int


def looking(environ: Mapping[str, str], numbers: Mapping[str, str]) -> Looking:
    """Return what was chosen; `numbers` were checked before, `wrong_names` names what else is wrong."""
    earned = {name: environ.get(name) or default for name, default in _DEFAULTS.items()}
    return Looking(
        courier=_earning(earned["MIDAN_BUDGET_COURIER"]),
        clerk=_earning(earned["MIDAN_BUDGET_CLERK"]),
        agent=_earning(earned["MIDAN_BUDGET_AGENT"]),
        look_hours=int(numbers["MIDAN_LOOK_HOURS"]),
        scan_hours=int(numbers["MIDAN_SCAN_HOURS"]),
    )


def wrong_names(environ: Mapping[str, str]) -> dict[str, str]:
    """Return each earning that is none, with one that is: a base above the most would promise what is never given."""
    wrong = {}
    for name, default in _DEFAULTS.items():
        said = environ.get(name) or default
        if not _EARNING.fullmatch(said) or (mine := _earning(said)).base > mine.most:
            wrong[name] = f"BASE,FACTOR,MOST, {default}"
    return wrong


def _earning(text: str) -> Earning:
    base, factor, most = map(int, text.split(","))
    return Earning(base=base, factor=factor, most=most)
