"""Batches: accepted once, replayed, refused row by row; nothing plain stored; all or nothing."""

import os
from datetime import datetime
from functools import partial

import pytest
from django.db import connection

from midan.audit import selectors as log
from midan.audit import services as log_services
from midan.collection import selectors, services
from midan.collection.errors import BatchTooLarge, UnknownBranch
from midan.collection.models import Batch, Reference
from midan.core.merkle import leaf_hash, root, root_of_inclusion
from midan.core.number import is_well_formed
from midan.store.errors import StorageFull
from midan.vault import selectors as vault
from midan.vault.models import Record
from midan.waybill import selectors as waybills
from tests.at_once import at_once
from tests.collection.orders import ACTOR, CLIENT, canary, leaked, order

pytestmark = pytest.mark.usefixtures("company")


def take_in(rows, now: datetime, **changes):
    given = {"actor": ACTOR, "client": CLIENT, "branch": "HZ001", "rows": rows, "now": now} | changes
    return services.intake(**given)


def outcomes(result):
    return [row.outcome for row in result.results]


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def stored() -> dict[str, int]:
    tables = (
        "waybill_waybill",
        "vault_record",
        "vault_part",
        "vault_digest",
        "collection_reference",
        "collection_batch",
    )
    return {table: count(table) for table in tables}


def batches_in_log() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry WHERE act = 'collection:batch:accepted'")
        return cursor.fetchone()[0]


def test_an_accepted_order_has_a_number_a_record_and_masked_contacts(now):
    result = take_in([canary()], now)
    (row,) = result.results
    assert row.outcome == "accepted"
    assert is_well_formed(row.waybill)
    waybill = waybills.get(row.waybill)
    assert (waybill.client, waybill.branch, waybill.status) == (CLIENT, "HZ001", "created")
    assert waybill.district_code == "330106"
    assert waybill.notice_version == "2026-11"
    assert bytes(waybill.batch).hex() == result.batch_id
    shown = vault.masked([row.seq])[row.seq]
    assert shown.recipient.phone == "*******9731"
    assert shown.recipient.name == "欧阳***"


def test_nothing_a_customer_wrote_stands_in_any_table(now):
    take_in([canary()], now)
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                cells = [
                    bytes(c).decode("utf-8", "replace") if isinstance(c, bytes | memoryview) else c
                    for c in row
                ]
                found += [(table, hit) for hit in leaked(*cells)]
    assert found == []


def test_the_same_order_again_is_replayed_with_its_first_number(now):
    first = take_in([order()], now).results[0]
    before = stored()
    again = take_in([order()], now)
    assert outcomes(again) == ["replayed"]
    assert again.results[0].waybill == first.waybill
    assert (again.batch_id, again.entry_id) == ("", "")
    assert stored() == before


def test_another_order_under_the_same_reference_is_a_conflict_and_changes_nothing(now):
    take_in([order()], now)
    before = stored()
    other = take_in([order(quantity=2)], now)
    assert outcomes(other) == ["conflict"]
    assert [(reject.field, str(reject.code)) for reject in other.results[0].rejects] == [
        ("order_ref", "order_conflict")
    ]
    assert other.results[0].waybill == ""
    assert stored() == before


def test_two_clients_may_use_the_same_reference(now):
    first, second = take_in([order()], now), take_in([order(quantity=2)], now, client="other-shop")
    assert outcomes(first) == outcomes(second) == ["accepted"]
    assert first.results[0].waybill != second.results[0].waybill


def test_the_same_order_twice_in_one_batch_is_one_order(now):
    result = take_in([order(1), order(2), order(1), order(1, quantity=3)], now)
    assert outcomes(result) == ["accepted", "accepted", "replayed", "conflict"]
    assert result.results[2].waybill == result.results[0].waybill
    assert count("waybill_waybill") == 2


def test_a_bad_row_hinders_no_other_and_results_keep_the_order_of_the_rows(now):
    result = take_in([order(1, quantity=0), order(2), order(3, extra=1), order(4)], now)
    assert outcomes(result) == ["rejected", "accepted", "rejected", "accepted"]
    assert [row.row for row in result.results] == [1, 2, 3, 4]
    assert [(reject.field, str(reject.code)) for reject in result.results[0].rejects] == [
        ("quantity", "out_of_range")
    ]


def test_a_batch_has_exactly_one_entry_with_the_root_of_its_numbers(now):
    result = take_in([order(number) for number in range(20)] + [order(99, quantity=0)], now)
    entry = log.entry(result.entry_id).entry
    assert batches_in_log() == 1
    assert entry.object == f"batch:{result.batch_id}"
    assert entry.count == 20
    numbers = [row.waybill for row in result.results if row.waybill]
    assert entry.details["root"] == root(number.encode() for number in numbers).hex()
    assert (entry.details["rejected"], entry.details["client"]) == (1, CLIENT)


def test_membership_of_a_waybill_in_its_batch_can_be_proved(now):
    result = take_in([order(number) for number in range(7)], now)
    batch = Batch.objects.get()
    for row in result.results:
        member = selectors.batch_membership(row.waybill)
        assert member.object == f"batch:{result.batch_id}"
        implied = root_of_inclusion(
            index=member.index, size=member.size, leaf=leaf_hash(row.waybill.encode()), proof=member.proof
        )
        assert implied == bytes(batch.root)
    assert selectors.batch_membership("MD0000000000000") is None


