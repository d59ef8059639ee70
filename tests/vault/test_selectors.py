"""Masked views and search: never a plaintext, never a neighbour."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from midan.core.blind import Kind, name_tail_value
from midan.core.sealing import PartCode
from midan.store import bulk
from midan.vault import partitions, selectors, services
from midan.vault.keyd import stored
from midan.vault.keyd.masks import mask_fields, mask_reference
from midan.vault.models import DESTROYED, Digest, Epoch, Part, State
from midan.vault.rules import Hit
from tests.vault.orders import DAY, DUE, find, order, put

pytestmark = pytest.mark.django_db(transaction=True)
S, R, G = PartCode.SENDER, PartCode.RECIPIENT, PartCode.GOODS
HAN = st.text("赵钱孙李周吴郑王冯陈褚卫澄禾苗", min_size=2, max_size=4)


def test_a_masked_view_shows_what_a_clerk_needs_and_no_more(vault):
    put([order(1)])
    shown = selectors.masked([1])[1]
    assert (shown.sender.name, shown.sender.phone) == ("沈**", "*******1234")
    assert (shown.recipient.name, shown.recipient.phone) == ("欧阳**", "*******5678")
    assert shown.sender.address.startswith("浙江省杭州市西湖区")
    assert "301" not in shown.sender.address
    assert shown.order_ref == "*" * 11 + "17-1"
    assert shown.erased == frozenset()


def test_orders_come_in_the_order_asked_and_unknown_ones_are_left_out(vault):
    put([order(seq) for seq in range(1, 9)])
    put([order(20)], day=DAY + timedelta(days=1))
    assert list(selectors.masked([20, 3, 99, 8, 3])) == [20, 3, 8]


def test_an_erased_part_is_empty_and_named(vault):
    put([order(1)])
    Part.objects.filter(leaf=0).delete()
    shown = selectors.masked([1])[1]
    assert (shown.sender.name, shown.erased) == ("", frozenset({S}))
    assert shown.recipient.name == "欧阳**"


@given(name=HAN, phone=st.from_regex(r"1700000[0-9]{4}", fullmatch=True), room=st.integers(101, 3999))
def test_a_mask_never_contains_the_value(name, phone, room):
    address = f"广东省深圳市南山区沙河西路88号3栋{room}室"
    masked = mask_fields(R, (name, phone, address), {})
    assert name not in masked[0]
    assert phone not in masked[1]
    assert f"{room}室" not in masked[2]
    assert [len(text) for text in masked] == [len(name), len(phone), len(address)]


@given(st.text(max_size=40))
def test_a_masked_reference_shows_at_most_four_and_never_more_than_half(text):
    masked = mask_reference(text)
    assert len(masked) == len(text)
    shown = [one for one, other in zip(masked, text, strict=True) if one == other != "*"]
    assert len(shown) <= min(4, len(text) // 2)


def test_a_field_without_a_mask_is_hidden_whole():
    assert mask_fields(G, ("围巾", "", "REF-123456", "新字段"), {})[3] == "***"
    assert mask_fields(PartCode.IDENTITY, ("11010119000101001X",), {}) == ("*" * 18,)


def test_a_search_finds_by_all_four_kinds_and_tells_the_part(vault):
    put([order(1), order(2, sender_phone="17000009999", sender_name="赵一苗")])
    assert find(Kind.PHONE, "17000009999") == (Hit(2, S),)
    assert find(Kind.PHONE, "17000005678") == (Hit(2, R), Hit(1, R))
    assert find(Kind.PHONE_TAIL, "1234") == (Hit(1, S),)
    assert find(Kind.NAME_TAIL, name_tail_value("赵一苗", "17000009999")) == (Hit(2, S),)
    assert find(Kind.NAME_TAIL, name_tail_value("赵一苗", "17000001234")) == ()
    assert find(Kind.ORDER_REF, "TB-2026-00017-2") == (Hit(2, G),)
    assert find(Kind.ORDER_REF, "17000009999") == ()


@given(st.lists(st.tuples(st.sampled_from("1234"), st.sampled_from("1234")), min_size=1, max_size=6))
@settings(max_examples=8)
def test_a_search_finds_all_and_only_what_has_the_value(vault_cleared, pairs):
    first = vault_cleared()
    rows = {first + at: (f"1700000000{one}", f"1700000000{two}") for at, (one, two) in enumerate(pairs)}
    put([order(seq, sender_phone=one, recipient_phone=two) for seq, (one, two) in rows.items()])
    for digit in "12345":
        phone = f"1700000000{digit}"
        expected = {
            (seq, part)
            for seq, phones in rows.items()
            for part, value in zip((S, R), phones, strict=True)
            if value == phone
        }
        assert {(hit.seq, hit.part) for hit in find(Kind.PHONE, phone) if hit.seq >= first} == expected


@pytest.fixture
def vault_cleared(vault):
    """Hands out a range of sequences nobody used before: hypothesis runs all examples in one database."""
    state = {"next": 1000}

    def take() -> int:
        state["next"] += 1000
        return state["next"]

    return take


def test_a_search_looks_into_every_epoch(vault):
    days = [DAY + timedelta(days=at) for at in range(40)]
    for seq, day in enumerate(days, start=1):
        put([order(seq)], day=day)
    assert [hit.seq for hit in find(Kind.PHONE, "17000001234")] == list(range(40, 0, -1))
    assert len({bytes(value) for value in Digest.objects.values_list("digest", flat=True)}) == 40 * 7


def test_a_search_cannot_reach_a_destroyed_epoch(vault):
    put([order(1)])
    put([order(2)], day=DAY + timedelta(days=1))
    Epoch.objects.filter(number=1).update(state=DESTROYED)
    State.objects.filter(epoch=1).delete()
    assert [hit.seq for hit in find(Kind.PHONE, "17000001234")] == [2]
    assert selectors.live_epoch_count() == 1
    assert [epoch.destroyed for epoch in selectors.epochs()] == [True, False]
    assert selectors.state(1).destroyed


def test_the_state_of_an_order_comes_from_its_epoch(vault):
    services.reserve(retention="standard", day=DAY, due=DUE, records=1)
    put([order(1)])
    assert selectors.state(1) == selectors.VaultState(held=False, restricted=False, due=DUE, destroyed=False)
    assert selectors.state(2) == selectors.VaultState(held=False, restricted=False, due=None, destroyed=True)


def test_a_search_walks_the_primary_key(vault):
    partitions.make(1, 20)
    with transaction.atomic():
        rows = [(epoch, at.to_bytes(16), at, 1) for epoch in range(1, 21) for at in range(500)]
        bulk.insert(
            "vault_digest", ("epoch", "digest", "seq", "part"), ("int8", "bytea", "int8", "int2"), rows
        )
    keys = [(epoch, bytes(16)) for epoch in range(1, 21)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    explain = "EXPLAIN " if bulk.is_postgres() else "EXPLAIN QUERY PLAN "
    with transaction.atomic(), connection.cursor() as cursor:
        if bulk.is_postgres():
            cursor.execute("SET LOCAL enable_hashjoin = off")  # as keyd has it
            cursor.execute("SET LOCAL enable_mergejoin = off")
        found = bulk.select_keys(explain + stored._FIND, stored._FIND_TYPES, keys)
        plan = "\n".join(str(line) for line in found)
    if bulk.is_postgres():
        walked = {epoch for epoch in range(1, 21) if f"using vault_digest_e{epoch}_pkey" in plan}
        assert walked == set(range(1, 21))
    else:
        assert "SEARCH d USING PRIMARY KEY (epoch=? AND digest=?)" in plan


def test_a_page_costs_a_handful_of_queries(vault, django_assert_max_num_queries):
    for at in range(5):
        put([order(at * 50 + seq) for seq in range(50)], day=date(2026, 11, 1) + timedelta(days=at))
    selectors.masked([1])
    with django_assert_max_num_queries(4):
        assert len(selectors.masked(range(250))) == 250
