"""From prepared rows to stored orders: look up, seal what is new, one short transaction with its one log entry."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.db import transaction

from midan.audit.services import record
from midan.collection import models, selectors
from midan.collection.events import Act
from midan.collection.rules import Reject, RejectCode
from midan.collection.rules.prepare import Candidate, Prepared, seal_candidates
from midan.collection.services.desk import RETENTION, Blocks, Desk
from midan.core import merkle
from midan.core.number import encode_many
from midan.store import bulk
from midan.vault import services as vault
from midan.vault.rules import SealedOrder
from midan.waybill.rules import NewWaybill, Waybill
from midan.waybill.selectors import by_seqs
from midan.waybill.services import register

Outcome = Literal["accepted", "replayed", "rejected", "conflict"]
_PARTY = 16
_CLEAR = ("district_code", "goods_kind", "quantity", "weight_g", "notice_version")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOutcome:
    """What became of one row. `seq` names the order that stands for it; None where nothing does."""

    row: int
    outcome: Outcome
    seq: int | None = None
    rejects: tuple[Reject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """One batch after its commit, rows in order. `batch` and `entry_id` are empty when nothing was new."""

    rows: tuple[RowOutcome, ...]
    numbers: dict[int, str]
    batch: bytes = b""
    entry_id: str = ""

    def count(self, *outcomes: Outcome) -> int:
        """Return how many rows ended so."""
        return sum(row.outcome in outcomes for row in self.rows)


class _Raced(Exception):
    """Somebody else took in one of these orders since we looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sorted:
    fresh: tuple[Candidate, ...]
    rest: tuple[RowOutcome, ...]
    # Rows that repeat a fresh row of the same batch: (row, the reference they share).
    twins: tuple[tuple[int, bytes], ...]


def settle(
    *, desk: Desk, prepared: Prepared, blocks: Blocks, also: Callable[[int, int, int], None] | None = None
) -> Settled:
    """Store what is new and say what became of every row; nothing is changed when it raises.

    `also(accepted, replayed, rejected)` runs inside the same transaction, or in one of its own when nothing is new.
    The loop ends: each turn sees at least one more of the orders as known.
    """
    sealed = dict(zip((c.row for c in prepared.candidates), prepared.sealed, strict=False))
    while True:
        known = selectors.known_references([c.reference for c in prepared.candidates])
        work = _sort_out(prepared.candidates, known, _forgotten(known))
        unsealed = [c for c in work.fresh if c.row not in sealed]
        if unsealed:
            orders = seal_candidates(unsealed, blocks.take(len(unsealed)))
            sealed |= dict(zip((c.row for c in unsealed), orders, strict=True))
        rejects = [RowOutcome(row=row, outcome="rejected", rejects=why) for row, why in prepared.rejected]
        if not work.fresh:
            return _nothing_new(_in_order([*work.rest, *rejects]), also)
        try:
            return _commit(desk, work, [sealed[c.row] for c in work.fresh], rejects, also)
        except _Raced:
            continue


def _nothing_new(rows: tuple[RowOutcome, ...], also: Callable[[int, int, int], None] | None) -> Settled:
    """Count rows that change nothing: a file sent again is alive all the same."""
    settled = Settled(rows=rows, numbers={})
    if also is not None:
        with transaction.atomic():
            also(0, settled.count("replayed"), settled.count("rejected", "conflict"))
    return settled


def _forgotten(known: Mapping[bytes, tuple[bytes, int]]) -> Mapping[int, Waybill]:
    """Return the waybills of known orders whose content was forgotten."""
    return by_seqs(sorted(seq for content, seq in known.values() if not content))


def _is_same(candidate: Candidate, content: bytes, waybill: Waybill | None) -> bool:
    """Return whether a row is the order that stands under its reference; of a forgotten content, what is clear tells."""
    if content:
        return content == candidate.content
    return waybill is not None and all(
        getattr(waybill, name) == getattr(candidate.clear, name) for name in _CLEAR
    )


def _sort_out(
    candidates: Sequence[Candidate],
    known: Mapping[bytes, tuple[bytes, int]],
    forgotten: Mapping[int, Waybill],
) -> _Sorted:
    firsts: dict[bytes, Candidate] = {}
    rest: list[RowOutcome] = []
    twins: list[tuple[int, bytes]] = []
    for candidate in candidates:
        reference = candidate.reference
        if reference in known:
            content, seq = known[reference]
            same = _is_same(candidate, content, forgotten.get(seq))
            rest.append(
                RowOutcome(row=candidate.row, outcome="replayed", seq=seq) if same else _conflict(candidate)
            )
        elif reference not in firsts:
            firsts[reference] = candidate
        elif firsts[reference].content == candidate.content:
            twins.append((candidate.row, reference))
        else:
            rest.append(_conflict(candidate))
    return _Sorted(fresh=tuple(firsts.values()), rest=tuple(rest), twins=tuple(twins))


