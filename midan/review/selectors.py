"""Reads: the 42 clauses, each with what the areas can show for it today."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import cast

from django.utils.translation import gettext

from midan.catalog.rules import Clause, Control
from midan.catalog.selectors import clauses

# Named here and not discovered: a control room that fails to import must fail loudly, not vanish from the page.
ROOMS = ("catalog", "people", "audit", "vault", "waybill", "collection", "access", "label")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseState:
    """One clause and its controls; `state` is the weakest of them, 'not_yet' without any."""

    clause: Clause
    state: str
    controls: tuple[Control, ...]

    def as_dict(self) -> dict[str, object]:
        """Return the clause as `midan controls --format json` prints it."""
        return {
            "clause": self.clause.id,
            "chapter": self.clause.chapter,
            "zh": self.clause.zh,
            "en": self.clause.en,
            "state": self.state,
            "controls": self.evidence(),
        }

    def evidence(self) -> list[dict[str, str]]:
        """Return the controls in the reader's language, figures filled in."""
        return [
            {
                "area": control.area,
                "state": str(control.state),
                "title": gettext(control.title),
                "evidence": gettext(control.evidence) % control.figures,
                "checked_at": control.checked_at.isoformat(),
            }
            for control in self.controls
        ]


def clause_states(today: date) -> tuple[ClauseState, ...]:
    """Return every clause of the register, in its order, with live evidence."""
    found: dict[str, list[Control]] = defaultdict(list)
    for room in ROOMS:
        # The area's own function, asked at this moment: nothing is stored, so nothing can be stale.
        ask = cast("Callable[[date], Sequence[Control]]", import_module(f"midan.{room}.controls").controls)
        for control in ask(today):
            found[control.clause].append(control)
    return tuple(
        ClauseState(clause=clause, state=weakest(found[clause.id]), controls=tuple(found[clause.id]))
        for clause in clauses()
    )


def weakest(controls: Sequence[Control]) -> str:
    """Return 'proved' when every control is, 'enforced' when none is missing, else 'not_yet'."""
    states = {str(control.state) for control in controls}
    if not states or "not_yet" in states:
        return "not_yet"
    return "enforced" if "enforced" in states else "proved"


def totals(states: Sequence[ClauseState]) -> Mapping[str, int]:
    """Return how many clauses stand in each state."""
    counted = {"proved": 0, "enforced": 0, "not_yet": 0}
    for state in states:
        counted[state.state] += 1
    return counted
