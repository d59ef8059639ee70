"""Whom a drill tries: destroyed and living records of one set, canaries first, others by chance."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from secrets import randbelow
from typing import Final

from midan.core.parts import PartCode
from midan.destruction import models
from midan.destruction.rules.drills import MOST
from midan.destruction.rules.runs import PART_CODES, STEPS, CutPart, Step
from midan.destruction.services.probing import Probe, Victim, victim
from midan.vault import keyd
from midan.vault.backup.opening import OpenSet, blocks
from midan.vault.backup.tables import find
from midan.vault.keeping.selectors import moved_from
from midan.vault.keyd.interface import SealedPart
from midan.vault.keyd.stored import sealed_parts
from midan.vault.rules import FAMILIES, Family, record_id

_GONE: Final = tuple(step.value for step in STEPS[STEPS.index(Step.DESTROYED) :])
Record = tuple[int, int, int]
# (epoch, record number) → what of it was erased, None for all, with the run's number.
Cuts = dict[tuple[int, int], dict[PartCode | None, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What to try of one set, and how many records of each certificate that is."""

    probe: Probe
    tried: Counter[str]


class _Few:
    """At most so many records: those preferred first, the others by chance, each as likely as any other."""

    def __init__(self, preferred: Collection[int]) -> None:
        self.preferred = preferred
        self.first: list[Record] = []
        self.rest: list[Record] = []
        self.seen = 0

    def offer(self, record: Record) -> None:
        if record[0] in self.preferred:
            self.first.append(record)
            return
        self.seen += 1
        if len(self.rest) < MOST:
            self.rest.append(record)
        elif (place := randbelow(self.seen)) < MOST:
            self.rest[place] = record

    def taken(self) -> list[Record]:
        return [*self.first[-MOST // 2 :], *self.rest][:MOST]


def choose(opened: OpenSet) -> Chosen:
    """Return what to try: records of the set whose keys were destroyed since, and some that live."""
    epochs, cuts = _destroyed()
    planted = set(models.Canary.objects.values_list("seq", flat=True))
    moved = moved_from()
    shredded, live = _Few(planted), _Few(planted)
    for record in _records(opened):
        _, epoch, number = record
        if (epoch, number) in moved:
            continue
        if epoch in epochs or (epoch, number) in cuts:
            shredded.offer(record)
        else:
            live.offer(record)
    return _chosen(opened, shredded.taken(), live.taken(), epochs, cuts, planted)


def _chosen(  # noqa: PLR0913, PLR0917  (what the set holds and what is known of it)
    opened: OpenSet,
    shredded: list[Record],
    live: list[Record],
    epochs: dict[int, str],
    cuts: Cuts,
    planted: set[int],
) -> Chosen:
    where = {(epoch, number): seq for seq, epoch, number in shredded}

    def is_gone(part: SealedPart) -> bool:
        cut = cuts.get((part.epoch, part.leaf >> 2), {})
        return part.epoch in epochs or None in cut or part.part in cut

    found = [victim(part, whole=part.epoch in epochs) for part in _parts(opened, where, is_gone)]
    open_now = _open_now([seq for seq, _, _ in live])
    return Chosen(
        probe=Probe(
            shredded=tuple(found),
            live=open_now,
            shredded_canaries=tuple(seq for seq, epoch, _ in shredded if seq in planted and epoch in epochs),
            live_canaries=tuple(sorted({seq for seq, _ in open_now} & planted)),
        ),
        tried=_tried(found, epochs, cuts),
    )


def _tried(
    found: list[Victim],
    epochs: dict[int, str],
    cuts: Cuts,
) -> Counter[str]:
    """Return how many records of each run are tried."""
    places = {(one.epoch, one.leaf >> 2) for one in found}
    return Counter(epochs.get(epoch) or next(iter(cuts[epoch, number].values())) for epoch, number in places)


def _destroyed() -> tuple[dict[int, str], Cuts]:
    """Return what runs destroyed, by epoch and by place, each with the run's number."""
    gone = models.Run.objects.filter(step__in=_GONE)
    epochs = dict(models.RunEpoch.objects.filter(run__in=gone).values_list("number", "run__code"))
    rows = models.RunCut.objects.filter(run__in=gone, kept=False)
    cuts: Cuts = {}
    for row in rows.select_related("run"):
        cuts.setdefault((row.epoch, row.record_no), {})[PART_CODES[CutPart(row.part)]] = row.run.code
    return epochs, cuts


def _records(opened: OpenSet) -> list[Record]:
    found: list[Record] = []
    for family in FAMILIES:
        table = find(opened.manifest.tables, family.records)
        if table is None:
            continue
        at = [[column.name for column in table.columns].index(name) for name in ("seq", "epoch", "record_no")]
        found += ((row[at[0]], row[at[1]], row[at[2]]) for rows in blocks(opened, table) for row in rows)
    return found


def _parts(
    opened: OpenSet, where: dict[tuple[int, int], int], wanted: Callable[[SealedPart], bool]
) -> list[SealedPart]:
    """Return the sealed parts of these places as the set holds them."""
    found = [part for family in FAMILIES for part in _parts_in(opened, family, where)]
    return [part for part in found if wanted(part)]


def _parts_in(opened: OpenSet, family: Family, where: dict[tuple[int, int], int]) -> Iterator[SealedPart]:
    table = find(opened.manifest.tables, family.sealed)
    if table is None or not where:
        return
    epoch, leaf, sealed = (
        [column.name for column in table.columns].index(name) for name in ("epoch", "leaf", "sealed")
    )
    for rows in blocks(opened, table):
        for row in rows:
            seq, code = where.get((row[epoch], row[leaf] >> 2)), family.part(row[leaf])
            if seq is not None and code is not None:
                yield SealedPart(row[epoch], row[leaf], record_id(seq), code, row[sealed])


def _open_now(seqs: list[int]) -> tuple[tuple[int, int], ...]:
    """Return (sequence, part) of what opens in the place at work: what a restore must bring back, open."""
    rows = sealed_parts(seqs)
    checked = keyd.connect().check_parts(rows)
    return tuple(
        (int.from_bytes(row.record), int(row.part))
        for row, opened in zip(rows, checked, strict=True)
        if opened
    )