def _conflict(candidate: Candidate) -> RowOutcome:
    why = (Reject(field="order_ref", code=RejectCode.ORDER_CONFLICT),)
    return RowOutcome(row=candidate.row, outcome="conflict", rejects=why)


def _in_order(rows: Sequence[RowOutcome]) -> tuple[RowOutcome, ...]:
    return tuple(sorted(rows, key=lambda row: row.row))


def _commit(
    desk: Desk,
    work: _Sorted,
    sealed: Sequence[SealedOrder],
    rejects: Sequence[RowOutcome],
    also: Callable[[int, int, int], None] | None,
) -> Settled:
    """Do everything that can be done beforehand, then write: other writers wait while we hold the database."""
    batch = os.urandom(16)
    numbers = _numbers(desk.number_key, [order.seq for order in sealed])
    waybills = _waybills(desk, work.fresh, sealed, numbers, batch)
    references = [(c.reference, c.content, o.seq) for c, o in zip(work.fresh, sealed, strict=True)]
    seqs = {c.reference: o.seq for c, o in zip(work.fresh, sealed, strict=True)}
    twins = [RowOutcome(row=row, outcome="replayed", seq=seqs[reference]) for row, reference in work.twins]
    accepted = [
        RowOutcome(row=c.row, outcome="accepted", seq=o.seq) for c, o in zip(work.fresh, sealed, strict=True)
    ]
    rows = _in_order([*accepted, *twins, *work.rest, *rejects])
    settled = Settled(rows=rows, numbers=numbers)
    root = merkle.root(row.number.encode() for row in waybills)
    counts = (len(accepted), settled.count("replayed"), settled.count("rejected", "conflict"))
    with transaction.atomic():
        written = bulk.insert_new(
            "collection_reference", ("reference", "content", "seq"), ("bytea", "bytea", "int8"), references
        )
        if written != len(references):
            raise _Raced
        register(waybills)
        vault.store(sealed=sealed)
        entry_id = _record(desk, batch, root, counts)
        _keep_batch(desk, batch, root, counts, seqs=sorted(numbers), entry_id=entry_id)
        if also is not None:
            also(*counts)
    return Settled(rows=rows, numbers=numbers, batch=batch, entry_id=entry_id)


def _numbers(key: bytes, seqs: Sequence[int]) -> dict[int, str]:
    """Return sequence → waybill number. Sequences lie in one or two blocks, so runs are encoded together."""
    found: dict[int, str] = {}
    run: list[int] = []
    for seq in [*sorted(seqs), -1]:
        if run and seq != run[-1] + 1:
            found |= zip(run, encode_many(key, run[0], len(run)), strict=True)
            run = []
        run.append(seq)
    return found


def _waybills(
    desk: Desk,
    fresh: Sequence[Candidate],
    sealed: Sequence[SealedOrder],
    numbers: dict[int, str],
    batch: bytes,
) -> list[NewWaybill]:
    tokens = os.urandom(2 * _PARTY * len(fresh))
    rows = []
    for at, (candidate, order) in enumerate(zip(fresh, sealed, strict=True)):
        clear = candidate.clear
        route = desk.sorting.find(clear.district_code, clear.town)
        begin = 2 * _PARTY * at
        rows.append(
            NewWaybill(
                seq=order.seq,
                number=numbers[order.seq],
                client=desk.client,
                branch=desk.branch,
                destination=route.branch,
                district_code=clear.district_code,
                sorting_code=route.code,
                goods_kind=clear.goods_kind,
                quantity=clear.quantity,
                weight_g=clear.weight_g,
                retention=RETENTION,
                sender_party=tokens[begin : begin + _PARTY],
                recipient_party=tokens[begin + _PARTY : begin + 2 * _PARTY],
                notice_version=clear.notice_version,
                batch=batch,
                created_at=desk.now,
            )
        )
    return sorted(rows, key=lambda row: row.seq)


def _record(desk: Desk, batch: bytes, root: bytes, counts: tuple[int, int, int]) -> str:
    return record(
        actor=desk.actor,
        act=Act.BATCH_ACCEPTED,
        object=f"batch:{batch.hex()}",
        clause="L1.3",
        count=counts[0],
        details={"root": root.hex(), "client": desk.client, "replayed": counts[1], "rejected": counts[2]},
        at=desk.now,
    )


def _keep_batch(  # noqa: PLR0913 -- the columns of one row
    desk: Desk, batch: bytes, root: bytes, counts: tuple[int, int, int], *, seqs: Sequence[int], entry_id: str
) -> None:
    models.Batch.objects.create(
        id=batch,
        client=desk.client,
        branch=desk.branch,
        accepted=counts[0],
        replayed=counts[1],
        rejected=counts[2],
        first_seq=seqs[0],
        last_seq=seqs[-1],
        root=root,
        entry_id=entry_id,
        created_at=desk.now,
    )
