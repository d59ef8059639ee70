"""docs/reference/clauses.md: the 42 clauses, and the controls that speak for each on an installation just made."""

from collections.abc import Iterable
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from itertools import groupby
from pathlib import Path

from midan.cli.init import init
from midan.review.selectors import ClauseState, clause_states
from midan.ui.words import CHAPTER
from refpages.text import code, english, table

_HEAD = ("clause", "the policy asks", "controls that speak for it", "still silent", "tests")


def tables() -> dict[str, str]:
    """Return the page's one block, of an empty installation; states are left out, they are of one place and day."""
    # Its link for a first administrator is no part of a page.
    with redirect_stdout(StringIO()):
        init(demo=False)
    states = clause_states(date(2026, 11, 25))
    return {
        "clauses": "\n\n".join(_chapter(*each) for each in groupby(states, lambda one: one.clause.chapter))
    }


def _chapter(chapter: str, states: Iterable[ClauseState]) -> str:
    return f"## {english(CHAPTER[chapter])}\n\n" + table(_HEAD, map(_row, states))


def _row(state: ClauseState) -> tuple[str, ...]:
    clause = state.clause
    shown = [f"{english(control.title)} (`{control.area}`)" for control in state.controls]
    tests = [f"[{Path(file).stem.removeprefix('test_')}](../../{file})" for file in clause.tests]
    return (f"**{clause.id}**", clause.en, "; ".join(shown), code(state.silent), ", ".join(tests))
