"""A label file left on a disk carries masks of customers: it is registered, so that it goes when they go."""

from collections.abc import Sequence
from datetime import datetime

from midan.core.actor import Actor
from midan.core.sm import sm3
from midan.vault.keeping.services import register_derivative
from midan.waybill import selectors as waybills


def register_file(
    *, actor: Actor, numbers: Sequence[str], location: str, content: bytes, now: datetime
) -> str:
    """Register a file about to be written with the labels of these waybills; return its code."""
    rows = waybills.by_numbers(list(numbers))
    return register_derivative(
        actor=actor,
        kind="label_file",
        location=location,
        digest=sm3(content),
        seqs=[row.seq for row in rows.values()],
        now=now,
    )
