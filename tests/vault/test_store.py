"""What lies in the database: reserved leaves, sealed parts, and not one clear word."""

import os
from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from midan.audit import selectors as log
from midan.core.actor import Actor
from midan.vault import selectors, services
from midan.vault.errors import EpochDestroyed, EpochFull, PartDamaged, StateDamaged, VaultNotInitialised
from midan.vault.models import DESTROYED, Epoch, FrontierRow, Identity, Part, Record, State
from midan.vault.rules import seal_orders
from tests.at_once import at_once
from tests.vault.orders import DAY, DUE, order, put

pytestmark = pytest.mark.django_db(transaction=True)


def reserve(records: int = 1, day: date = DAY, retention: str = "standard"):
    return services.reserve(retention=retention, day=day, due=max(DUE, day), records=records)


def test_blocks_follow_one_another_and_an_unused_one_is_burnt(vault):
    assert [reserve(5).first_record for _ in range(3)] == [0, 5, 10]
    sealed = put([order(1)])
    assert sealed[0].record_no == 15
    assert selectors.epochs()[0].records == 16


def test_each_class_and_day_has_an_epoch_of_its_own_with_its_own_keys(vault):
    leases = [reserve(), reserve(day=date(2026, 11, 24)), reserve(retention="real-name")]
    assert len({lease.epoch for lease in leases}) == 3
    assert len({lease.index_secret for lease in leases}) == 3
    assert len({lease.nodes for lease in leases}) == 3
    assert selectors.live_epoch_count() == 3


def test_two_that_reserve_at_once_never_share_a_leaf(vault):
    def worker() -> list[tuple[int, int]]:
        return [(lease.epoch, lease.first_record) for lease in (reserve(7) for _ in range(8))]

    taken = [lease for part in at_once(*[worker] * 4) for lease in part]
    assert len({epoch for epoch, _ in taken}) == 1
    assert sorted(first for _, first in taken) == [7 * turn for turn in range(32)]


def test_a_reservation_inside_a_transaction_is_refused(vault):
    with pytest.raises(RuntimeError), transaction.atomic():
        reserve()
    assert selectors.epochs() == ()


def test_a_destroyed_epoch_is_never_made_again(vault):
    lease = reserve()
    (sealed,) = seal_orders(lease, 0, [order(1)], os.urandom)
    Epoch.objects.update(state=DESTROYED)
    State.objects.all().delete()
    with pytest.raises(EpochDestroyed):
        reserve()
    with pytest.raises(EpochDestroyed), transaction.atomic():
        services.store(sealed=[sealed])
    assert reserve(day=date(2026, 11, 24)).epoch > lease.epoch
    assert Epoch.objects.count() == 2


def test_the_keys_of_a_destroyed_epoch_stop_working_in_a_process_that_had_them(vault):
    put([order(1)])
    assert 1 in selectors.masked([1])
    State.objects.all().delete()
    assert selectors.masked([1]) == {}


def test_a_full_epoch_says_so(vault):
    reserve()
    Epoch.objects.update(next_record=(1 << 30) - 2)
    with pytest.raises(EpochFull):
        reserve(3)
    assert reserve(2).first_record == (1 << 30) - 2


def test_opening_an_epoch_is_logged_once(vault):
    reserve()
    reserve()
    entries = log.entries(log.EntryFilter(act="vault:epoch:opened")).items
    assert [item.entry.details["retention"] for item in entries] == ["standard"]


