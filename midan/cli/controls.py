"""`midan controls`: every clause of the policy with its live evidence."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from midan.config.start import ready


class Format(StrEnum):
    """How the table is written."""

    TABLE = "table"
    JSON = "json"
    OSCAL = "oscal"


def controls(
    form: Annotated[Format, typer.Option("--format", help="table, json or oscal")] = Format.TABLE,
) -> None:
    """Show the 42 clauses: proved, enforced or not yet, with what was counted to say so."""
    ready()
    from django.utils import timezone

    from midan.review.selectors import clause_states

    states = clause_states(timezone.localdate())
    if form is Format.JSON:
        print(json.dumps([state.as_dict() for state in states], ensure_ascii=False, indent=1))
        return
    if form is Format.OSCAL:
        from midan.review.oscal import assessment_results

        print(json.dumps(assessment_results(states, now=timezone.now()), ensure_ascii=False, indent=1))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title="42 条 / clauses")
    for head in ("id", "clause", "state", "evidence"):
        # Chinese has no spaces to break at; rich would cut the text instead.
        table.add_column(head, overflow="fold")
    for state in states:
        evidence = "\n".join(control["evidence"] for control in state.evidence())
        table.add_row(state.clause.id, state.clause.zh, state.state, evidence)
    console = Console()
    # Not a terminal, as in CI: rich would assume 80 columns.
    console.width = max(console.width, 120)
    console.print(table)