def test_the_log_holds_after_intakes(now):
    take_in([order(number) for number in range(5)], now)
    assert log_services.integrate(now=now).size == log.total()


def test_a_batch_of_only_bad_rows_leaves_nothing_behind(now):
    before = stored()
    result = take_in([order(quantity=0)], now)
    assert (result.batch_id, result.entry_id) == ("", "")
    assert stored() == before


def test_an_unknown_branch_takes_nothing_in(now):
    with pytest.raises(UnknownBranch):
        take_in([order()], now, branch="XX999")
    assert count("waybill_waybill") == 0


def test_a_batch_has_a_limit(now):
    with pytest.raises(BatchTooLarge):
        take_in([order()] * 2001, now)


def test_no_rows_are_no_work(now):
    assert take_in([], now).results == ()


def test_party_tokens_are_random_and_say_nothing_about_equal_people(now):
    rows = take_in([order(1), order(2)], now).results
    parcels = [waybills.get(row.waybill) for row in rows]
    tokens = {bytes(token) for parcel in parcels for token in (parcel.sender_party, parcel.recipient_party)}
    assert len(tokens) == 4
    assert all(len(token) == 16 for token in tokens)


def test_when_the_entry_cannot_be_written_nothing_is(now, monkeypatch):
    before = stored()

    def broken(**_):
        raise OSError("the log is gone")

    monkeypatch.setattr("midan.collection.services.settle.record", broken)
    with pytest.raises(OSError, match="the log is gone"):
        take_in([order()], now)
    assert stored() == before


def test_a_full_disk_leaves_no_part_of_a_batch_and_the_same_call_works_when_there_is_room(now):
    if connection.vendor != "sqlite":
        pytest.skip("the page limit is SQLite's")
    take_in([order(0)], now)
    before, entries = stored(), log.total()
    rows = [canary(order_ref=f"F{number}") for number in range(600)]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 8}")
        with pytest.raises(StorageFull) as caught:
            take_in(rows, now)
        cursor.execute("PRAGMA max_page_count = 1073741823")
    assert leaked(caught.value, caught.value.as_dict(), caught.value.__cause__) == []
    assert stored() == before
    assert log.total() == entries
    assert set(outcomes(take_in(rows, now))) == {"accepted"}


def test_two_intakes_of_the_same_orders_at_once_end_with_each_order_once(now):
    rows = [order(number) for number in range(60)]
    parts = (rows, list(reversed(rows)), rows[20:])
    results = at_once(*(partial(take_in, part, now) for part in parts))
    assert count("waybill_waybill") == count("collection_reference") == count("vault_record") == 60
    accepted = [row for result in results for row in result.results if row.outcome == "accepted"]
    assert len(accepted) == 60
    assert {row.outcome for result in results for row in result.results} <= {"accepted", "replayed"}


def test_losing_the_race_for_one_reference_costs_that_order_only(now, monkeypatch):
    take_in([order(1)], now)
    known, looked = selectors.known_references, []

    def blind_once(references):
        looked.append(references)
        return {} if len(looked) == 1 else known(references)

    monkeypatch.setattr(selectors, "known_references", blind_once)
    assert outcomes(take_in([order(1), order(2)], now)) == ["replayed", "accepted"]
    assert len(looked) == 2
    assert count("waybill_waybill") == 2


def test_a_failure_shows_no_value_in_its_text_or_in_the_log_files(now, caplog):
    caplog.set_level("DEBUG")
    result = take_in([canary(), canary(quantity=None), canary(order_ref=os.linesep)], now)
    assert leaked(caplog.text, repr(result)) == []


def test_references_are_kept_as_digests_only(now):
    take_in([canary()], now)
    row = Reference.objects.get()
    assert len(bytes(row.reference)) == len(bytes(row.content)) == 16


def test_an_order_destroyed_and_sent_again_is_a_new_order(now):
    (first,) = take_in([order()], now).results
    Record.objects.filter(seq=first.seq).delete()
    assert services.forget_destroyed(actor=ACTOR, seqs=(), everywhere=True, now=now) == 1
    (again,) = take_in([order()], now).results
    assert again.outcome == "accepted"
    assert again.seq != first.seq


def test_an_order_whose_content_is_forgotten_is_known_by_what_stands_in_clear(now):
    (first,) = take_in([order()], now).results
    assert services.forget_destroyed(actor=ACTOR, seqs=[first.seq], everywhere=False, now=now) == 1
    assert bytes(Reference.objects.get().content) == b""
    (again,) = take_in([order()], now).results
    assert (again.outcome, again.waybill) == ("replayed", first.waybill)
    assert outcomes(take_in([order() | {"quantity": 7}], now)) == ["conflict"]


def test_a_reference_restored_without_its_content_has_an_empty_one(now):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO collection_reference (reference, seq) VALUES (%s, 5)", [b"r" * 16])
    assert bytes(Reference.objects.get().content) == b""
