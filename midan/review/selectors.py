"""Reads: the 42 clauses, each with what the areas can show for it today."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import cast

from django.utils.translation import gettext

from midan.catalog.rules import Algorithm, Clause, Control
from midan.catalog.selectors import clauses

# Named here and not discovered: a control room that fails to import must fail loudly, not vanish from the page. By
# name alone: three of them, the pages of staff and customers and the API, stand above this area and speak for themselves.
ROOMS = (
    "catalog",
    "approval",
    "devices",
    "people",
    "audit",
    "vault",
    "duties",
    "waybill",
    "collection",
    "access",
    "label",
    "destruction",
    "paper",
    "console",
    "portal",
    "gateway",
)


# The areas that encipher, sign or hash by themselves, in the order of the page.
CIPHERING = ("vault", "audit", "label", "people", "gateway")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseState:
    """One clause and its controls; `state` is the weakest of them, 'not_yet' without any.

    `silent` names areas that answer for the clause and show nothing: then it is 'not_yet' whatever the others show.
    """

    clause: Clause
    state: str
    controls: tuple[Control, ...]
    silent: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return the clause as `midan controls --format json` prints it."""
        return {
            "clause": self.clause.id,
            "chapter": self.clause.chapter,
            "zh": self.clause.zh,
            "en": self.clause.en,
            "state": self.state,
            "silent": list(self.silent),
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
    return tuple(_state(clause, found[clause.id]) for clause in clauses())


def _state(clause: Clause, controls: Sequence[Control]) -> ClauseState:
    speaking = {control.area for control in controls}
    silent = tuple(area for area in clause.areas if area not in speaking and _owes_evidence(area))
    state = "not_yet" if silent else weakest(controls)
    return ClauseState(clause=clause, state=state, controls=tuple(controls), silent=silent)


def _owes_evidence(area: str) -> bool:
    """Tell whether an area must speak for itself: every one, built or not, but the catalogue.

    The catalogue holds no data: what it says of fields and purposes is checked by those who collect and store.
    """
    return area != "catalog"


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


def algorithms() -> tuple[Algorithm, ...]:
    """Return every place that enciphers, signs or hashes, as it is configured at this moment; clause T2."""
    found: list[Algorithm] = []
    for area in CIPHERING:
        ask = cast("Callable[[], Sequence[Algorithm]]", import_module(f"midan.{area}.algorithms").algorithms)
        found += ask()
    return tuple(found)
