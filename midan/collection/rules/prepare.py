"""The work on a batch of rows that needs no database: check, digest, seal. A worker process runs it whole."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from midan.collection.rules.order import Order, Reject, check_row
from midan.vault.rules import (
    Contact,
    Goods,
    Lease,
    SealedOrder,
    content_digest,
    reference_digest,
    seal_orders,
)

RawRow = tuple[int, Mapping[str, object] | tuple[Reject, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """What of an order may stand in clear beside its waybill number."""

    district_code: str
    town: str
    goods_kind: str
    quantity: int
    weight_g: int
    notice_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A row that passed. `order` is None once it has been sealed: plaintext goes no further than it must."""

    row: int
    reference: bytes
    content: bytes
    clear: Clear
    order: Order | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A batch after the pure work. `sealed` is empty or has one order a candidate, in their order."""

    candidates: tuple[Candidate, ...]
    rejected: tuple[tuple[int, tuple[Reject, ...]], ...]
    sealed: tuple[SealedOrder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Slots:
    """Where a batch is sealed: records of a lease from `offset` on, sequences from `first_seq` on."""

    lease: Lease
    offset: int
    first_seq: int

    def __repr__(self) -> str:
        return "<Slots ••••>"


def check_rows(rows: Sequence[RawRow], *, notices: frozenset[str], secret: bytes, client: str) -> Prepared:
    """Check every row and digest those that pass."""
    candidates: list[Candidate] = []
    rejected: list[tuple[int, tuple[Reject, ...]]] = []
    for number, raw in rows:
        checked = raw if isinstance(raw, tuple) else check_row(raw, notices=notices)
        if isinstance(checked, Order):
            candidates.append(_candidate(number, checked, secret, client))
        else:
            rejected.append((number, checked))
    return Prepared(candidates=tuple(candidates), rejected=tuple(rejected))


def seal_candidates(candidates: Sequence[Candidate], slots: Slots) -> list[SealedOrder]:
    """Seal the candidates in order, one record and one sequence each."""
    items = [
        (slots.first_seq + at, *_parts(candidate.order))
        for at, candidate in enumerate(candidates)
        if candidate.order is not None
    ]
    return seal_orders(slots.lease, slots.offset, items, os.urandom)


def prepare(
    rows: Sequence[RawRow], *, notices: frozenset[str], secret: bytes, client: str, slots: Slots | None
) -> Prepared:
    """Check, digest and, given slots, seal. Sealing before the look-up wastes a leaf where the order is a replay."""
    checked = check_rows(rows, notices=notices, secret=secret, client=client)
    if slots is None or not checked.candidates:
        return checked
    sealed = seal_candidates(checked.candidates, slots)
    bare = tuple(
        Candidate(row=c.row, reference=c.reference, content=c.content, clear=c.clear, order=None)
        for c in checked.candidates
    )
    return Prepared(candidates=bare, rejected=checked.rejected, sealed=tuple(sealed))


# What crosses back from a worker: plain tuples, which pickle several times as fast as frozen dataclasses.
Packed = tuple[
    list[tuple[int, bytes, bytes, tuple[str, str, str, int, int, str], Order | None]],
    list[tuple[int, list[tuple[str, str]]]],
    list[tuple[int, int, int, tuple[tuple[int, bytes], ...], tuple[tuple[bytes, int], ...]]],
]


def prepare_packed(
    rows: Sequence[RawRow], notices: frozenset[str], secret: bytes, client: str, slots: Slots | None
) -> Packed:
    """Run `prepare` in a worker process."""
    done = prepare(rows, notices=notices, secret=secret, client=client, slots=slots)
    return (
        [(c.row, c.reference, c.content, _clear_tuple(c.clear), c.order) for c in done.candidates],
        [(row, [(why.field, str(why.code)) for why in rejects]) for row, rejects in done.rejected],
        [(o.seq, o.epoch, o.record_no, o.parts, o.digests) for o in done.sealed],
    )


def unpack(packed: Packed) -> Prepared:
    """Return what `prepare` returned in the worker."""
    candidates, rejected, sealed = packed
    return Prepared(
        candidates=tuple(
            Candidate(row=row, reference=reference, content=content, clear=_clear(clear), order=order)
            for row, reference, content, clear, order in candidates
        ),
        rejected=tuple(
            (row, tuple(Reject(field=f, code=c) for f, c in rejects)) for row, rejects in rejected
        ),
        sealed=tuple(SealedOrder(*order) for order in sealed),
    )


def _clear_tuple(clear: Clear) -> tuple[str, str, str, int, int, str]:
    return (
        clear.district_code,
        clear.town,
        clear.goods_kind,
        clear.quantity,
        clear.weight_g,
        clear.notice_version,
    )


def _clear(values: tuple[str, str, str, int, int, str]) -> Clear:
    district_code, town, goods_kind, quantity, weight_g, notice_version = values
    return Clear(
        district_code=district_code,
        town=town,
        goods_kind=goods_kind,
        quantity=quantity,
        weight_g=weight_g,
        notice_version=notice_version,
    )


def _candidate(number: int, order: Order, secret: bytes, client: str) -> Candidate:
    place = order.recipient_address
    return Candidate(
        row=number,
        reference=reference_digest(secret, client, order.order_ref),
        content=content_digest(secret, order.canonical()),
        clear=Clear(
            district_code=place.district_code,
            town=place.town,
            goods_kind=order.goods_kind,
            quantity=order.quantity,
            weight_g=order.weight_g,
            notice_version=order.notice_version,
        ),
        order=order,
    )


def _parts(order: Order) -> tuple[Contact, Contact, Goods]:
    return (
        Contact(name=order.sender_name, phone=order.sender_phone, address=order.sender_address.text),
        Contact(name=order.recipient_name, phone=order.recipient_phone, address=order.recipient_address.text),
        Goods(goods_name=order.goods_name, remark=order.remark, order_ref=order.order_ref),
    )
