"""What a resurrection drill found, and whether that is what must be found. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

MOST: Final = 1_000  # records of each kind a drill tries


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillView:
    """One drill as others read it. `tried` maps the number of a certificate to how many of its records were tried."""

    code: str
    at: datetime
    ok: bool
    reason: str
    entry_id: str
    facts: Mapping[str, object]
    tried: Mapping[str, int]

    @property
    def totals(self) -> Mapping[str, int]:
        """Return the counts over all sets tried."""
        found = self.facts.get("totals")
        return found if isinstance(found, Mapping) else {}


def fault(totals: Mapping[str, int], *, control: bool) -> str:
    """Return the first thing that is not as it must be, in one word; empty when all is.

    Shredded: nothing opens, no key of it anywhere, no guess hits, nothing stands anywhere. Live: all open, all guesses hit.
    """
    checks = (
        ("shredded_opens", totals["shredded_opened"] > 0),
        ("shredded_key_found", totals["keys_found"] > 0),
        ("guess_hits", totals["guesses_hit"] > 0),
        ("value_found", totals["found"] > 0),
        ("search_blind", not control),
        ("live_closed", totals["live_opened"] < totals["live"]),
        ("live_guess_misses", totals["live_guesses_hit"] < totals["live_guesses"]),
    )
    return next((word for word, wrong in checks if wrong), "")
