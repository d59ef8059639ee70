"""The reads of destruction."""

from midan.destruction.selectors.due import describe, due_plan, kept, next_due
from midan.destruction.selectors.runs import (
    certificate,
    certificates,
    last_finished,
    open_runs,
    run,
    runs,
    totals,
)

__all__ = [
    "certificate",
    "certificates",
    "describe",
    "due_plan",
    "kept",
    "last_finished",
    "next_due",
    "open_runs",
    "run",
    "runs",
    "totals",
]