def test_a_leaf_or_sequence_is_stored_once(vault):
    sealed = put([order(1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        services.store(sealed=sealed)
    assert Record.objects.count() == 1


def test_not_one_clear_word_reaches_the_database(vault):
    canaries = {
        "sender_name": "金丝雀一",
        "sender_phone": "17000990001",
        "sender_address": "金丝雀路1号",
        "recipient_name": "金丝雀二",
        "recipient_phone": "17000990002",
        "recipient_address": "金丝雀路2号",
        "goods_name": "金丝雀笼",
        "remark": "金丝雀备注",
        "order_ref": "CANARY-77",
    }
    put([order(seq, **canaries) for seq in range(1, 40)])
    stored = _everything()
    words = [*canaries.values(), "金丝雀", "金丝", "CANARY", "1700099"]
    assert Part.objects.count() == 39 * 3
    assert not [word for word in words if word.encode() in stored or word.encode("utf-16-le") in stored]
    lease = reserve()
    for secret in (lease.index_secret, lease.reference_secret, *(node.secret for node in lease.nodes)):
        assert secret not in stored


def _everything() -> bytes:
    """Return the bytes of the database: its file and WAL, or every row of every table of PostgreSQL."""
    if connection.vendor == "sqlite":
        files = [Path(row[2]) for row in connection.cursor().execute("PRAGMA database_list") if row[2]]
        if not files:
            return connection.connection.serialize()
        return b"".join(path.read_bytes() for file in files for path in file.parent.glob(f"{file.name}*"))
    found = b""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {table}")
            for row in cursor.fetchall():
                found += b"|".join(
                    bytes(c) if isinstance(c, bytes | memoryview) else str(c).encode() for c in row
                )
    return found


def _rewrite(leaf: int, sealed: bytes) -> None:
    assert Part.objects.filter(leaf=leaf).update(sealed=sealed) == 1


@pytest.mark.parametrize("other", [1, 2, 4])
def test_a_row_moved_to_another_place_refuses_to_open(vault, other):
    put([order(1), order(2)])
    rows = dict(Part.objects.values_list("leaf", "sealed"))
    _rewrite(0, rows[other])
    with pytest.raises(PartDamaged) as caught:
        selectors.masked([1])
    assert caught.value.details == {"epoch": 1, "leaf": 0}
    assert 2 in selectors.masked([2])


def test_a_header_that_names_the_right_place_does_not_help_another_body(vault):
    put([order(1), order(2)])
    rows = {leaf: bytes(sealed) for leaf, sealed in Part.objects.values_list("leaf", "sealed")}
    _rewrite(0, rows[0][:9] + rows[4][9:])
    with pytest.raises(PartDamaged):
        selectors.masked([1])


@pytest.mark.parametrize("cut", [0, 5, 36, -1])
def test_a_truncated_part_refuses_to_open(vault, cut):
    put([order(1)])
    _rewrite(0, bytes(Part.objects.get(leaf=0).sealed)[:cut])
    with pytest.raises(PartDamaged):
        selectors.masked([1])


def test_records_exchanged_for_each_other_refuse_to_open(vault):
    put([order(1), order(2)])
    Record.objects.filter(seq=1).update(record_no=1)
    with pytest.raises(PartDamaged):
        selectors.masked([1])


def test_a_state_moved_to_another_epoch_refuses_to_open(vault):
    reserve()
    reserve(day=date(2026, 11, 24))
    one, two = State.objects.order_by("epoch")
    State.objects.filter(epoch=1).update(wrapped=two.wrapped)
    with pytest.raises(StateDamaged):
        reserve()
    State.objects.filter(epoch=1).update(wrapped=one.wrapped, version=2)
    services.keyd._connections.clear()
    with pytest.raises(StateDamaged):
        reserve()


def test_a_frontier_row_of_another_epoch_refuses_to_open(vault):
    reserve()
    reserve(day=date(2026, 11, 24))
    stolen = FrontierRow.objects.get(epoch=2).sealed
    FrontierRow.objects.filter(epoch=1).update(sealed=stolen)
    services.keyd._connections.clear()
    with pytest.raises(StateDamaged):
        reserve()


def test_without_a_vault_there_is_nothing_to_reserve(midan_home, transactional_db):
    with pytest.raises(VaultNotInitialised):
        reserve()


def test_beginning_twice_changes_nothing(vault, now):
    before = bytes(Identity.objects.get().company_id), services.company_key("number")
    assert services.initialise(actor=Actor.system("init"), now=now) is False
    assert (bytes(Identity.objects.get().company_id), services.company_key("number")) == before
    assert len(log.entries(log.EntryFilter(act="vault:vault:initialised")).items) == 1


def test_company_keys_differ_and_stay(vault):
    keys = {services.company_key("number"), services.company_key("label-token"), services.reference_secret()}
    services.keyd._connections.clear()
    assert keys == {
        services.company_key("number"),
        services.company_key("label-token"),
        services.reference_secret(),
    }
    assert sorted(map(len, keys)) == [16, 16, 32]
    with pytest.raises(KeyError):
        services.company_key("reference")
