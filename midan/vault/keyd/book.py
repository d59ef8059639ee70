"""What the states of live epochs tell without being opened: how many, how large, how often cut. No byte of one leaves."""

from datetime import date

from django.db.models import Count, Sum
from django.db.models.functions import Length

from midan.vault.keyd.statebook import EpochDay, KeyEpoch, StateBook
from midan.vault.models import DESTROYED, LIVE, Epoch, FrontierRow, State


def state_book(since: date, limit: int) -> StateBook:
    """Return the totals, the intake days from `since` on, and the `limit` live epochs that are due first."""
    states = State.objects.aggregate(size=Sum(Length("wrapped") + Length("index_secret")))["size"] or 0
    nodes = FrontierRow.objects.aggregate(size=Sum(Length("sealed")))["size"] or 0
    return StateBook(
        live=Epoch.objects.filter(state=LIVE).count(),
        destroyed=Epoch.objects.filter(state=DESTROYED).count(),
        size=states + nodes,
        days=_days(since),
        epochs=_first_due(limit),
    )


def _days(since: date) -> tuple[EpochDay, ...]:
    days = dict(Epoch.objects.filter(state=LIVE, day__gte=since).values_list("number", "day"))
    found: dict[date, tuple[int, int]] = {}
    for epoch, version in State.objects.filter(epoch__in=list(days)).values_list("epoch", "version"):
        live, cut = found.get(days[epoch], (0, 0))
        found[days[epoch]] = live + 1, cut + version - 1
    return tuple(EpochDay(day, *found[day]) for day in sorted(found))


def _first_due(limit: int) -> tuple[KeyEpoch, ...]:
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
