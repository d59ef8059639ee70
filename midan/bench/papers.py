"""Leg: privacy labels a second, loading, masking and logging included, beside drawing the same labels alone."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

_BATCH = 500


def labels(*, waybills: list[str], staff: str, branch: str, form: str) -> dict[str, Any]:
    """Print the waybills in batches; the twin draws the very same labels again, already loaded and masked."""
    from django.utils import timezone

    from midan.core.actor import Actor
    from midan.label.services import printing

    actor = Actor(kind="staff", name=staff, role="branch_manager", branch=branch)
    drawn: list[tuple[Any, dict[str, Any]]] = []
    # A bench process only: remember what was drawn, to draw it again.
    door: Any = printing
    draw = door.render

    def keep(found: Any, **how: Any) -> Any:
        drawn.append((found, how))
        return draw(found, **how)

    door.render = keep
    warm, rest = waybills[:20], waybills[20:]
    printing.print_labels(actor=actor, waybills=warm, format=form, now=timezone.now())
    drawn.clear()
    began = perf_counter()
    for batch in _batches(rest):
        printing.print_labels(actor=actor, waybills=batch, format=form, now=timezone.now())
    seconds = perf_counter() - began
    began = perf_counter()
    for found, how in drawn:
        draw(found, **how)
    return {"seconds": seconds, "drawing": perf_counter() - began, "count": len(rest)}


def _batches(numbers: Sequence[str]) -> list[Sequence[str]]:
    return [numbers[start : start + _BATCH] for start in range(0, len(numbers), _BATCH)]


LEGS: dict[str, Callable[..., dict[str, Any]]] = {"labels": labels}
