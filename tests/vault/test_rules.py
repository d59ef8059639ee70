"""Sealing on a lease, without a database."""

import os
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core.blind import Indexer, Kind, name_tail_value
from midan.core.keyruns import first_leaf, pack_run
from midan.core.keytree import Frontier, Subject, leaf_of
from midan.core.sealing import PartCode, Sealer, parse_header, unpack_part
from midan.core.sm import Tampered
from midan.vault.keyd.derivation import Derivation
from midan.vault.rules import (
    FIELD_PARTS,
    PART_FIELDS,
    Contact,
    Goods,
    Lease,
    content_digest,
    record_id,
    reference_digest,
    seal_orders,
)

ROOT, COMPANY, INDEX = bytes(range(32)), bytes(16), bytes(range(1, 33))
FRONTIER = Frontier.root(ROOT)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def lease(first: int = 7, count: int = 4) -> Lease:
    return Lease(COMPANY, 3, first, count, FRONTIER.block_nodes(first, count), INDEX, bytes(32))


def item(seq: int, name: str = "沈澄澄", phone: str = "17000001234", ref: str = "R-1"):
    one = Contact(name=name, phone=phone, address="曙光路122号")
    two = Contact(name="欧阳小禾", phone="17000005678", address="沙河西路88号")
    return seq, one, two, Goods(goods_name="围巾", remark="", order_ref=ref)


def opened(sealed: bytes, seq: int, part: PartCode) -> tuple[str, ...]:
    secret = FRONTIER.derive(parse_header(sealed).leaf)
    return unpack_part(Sealer(COMPANY).open(secret, record=record_id(seq), part=part, sealed=sealed))


@given(name=TEXT, address=TEXT, remark=TEXT)
def test_every_text_comes_back_from_its_own_leaf_and_part(name, address, remark):
    contact = Contact(name=name, phone="17000001234", address=address)
    goods = Goods(goods_name=name, remark=remark, order_ref="R")
    (order,) = seal_orders(lease(), 2, [(91, contact, contact, goods)], os.urandom)
    sender, recipient, things = order.parts
    assert opened(sender[1], 91, PartCode.SENDER) == (name, "17000001234", address)
    assert opened(recipient[1], 91, PartCode.RECIPIENT) == (name, "17000001234", address)
    assert opened(things[1], 91, PartCode.GOODS) == (name, remark, "R")
    assert [leaf for leaf, _ in order.parts] == [leaf_of(9, subject) for subject in list(Subject)[:3]]


def test_a_part_of_another_order_record_or_code_does_not_open():
    one, two = seal_orders(lease(), 0, [item(1), item(2)], os.urandom)
    with pytest.raises(Tampered):
        opened(one.parts[0][1], 2, PartCode.SENDER)
    with pytest.raises(Tampered):
        opened(one.parts[0][1], 1, PartCode.RECIPIENT)
    swapped = one.parts[0][1][:9] + two.parts[0][1][9:]
    with pytest.raises(Tampered):
        opened(swapped, 1, PartCode.SENDER)


def test_digests_are_the_indexers_own_and_tell_the_part():
    (order,) = seal_orders(lease(), 0, [item(1)], os.urandom)
    digest = Indexer(INDEX).digest
    assert set(order.digests) == {
        (digest(Kind.PHONE, "17000001234"), PartCode.SENDER),
        (digest(Kind.PHONE_TAIL, "1234"), PartCode.SENDER),
        (digest(Kind.NAME_TAIL, name_tail_value("沈澄澄", "17000001234")), PartCode.SENDER),
        (digest(Kind.PHONE, "17000005678"), PartCode.RECIPIENT),
        (digest(Kind.PHONE_TAIL, "5678"), PartCode.RECIPIENT),
        (digest(Kind.NAME_TAIL, name_tail_value("欧阳小禾", "17000005678")), PartCode.RECIPIENT),
        (digest(Kind.ORDER_REF, "R-1"), PartCode.GOODS),
    }


def test_an_order_without_a_reference_has_no_digest_of_one():
    (order,) = seal_orders(lease(), 0, [item(1, ref="")], os.urandom)
    assert len(order.digests) == 6


@pytest.mark.parametrize(("offset", "count"), [(-1, 1), (4, 1), (3, 2)])
def test_a_lease_is_never_overrun(offset, count):
    with pytest.raises(ValueError, match="no room"):
        seal_orders(lease(), offset, [item(seq) for seq in range(count)], os.urandom)


def test_a_lease_reaches_no_leaf_outside_its_block():
    leased = Frontier(lease(first=7, count=4).nodes)
    assert [leaf for leaf in range(64) if leased.covers(leaf)] == list(range(28, 44))


def test_a_worker_process_gets_the_lease_by_pickle():
    again = pickle.loads(pickle.dumps(lease()))
    assert again == lease()
    assert len(seal_orders(again, 0, [item(1)], os.urandom)) == 1


def test_nothing_shows_what_it_holds():
    _, sender, _, goods = item(1, name="沈澄澄")
    shown = f"{lease()!r} {lease()} {sender!r} {sender} {goods!r} {[sender, goods]}"
    assert not any(
        secret in shown for secret in ("沈", "17000", "曙光", "围巾", "R-1", repr(INDEX)[2:12], "\\x01")
    )


def test_every_nonce_is_fresh_and_drawn_once_a_chunk():
    asked: list[int] = []

    def entropy(count: int) -> bytes:
        asked.append(count)
        return os.urandom(count)

    orders = seal_orders(lease(), 0, [item(seq) for seq in range(4)], entropy)
    nonces = {sealed[9:21] for order in orders for _, sealed in order.parts}
    assert (asked, len(nonces)) == ([4 * 3 * 12], 12)


def test_a_reference_is_told_apart_by_client_and_never_by_where_the_name_ends():
    secret = bytes(32)
    assert reference_digest(secret, "a", "bc") != reference_digest(secret, "ab", "c")
    assert reference_digest(secret, "a", "bc") == reference_digest(lease(), "a", "bc")
    assert content_digest(secret, b"x") != content_digest(secret, b"y")
    assert len(content_digest(secret, b"x")) == len(reference_digest(secret, "a", "b")) == 16


def test_every_field_has_one_place():
    assert sum(map(len, PART_FIELDS.values())) == len(FIELD_PARTS) == 10


class Packed(list):
    """Rows that need no opening."""

    firsts: list[int]


@given(st.lists(st.integers(0, 400), max_size=30), st.lists(st.integers(0, 100), max_size=4))
def test_scattered_leaves_are_derived_as_one_by_one(leaves, gone):
    frontier = FRONTIER
    for record in gone:
        frontier = frontier.puncture(30, record).frontier
    rows = [(node.depth, node.prefix, node.secret) for node in frontier]
    shares = [rows[at : at + 7] for at in range(0, len(rows), 7)]
    runs = Packed(map(pack_run, shares))
    runs.firsts = [first_leaf(share[0]) for share in shares]
    derived = Derivation(runs).leaves(sorted(leaves))
    assert derived == [frontier.derive(leaf) if frontier.covers(leaf) else None for leaf in sorted(leaves)]
