"""What a decision looks at of the person's work: is what they look at explained by it, and are they at it now."""

from dataclasses import dataclass
from typing import Final

# A factor never shown, or shown in no session: see `WorkFacts.factor_age`.
NEVER: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFacts:
    """`allowance` is what today's work has earned; it is for reading, `budget_left` of the actor decides.

    `looks` are the different waybills shown within the window, `explained_percent` how many of each hundred of them
    their work explains (100 of none). `asks_outside` are the different waybills asked for today that are nothing of the
    person's. `factor_age` is in seconds, -1 when no second factor stands behind the question.
    The last three are for what is written down, not for policies: whether work explains this very look, whether it is
    outside, and the numbers of earlier looks that work explains by now.
    """

    allowance: int
    looks: int
    explained_percent: int
    asks_outside: int
    on_shift: bool
    factor_age: int
    by_client: bool
    explained: bool = False
    outside: bool = False
    credited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The looks of one person: counted, and the numbers of those that their work explains by now and had not then."""

    shown: int
    explained: int
    outside: int
    credited: tuple[str, ...]

    @property
    def percent(self) -> int:
        """Return how many of each hundred looks are explained, rounded down: 100 of none."""
        return 100 if not self.shown else 100 * self.explained // self.shown


def work_context(work: WorkFacts) -> dict[str, object]:
    """Return these facts as the policies read them."""
    return {
        "looks": work.looks,
        "explainedPercent": work.explained_percent,
        "asksOutside": work.asks_outside,
        "onShift": work.on_shift,
        "factorAge": work.factor_age,
        "byClient": work.by_client,
    }
