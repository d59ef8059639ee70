"""The pieces of one set: every table of one moment, as far as the sets it builds on do not hold it already.

Large tables are cut into segments by their keys (`tables.CUTS`). A segment that stands unaltered in an earlier set of
the chain is named with that set and not written again; what else there is is one chunk a segment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from midan.core.sm import sm3
from midan.vault.backup import chunks, sealer, snapshot, tables
from midan.vault.backup.manifest import Column, Manifest, Segment, Table
from midan.vault.backup.tables import Cut
from midan.vault.rules import FAMILIES

_MOVED: Final = "(SELECT DISTINCT j.seq AS moved FROM vault_reseal j WHERE j.id > {after}) AS m"
# A journal: the rows of the re-seal journal, and what they lead to now.
_JOURNAL: Final = {
    "vault_reseal": ' WHERE "id" > {after} ORDER BY "id"',
    **{family.records: f' JOIN {_MOVED} ON "seq" = m.moved' for family in FAMILIES},
    **{
        family.sealed: f" JOIN (SELECT r.epoch AS place, r.record_no AS number FROM {family.records} r"
        f" JOIN {_MOVED} ON r.seq = m.moved) AS p"
        ' ON "epoch" = p.place AND "leaf" >= p.number * 4 AND "leaf" < p.number * 4 + 4'
        for family in FAMILIES
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """How far the piece `name`, one of so many, is; `table` once it is finished."""

    name: str
    of: int
    rows: int
    table: Table | None = None


def write(
    moment: snapshot.Snapshot, sealing: sealer.Sealer, base: Manifest | None, moved_from: int | None
) -> Iterator[Piece]:
    """Write every piece of a set, or of a journal, one after the other."""
    planned = tables.planned()
    if moved_from is not None:
        planned = tuple((name, columns) for name, columns in planned if name in _JOURNAL)
    for name, columns in planned:
        sealing.begin(name)
        cut = None if moved_from is not None else tables.CUTS.get(name)
        steps: Iterator[int] | Iterator[Segment]
        if moved_from is not None:
            steps = _whole(moment, sealing, name, columns, _JOURNAL[name].format(after=int(moved_from)))
        elif cut is not None:
            steps = _segments(moment, sealing, name, columns, cut, _known(base, name, columns))
        else:
            steps = _whole(moment, sealing, name, columns, "")
        rows, segments = 0, list[Segment]()
        for found in steps:
            rows += found if isinstance(found, int) else found.rows
            if isinstance(found, Segment):
                segments.append(found)
            yield Piece(name=name, of=len(planned), rows=rows)
        sealed = sealing.finish()
        table = Table(
            name=name,
            columns=columns,
            rows=rows,
            chunks=sealed.chunks,
            bytes=sealed.bytes,
            tags=sealed.tags,
            form=moment.form if cut else "rows",
            segments=tuple(segments),
        )
        yield Piece(name=name, of=len(planned), rows=rows, table=table)


def _known(base: Manifest | None, name: str, columns: tuple[Column, ...]) -> dict[tuple[int, int], Segment]:
    """Return the segments the base's chain holds, each with the set in which it stands."""
    table = tables.find(base.tables, name) if base else None
    if base is None or table is None or table.columns != columns:
        return {}
    return {
        (one.group, one.at): Segment(one.group, one.at, one.rows, one.mark, one.set or base.set)
        for one in table.segments
    }


def _whole(
    moment: snapshot.Snapshot, sealing: sealer.Sealer, name: str, columns: tuple[Column, ...], which: str
) -> Iterator[int]:
    for block in moment.blocks(name, columns, which):
        sealing.chunk(chunks.packed(block, columns))
        yield len(block)


def _segments(  # noqa: PLR0913, PLR0917  (a table, and what is known of it)
    moment: snapshot.Snapshot,
    sealing: sealer.Sealer,
    name: str,
    columns: tuple[Column, ...],
    cut: Cut,
    known: dict[tuple[int, int], Segment],
) -> Iterator[Segment]:
    for group, at, count, low, high in moment.survey(name, cut):
        before = known.get((group, at))
        mark = f"{low}.{high}"
        if cut.settled and before is not None and (before.rows, before.mark) == (count, mark):
            yield before
            continue
        rows, plain = moment.segment(name, columns, tables.within(cut, group, at))
        if not cut.settled:
            mark = sm3(plain).hex()
            if before is not None and before.mark == mark:
                yield before
                continue
        sealing.chunk(plain)
        yield Segment(group, at, rows, mark, "")
