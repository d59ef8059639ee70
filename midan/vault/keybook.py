"""What the key tables say to whoever looks: epochs with their states, generations with their receipts. No key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, Sum
from django.db.models.functions import Length

from midan.vault.models import DESTROYED, LIVE, Epoch, FrontierRow, Identity, Share, State


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEpoch:
    """One live epoch. `reserved` records were handed out, burnt ones included; up to `mark` a key pack knows of.

    `punctures` counts how often keys were cut out of it, `nodes` the rows its tree is kept in, `size` their bytes.
    """

    number: int
    retention: str
    day: date
    due: date
    reserved: int
    mark: int
    generation: int
    punctures: int
    nodes: int
    size: int


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


def totals() -> Mapping[str, int]:
    """Return how many epochs are live, how many destroyed, and the bytes of state that all of them take."""
    states = State.objects.aggregate(size=Sum(Length("wrapped") + Length("index_secret")))["size"] or 0
    nodes = FrontierRow.objects.aggregate(size=Sum(Length("sealed")))["size"] or 0
    return {
        "live": Epoch.objects.filter(state=LIVE).count(),
        "destroyed": Epoch.objects.filter(state=DESTROYED).count(),
        "size": states + nodes,
    }


def by_day(*, since: date) -> tuple[tuple[date, int, int], ...]:
    """Return, for each intake day from `since` on with a live epoch, the live epochs and the punctures in them."""
    days = dict(Epoch.objects.filter(state=LIVE, day__gte=since).values_list("number", "day"))
    found: dict[date, tuple[int, int]] = {}
    for epoch, version in State.objects.filter(epoch__in=list(days)).values_list("epoch", "version"):
        live, cut = found.get(days[epoch], (0, 0))
        found[days[epoch]] = live + 1, cut + version - 1
    return tuple((day, *found[day]) for day in sorted(found))


def live_epochs(*, limit: int) -> tuple[KeyEpoch, ...]:
    """Return the live epochs that are due first."""
    rows = list(Epoch.objects.filter(state=LIVE).order_by("due", "number")[:limit])
    numbers = [row.number for row in rows]
    states = {state.epoch: state for state in State.objects.filter(epoch__in=numbers)}
    nodes = {
        row["epoch"]: (row["rows"], row["size"])
        for row in FrontierRow.objects.filter(epoch__in=numbers)
        .values("epoch")
        .annotate(rows=Count("depth"), size=Sum(Length("sealed")))
    }
    return tuple(
        _key_epoch(row, states[row.number], nodes.get(row.number, (0, 0)))
        for row in rows
        if row.number in states
    )


def _key_epoch(row: Epoch, state: State, nodes: tuple[int, int]) -> KeyEpoch:
    return KeyEpoch(
        number=row.number,
        retention=row.retention,
        day=row.day,
        due=row.due,
        reserved=row.next_record,
        mark=row.mark,
        generation=state.generation,
        punctures=state.version - 1,
        nodes=nodes[0],
        size=nodes[1] + len(bytes(state.wrapped)) + len(bytes(state.index_secret)),
    )


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
