"""What keyd looks at when it inspects storage: parts it draws itself, and clear columns it reads itself.

Whoever can write a clear column can put a guess there and ask whether it stands in a sealed part. Hence keyd fixes what
it draws, looks at most once an hour by its own clock, tells whether it found anything and not how much, and commits an
entry of its own before it tells: one guess an hour against parts drawn by chance, each in the log.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from secrets import randbelow
from threading import Lock
from typing import Final

from django.apps import apps
from django.db.models import CharField, QuerySet, TextField

from midan.audit.services import commit_read
from midan.core.actor import Actor
from midan.vault.events import Act
from midan.vault.keyd.interface import Inspection, SealedPart
from midan.vault.keyd.stored import sealed_parts
from midan.vault.models import Record
from midan.vault.rules import PART_FIELDS

# Newest rows read of each table.
ROWS: Final = 100
_SAMPLE: Final = 10
_PERIOD: Final = timedelta(hours=1)
# Shorter values stand in any text by chance.
_TELLING: Final = 6


class Inspector:
    """Inspects with the keys of one keyd, and keeps the answer until the next is due."""

    def __init__(
        self,
        check: Callable[[Sequence[SealedPart]], list[bool | None]],
        open_: Callable[[Sequence[SealedPart]], list[tuple[str, ...] | None]],
    ) -> None:
        self._check = check
        self._open = open_
        self._lock = Lock()
        self._last: Inspection | None = None

    def last(self, now: datetime) -> Inspection:
        """Return the last inspection, made now when there is none of the hour; a clock set back makes none."""
        with self._lock:
            if self._last is None or now >= self._last.at + _PERIOD:
                self._last = self._look(now)
            return self._last

    def _look(self, now: datetime) -> Inspection:
        parts = sample(_SAMPLE)
        checked = [holds for holds in self._check(parts) if holds is not None]
        found = occurrences(parts, self._open(parts), clear_text(ROWS)) > 0
        seen = Inspection(at=now, tried=len(checked), good=sum(checked), found=found)
        commit_read(
            actor=Actor.system("vault"),
            act=Act.STORAGE_INSPECTED,
            object="vault:storage",
            clause="L2.1",
            details={"tried": seen.tried, "good": seen.good, "found": int(seen.found)},
            at=now,
        )
        return seen


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
    """Return how many phones, addresses, references and identity numbers of these parts stand in `text`."""
    return sum(
        len(value) >= _TELLING and value in text
        for row, fields in zip(parts, opened, strict=True)
        for name, value in zip(PART_FIELDS[row.part], fields or (), strict=False)
        # A name alone may be a colleague's, a thing's name or a remark may be anybody's.
        if name.endswith(("_phone", "_address", "_ref", "_number"))
    )


def _is_text(item: object) -> bool:
    return isinstance(getattr(item, "output_field", item), CharField | TextField)
