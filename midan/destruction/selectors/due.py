"""What is due now, what of it must stay, and why. Counted from the tables when asked; nothing is remembered."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from midan.catalog.rules import last_day
from midan.destruction.rules.runs import DueEpoch, DuePlan, stays_unfinished
from midan.vault.keeping import selectors as keeping
from midan.vault.keeping.rules import CARRIED_CLASSES, Cause, Place
from midan.vault.rules import FAMILIES
from midan.vault.selectors import EpochView, epochs
from midan.waybill import selectors as waybills

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


@dataclass(slots=True)
class Kept:
    """The records of one epoch that are carried on."""

    held: set[int] = field(default_factory=set)
    stragglers: set[int] = field(default_factory=set)

    def causes(self) -> dict[int, Cause]:
        """Return each record with the reason it stays; one that is both is held."""
        return dict.fromkeys(self.stragglers, Cause.STRAGGLER) | dict.fromkeys(self.held, Cause.HELD)


def due_plan(today: date) -> DuePlan:
    """Return what a run on this day would destroy, and the epochs in which everything has to stay."""
    due = keeping.due_epochs(today)
    found = describe(due, today=today)
    return DuePlan(
        epochs=tuple(epoch for epoch in found if not epoch.waits),
        waiting=tuple(epoch for epoch in found if epoch.waits),
    )


def describe(wanted: Collection[EpochView], *, today: date) -> tuple[DueEpoch, ...]:
    """Return these epochs with what lies in them."""
    numbers = [epoch.number for epoch in wanted]
    counts = keeping.record_counts(numbers)
    stay = kept(wanted, today=today)
    return tuple(
        DueEpoch(
            number=epoch.number,
            retention=epoch.retention,
            day=epoch.day,
            due=epoch.due,
            records=counts[epoch.number],
            held=len(stay[epoch.number].held),
            stragglers=len(stay[epoch.number].stragglers),
        )
        for epoch in wanted
    )


def next_due(today: date, *, limit: int = 10) -> tuple[EpochView, ...]:
    """Return the live epochs that come next, the earliest first."""
    coming = [epoch for epoch in epochs() if not epoch.destroyed and epoch.due >= today]
    return tuple(sorted(coming, key=lambda epoch: (epoch.due, epoch.number))[:limit])


def kept(wanted: Collection[EpochView], *, today: date) -> Mapping[int, Kept]:
    """Return, for each of these epochs, the records that a hold keeps or whose parcel is not finished."""
    numbers = [epoch.number for epoch in wanted]
    found = {number: Kept(held=set(seqs)) for number, seqs in keeping.held_seqs(numbers).items()}
    if not wanted:
        return found
    newest = max(epoch.day for epoch in wanted)
    before = datetime.combine(newest + timedelta(days=1), time(), SHANGHAI)
    lying = [
        place
        for place in keeping.places(waybills.unfinished(before=before), FAMILIES)
        if place.epoch in found
    ]
    origins = keeping.origins([place.seq for place in lying if place.retention in CARRIED_CLASSES])
    for place in lying:
        mine = found[place.epoch]
        if place.seq not in mine.held and _stays(place, origins, today):
            mine.stragglers.add(place.seq)
    return found


def _stays(place: Place, origins: Mapping[tuple[int, int], tuple[str, date]], today: date) -> bool:
    retention, day = origins.get((place.seq, place.epoch), (place.retention, place.day))
    return stays_unfinished(finished=False, last_day=last_day(retention, day), today=today)
