"""Bulk rows behave the same on both databases."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from midan.store import bulk
from midan.store.errors import NotInTransaction

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = "store_probe"


@pytest.fixture(autouse=True)
def probe():
    kind = "bytea" if connection.vendor == "postgresql" else "blob"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (id bigint PRIMARY KEY, word text, raw {kind})")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")


COLUMNS, TYPES = ("id", "word", "raw"), ("int8", "text", "bytea")


def rows(first: int, count: int) -> list[tuple[int, str, bytes]]:
    return [(number, f"词{number}", uuid.uuid4().bytes) for number in range(first, first + count)]


def stored() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {TABLE}")
        return cursor.fetchone()[0]


def test_rows_arrive_whole_and_unchanged():
    sent = rows(0, 2_500)
    with transaction.atomic():
        bulk.insert(TABLE, COLUMNS, TYPES, sent)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, word, raw FROM {TABLE} ORDER BY id")
        assert [(a, b, bytes(c)) for a, b, c in cursor.fetchall()] == sent


def test_a_write_outside_a_transaction_is_refused_and_leaves_nothing():
    with pytest.raises(NotInTransaction):
        bulk.insert(TABLE, COLUMNS, TYPES, rows(0, 1))
    with pytest.raises(NotInTransaction):
        bulk.insert_new(TABLE, COLUMNS, TYPES, rows(0, 1))
    assert stored() == 0


def test_a_taken_key_undoes_the_whole_batch():
    with transaction.atomic():
        bulk.insert(TABLE, COLUMNS, TYPES, rows(5, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(TABLE, COLUMNS, TYPES, rows(0, 10))
    assert stored() == 1


def test_only_free_keys_are_taken_and_counted():
    with transaction.atomic():
        assert bulk.insert_new(TABLE, COLUMNS, TYPES, rows(0, 10)) == 10
        assert bulk.insert_new(TABLE, COLUMNS, TYPES, rows(5, 10)) == 5
        assert bulk.insert_new(TABLE, COLUMNS, TYPES, []) == 0
    assert stored() == 15


def test_look_up_by_many_keys_of_numbers_and_bytes():
    with transaction.atomic():
        bulk.insert(TABLE, COLUMNS, TYPES, rows(0, 5_000))
    found = list(
        bulk.select_keys(
            f"SELECT p.id, k.c2 FROM {{keys}} JOIN {TABLE} p ON p.id = k.c1",
            ("int8", "bytea"),
            [(number, number.to_bytes(3)) for number in range(0, 10_000, 2)],
        )
    )
    assert sorted((number, bytes(tag)) for number, tag in found) == [
        (number, number.to_bytes(3)) for number in range(0, 5_000, 2)
    ]


def test_no_keys_find_nothing():
    assert (
        list(bulk.select_keys(f"SELECT p.id FROM {{keys}} JOIN {TABLE} p ON p.id = k.c1", ("int8",), []))
        == []
    )


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL takes keys of any shape")
@pytest.mark.parametrize(
    ("types", "keys"), [(("int8", "text"), [(1, "词")]), (("bytea",), [(b"1",), (b"22",)])], ids=str
)
def test_keys_that_do_not_fit_the_packing_are_refused(types, keys):
    with pytest.raises(ValueError, match="key"):
        list(bulk.select_keys(f"SELECT p.id FROM {{keys}} JOIN {TABLE} p ON p.id = k.c1", types, keys))
