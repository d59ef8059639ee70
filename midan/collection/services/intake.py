"""Take in one order or a batch that somebody waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from midan.collection.errors import BatchTooLarge
from midan.collection.rules import Reject
from midan.collection.rules.prepare import check_rows
from midan.collection.services.desk import Blocks, open_desk
from midan.collection.services.settle import Outcome, settle
from midan.core.actor import Actor
from midan.store.disk import disk_errors
from midan.waybill.selectors import by_seqs

MOST_ROWS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """One row's answer. `waybill` is empty unless an order stands for the row."""

    row: int
    outcome: Outcome
    waybill: str = ""
    seq: int | None = None
    rejects: tuple[Reject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """Results in the order of the rows, numbered from 1. Ids are hex, empty when nothing was new."""

    results: tuple[RowResult, ...]
    batch_id: str
    entry_id: str


@disk_errors()
def intake(
    *, actor: Actor, client: str, branch: str, rows: Sequence[Mapping[str, object]], now: datetime
) -> BatchResult:
    """Check, seal and store the rows; each gets its own answer, and a bad row hinders no other.

    Idempotent on client and order reference: the same order again is 'replayed' with its first number,
    another order under the same reference is a 'conflict'. Raise BatchTooLarge, UnknownBranch, StorageFull,
    VaultLocked.
    """
    if len(rows) > MOST_ROWS:
        raise BatchTooLarge("一次最多提交 %(most)d 行", most=MOST_ROWS, rows=len(rows))
    desk = open_desk(actor=actor, client=client, branch=branch, now=now)
    numbered = list(enumerate(rows, start=1))
    prepared = check_rows(numbered, notices=desk.notices, secret=desk.secret, client=client)
    settled = settle(desk=desk, prepared=prepared, blocks=Blocks(desk, first=1))
    old = {row.seq for row in settled.rows if row.seq is not None} - settled.numbers.keys()
    numbers = settled.numbers | {seq: view.number for seq, view in by_seqs(sorted(old)).items()}
    return BatchResult(
        results=tuple(
            RowResult(
                row=row.row,
                outcome=row.outcome,
                waybill="" if row.seq is None else numbers.get(row.seq, ""),
                seq=row.seq,
                rejects=row.rejects,
            )
            for row in settled.rows
        ),
        batch_id=settled.batch.hex(),
        entry_id=settled.entry_id,
    )
