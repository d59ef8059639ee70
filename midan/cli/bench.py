"""`midan bench`: measure against a twin in the same run."""

import json
from typing import Annotated

import typer

from midan.bench.result import Comparison

# name → rows when none are named
DEFAULT_ROWS = {
    "intake": 20_000,
    "reveal": 1_200,
    "search": 1_000_000,
    "audit": 50_000,
    "labels": 2_000,
    "masks": 20_000,
    "destroy": 1_000_000,
}


def bench(
    what: Annotated[str, typer.Argument(help=f"{', '.join(DEFAULT_ROWS)}, or all")] = "all",
    rows: Annotated[int, typer.Option(help="rows, 0 for each bench's own number")] = 0,
    db: Annotated[str, typer.Option(help="sqlite or postgres")] = "sqlite",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON document")] = False,
) -> None:
    """Run comparisons and print ours, the twin's and the ratio."""
    if what not in {*DEFAULT_ROWS, "all"}:
        raise typer.BadParameter("unknown bench")
    if db not in {"sqlite", "postgres"}:
        raise typer.BadParameter("unknown database")
    from midan.bench import runs
    from midan.bench.ground import ground

    found: list[Comparison] = []
    with ground(db) as here:
        for name in DEFAULT_ROWS if what == "all" else (what,):
            found += getattr(runs, name)(here, rows or DEFAULT_ROWS[name], db)
    if as_json:
        print(
            json.dumps(
                {"db": db, "comparisons": [comparison.as_dict() for comparison in found]}, ensure_ascii=False
            )
        )
        return
    _table(found, db)


def _table(found: list[Comparison], db: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"midan bench ({db})")
    for head in ("what", "ours", "twin", "unit", "ratio", "goal", "twin is", "notes"):
        table.add_column(head)
    for comparison in found:
        notes = " ".join(f"{key}={value}" for key, value in comparison.notes.items())
        row = (f"{comparison.ours:,}", f"{comparison.twin:,}", comparison.unit, f"{comparison.ratio:.2f}")
        table.add_row(comparison.name, *row, comparison.goal, comparison.twin_is, notes)
    console = Console()
    # Not a terminal, as in CI: rich would assume 80 columns and break every figure.
    console.width = max(console.width, 170)
    console.print(table)
