"""What the key tables say to whoever looks: epochs with their states, generations with their receipts. No key."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from midan.vault import keyd
from midan.vault.keyd.statebook import StateBook
from midan.vault.models import Identity, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareView:
    """What one keeper was given, and how and when it forgot it; `erased_at` is None while it may still hold it."""

    keeper: str
    kind: str
    given_at: datetime
    erased_at: datetime | None
    how: str
    best_effort: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationView:
    """One generation from when it was first given to a keeper until the last keeper erased it.

    `ended` is when the following one began; `unreadable_at` since when nothing opens that was destroyed under it,
    None while a keeper may still hold it.
    """

    number: int
    began: datetime
    ended: datetime | None
    unreadable_at: datetime | None
    shares: tuple[ShareView, ...]


def generation() -> int:
    """Return the generation that wraps every state, 0 before the vault is made."""
    return Identity.objects.values_list("generation", flat=True).first() or 0


def states(*, since: date, limit: int) -> StateBook:
    """Return totals, the intake days from `since` on with a live epoch, and the `limit` live epochs due first.

    keyd reads them: who shows the page needs no right to a state.
    """
    return keyd.connect().state_book(since=since, limit=limit)


def generations(*, limit: int) -> tuple[GenerationView, ...]:
    """Return the newest generations, the present one first. A number that no keeper ever got is left out."""
    current = generation()
    numbers = list(
        Share.objects.filter(generation__lte=current)
        .order_by("-generation")
        .values_list("generation", flat=True)
        .distinct()[: limit + 1]
    )
    shares: dict[int, list[Share]] = {number: [] for number in numbers}
    for row in Share.objects.filter(generation__in=numbers).order_by("id"):
        shares[row.generation].append(row)
    began = {number: min(row.given_at for row in rows) for number, rows in shares.items()}
    # What is destroyed under a generation opens with an older one too: the oldest keeper that still owes decides.
    owed = Share.objects.filter(erased_at=None, generation__lt=current).order_by("generation").first()
    return tuple(
        GenerationView(
            number=number,
            began=began[number],
            ended=began[later] if later else None,
            unreadable_at=None
            if number == current or (owed and owed.generation <= number)
            else _last_erased(number),
            shares=tuple(_share(row) for row in shares[number]),
        )
        for number, later in zip(numbers[:limit], [0, *numbers], strict=False)
    )


def _last_erased(number: int) -> datetime | None:
    found = Share.objects.filter(generation__lte=number).aggregate(last=Max("erased_at"))
    last: datetime | None = found["last"]
    return last


def _share(row: Share) -> ShareView:
    return ShareView(
        keeper=row.keeper,
        kind=row.kind,
        given_at=row.given_at,
        erased_at=row.erased_at,
        how=row.how,
        best_effort=row.best_effort,
    )
