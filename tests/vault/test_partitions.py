"""On PostgreSQL an epoch's rows lie in partitions of their own, which go with it, and never before it."""

import threading
from datetime import date

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from midan.core.blind import Kind
from midan.vault import partitions, selectors, services
from midan.vault.keyd import stored
from midan.vault.models import DESTROYED, Digest, Epoch, Part, Record
from tests.vault.orders import RECIPIENT, find, order, put
from tests.vault.runs import OFFICER, warrant

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("os.environ.get('MIDAN_TEST_DB') != 'postgres'", reason="needs PostgreSQL"),
]
OLD = date(2024, 5, 1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture(autouse=True)
def undivided(transactional_db):
    """Begin without partitions, and leave none: an emptied database keeps those of the test before."""
    drop_lying()
    yield
    drop_lying()


def drop_lying() -> None:
    with connection.cursor() as cursor:
        for name in lying():
            cursor.execute(f"DROP TABLE {name}")


def lying() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = oid WHERE relkind = 'r'"
            " AND inhparent IN ('vault_part'::regclass, 'vault_digest'::regclass, 'vault_identitypart'::regclass)"
            " AND relname ~ '_e[0-9]+$'"
        )
        return {name for (name,) in cursor.fetchall()}


def rows_in(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def destroy(epoch: int, now) -> None:
    paper = warrant(now, epochs=[epoch], basis="due")
    services.destroy(actor=OFFICER, warrant=paper, epochs=[epoch], now=now)


def test_an_epoch_has_its_partitions_before_its_first_order(vault):
    put([order(1), order(2)])
    assert {"vault_part_e1", "vault_digest_e1"} <= lying()
    assert (rows_in("vault_part_e1"), rows_in("vault_digest_e1")) == (6, 14)
    assert (rows_in("vault_part_rest"), rows_in("vault_digest_rest")) == (0, 0)


def test_partitions_of_the_coming_epochs_are_made_ahead_once(vault):
    put([order(1)])
    assert partitions.make_ahead(5) == 15
    assert partitions.make_ahead(5) == 0
    assert {f"vault_part_e{number}" for number in range(2, 7)} <= lying()


def test_a_dead_epoch_is_dropped_and_what_was_carried_on_still_opens(vault, now):
    put([order(1), order(2), order(3)], day=OLD)
    paper = warrant(now, epochs=[1], basis="due")
    services.reseal(actor=OFFICER, warrant=paper, run="run-1", causes={2: "straggler"}, now=now)
    services.destroy(actor=OFFICER, warrant=paper, epochs=[1], now=now)
    gone = services.sweep(actor=OFFICER, epochs=[1], now=now)
    assert (gone.parts, gone.digests, gone.records) == (9, 21, 2)
    assert not lying() & {"vault_part_e1", "vault_digest_e1"}
    assert sorted(selectors.masked([1, 2, 3])) == [2]
    assert [hit.seq for hit in find(Kind.PHONE, RECIPIENT.phone)] == [2]
    assert services.sweep(actor=OFFICER, epochs=[1], now=now).parts == 0


def test_the_database_itself_drops_no_partition_of_a_living_epoch(vault):
    put([order(1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        partitions.drop(1, "vault_part")
    assert rows_in("vault_part_e1") == 3


def test_the_database_itself_drops_no_partition_a_record_leads_to(vault, now):
    put([order(1)], day=OLD)
    destroy(1, now)
    with pytest.raises(IntegrityError), transaction.atomic():
        partitions.drop(1, "vault_part")
    Record.objects.filter(epoch=1).delete()
    assert partitions.drop(1, "vault_part")


def test_an_intake_whose_partition_cannot_be_made_goes_on_and_ends_all_the_same(vault, now, monkeypatch):
    monkeypatch.setattr(partitions, "make", lambda _first, _numbers=1: 0)
    put([order(1)], day=OLD)
    assert not lying()
    assert (rows_in("vault_part_rest"), list(selectors.masked([1]))) == (3, [1])
    destroy(1, now)
    assert services.sweep(actor=OFFICER, epochs=[1], now=now).parts == 3
    assert rows_in("vault_part_rest") == rows_in("vault_digest_rest") == 0


def test_a_reader_of_everything_holds_no_intake_up(vault):
    """A backup reads all partitions for long; the new epoch's rows go to the rest."""
    put([order(1)])
    reading, done = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic():
            Part.objects.count()
            reading.set()
            done.wait(30)
        connection.close()

    thread = threading.Thread(target=read)
    thread.start()
    try:
        assert reading.wait(20)
        put([order(2)], day=OLD)
    finally:
        done.set()
        thread.join()
    assert rows_in("vault_part_rest") == 3
    assert sorted(selectors.masked([1, 2])) == [1, 2]


def test_rows_go_one_by_one_while_somebody_reads_and_the_partition_later(vault, now, monkeypatch):
    put([order(1)], day=OLD)
    destroy(1, now)
    with monkeypatch.context() as patch:
        patch.setattr(partitions, "drop", lambda _epoch, _table: False)
        assert services.sweep(actor=OFFICER, epochs=[1], now=now).parts == 3
    assert rows_in("vault_part_e1") == 0
    assert partitions.drop_empty() == 3
    assert not lying() & {"vault_part_e1", "vault_digest_e1"}


def test_an_epoch_not_swept_yet_keeps_its_partitions(vault, now):
    put([order(1)], day=OLD)
    destroy(1, now)
    assert partitions.drop_empty() == 0
    assert rows_in("vault_part_e1") == 3


def test_a_page_of_parts_opens_the_partitions_it_names_and_no_others(vault):
    put([order(1)], day=OLD)
    put([order(2)])
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN SELECT * FROM vault_part p WHERE p.epoch IN (1)")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "vault_part_e1" in plan
    assert "vault_part_e2" not in plan
    assert {row.epoch for row in stored.sealed_parts([1, 2])} == {1, 2}


@pytest.fixture
def nothing_before():
    """Leave tables whose rows began in partitions: what a filled table became would hold the epochs of later tests."""
    yield
    for model in (Part, Digest):
        model.objects.all().delete()
    call_command("migrate", "vault", "0005", verbosity=0)
    call_command("migrate", "vault", verbosity=0)


@pytest.mark.usefixtures("nothing_before")
def test_a_filled_table_becomes_the_first_partition_and_loses_nothing(vault, now):
    put([order(1), order(2)], day=OLD)
    put([order(3)])
    before = sorted(Part.objects.values_list("epoch", "leaf"))
    call_command("migrate", "vault", "0005", verbosity=0)
    try:
        assert sorted(Part.objects.values_list("epoch", "leaf")) == before
    finally:
        call_command("migrate", "vault", verbosity=0)
    assert sorted(Part.objects.values_list("epoch", "leaf")) == before
    assert rows_in("vault_part_before") == 9
    put([order(4)], day=date(2026, 11, 24))
    assert rows_in("vault_part_e3") == 3
    assert sorted(selectors.masked([1, 2, 3, 4])) == [1, 2, 3, 4]
    destroy(1, now)
    gone = services.sweep(actor=OFFICER, epochs=[1], now=now)
    assert (gone.parts, gone.digests, gone.records) == (6, 14, 2)
    assert sorted(selectors.masked([1, 2, 3, 4])) == [3, 4]
    assert Epoch.objects.get(number=1).state == DESTROYED
    assert Digest.objects.filter(epoch=1).count() == 0
