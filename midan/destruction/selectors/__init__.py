"""The reads of destruction."""

from midan.destruction.selectors.drills import canaries_in, drill_record, drills_of, last_drill, planted_on
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
    "canaries_in",
    "certificate",
    "certificates",
    "describe",
    "drill_record",
    "drills_of",
    "due_plan",
    "kept",
    "last_drill",
    "last_finished",
    "next_due",
    "open_runs",
    "planted_on",
    "run",
    "runs",
    "totals",
]
