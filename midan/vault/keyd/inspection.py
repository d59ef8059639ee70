"""What keyd looks at when it inspects storage: parts it draws itself, and clear columns it reads itself.

A caller who named either could ask whether a guess stands in a sealed part, as often as he liked.
"""

from collections.abc import Iterable, Sequence
from secrets import randbelow
from typing import Final

from django.apps import apps
from django.db.models import CharField, QuerySet, TextField

from midan.vault.keyd.interface import SealedPart
from midan.vault.keyd.stored import sealed_parts
from midan.vault.models import Record
from midan.vault.rules import PART_FIELDS

# Shorter values stand in any text by chance.
_TELLING: Final = 6


def sample(count: int) -> list[SealedPart]:
    """Return the parts of the newest `count` orders and of as many from a place drawn by chance."""
    newest = list(Record.objects.order_by("-seq").values_list("seq", flat=True)[:count])
    start = randbelow(newest[0] + 1) if newest else 0
    others = Record.objects.filter(seq__gte=start).order_by("seq").values_list("seq", flat=True)[:count]
    return sealed_parts([*newest, *others])


def clear_text(rows: int) -> str:
    """Return what the newest rows of every table about orders hold in clear.

    The tables of people are left out: the company's own telephone may well be a sender's.
    """
    cells: list[str] = []
    for model in apps.get_models():
        options = model._meta  # noqa: SLF001 - Django's documented door to a model's fields
        if model.__module__.startswith("midan.") and options.app_label != "people":
            names = [item.name for item in options.concrete_fields if _is_text(item)]
            newest = QuerySet(model).order_by("-pk").values_list(*names)[:rows] if names else ()
            cells += [str(cell) for row in newest for cell in row if cell]
    return "\n".join(cells)


def occurrences(parts: Sequence[SealedPart], opened: Iterable[tuple[str, ...] | None], text: str) -> int:
    """Return how many phones, addresses and references of these parts stand in `text`."""
    return sum(
        len(value) >= _TELLING and value in text
        for row, fields in zip(parts, opened, strict=True)
        for name, value in zip(PART_FIELDS[row.part], fields or (), strict=False)
        # A name alone may be a colleague's, a thing's name or a remark may be anybody's.
        if name.endswith(("_phone", "_address", "_ref"))
    )


def _is_text(item: object) -> bool:
    return isinstance(getattr(item, "output_field", item), CharField | TextField)
