"""Reads of the label: printed copies, what their codes name, figures; the register beside the log."""

from midan.label.selectors.prints import (
    SHANGHAI,
    DayPrints,
    Resolved,
    copies,
    counts,
    current_copies,
    newest,
    printed_at,
    resolve_token,
    totals,
)
from midan.label.selectors.register import departure, objects_about, traces

__all__ = [
    "SHANGHAI",
    "DayPrints",
    "Resolved",
    "copies",
    "counts",
    "current_copies",
    "departure",
    "newest",
    "objects_about",
    "printed_at",
    "resolve_token",
    "totals",
    "traces",
]
