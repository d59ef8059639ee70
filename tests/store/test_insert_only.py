"""A table declared insert-only takes rows, refuses every change, and is an ordinary table again once undeclared."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.state import ProjectState

from midan.store.insert_only import insert_only

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = "store_kept"
GUARD = insert_only(area="store", tables=(TABLE,), refusal="what is kept stays")
STATE = ProjectState()


@pytest.fixture
def kept():
    with connection.schema_editor() as editor:
        editor.execute(f"CREATE TABLE {TABLE} (id bigint PRIMARY KEY, word text)")
        GUARD.database_forwards("store", editor, STATE, STATE)
    yield
    with connection.schema_editor() as editor:
        editor.execute(f"DROP TABLE {TABLE}")
        if connection.vendor == "postgresql":
            editor.execute("DROP FUNCTION IF EXISTS store_insert_only()")


def run(statement: str) -> list[tuple[object, ...]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("change", [f"UPDATE {TABLE} SET word = 'b'", f"DELETE FROM {TABLE}"])
def test_a_kept_row_is_neither_changed_nor_removed(kept, change):
    run(f"INSERT INTO {TABLE} VALUES (1, 'a')")
    with pytest.raises(IntegrityError, match="what is kept stays"):
        run(change)
    assert run(f"SELECT id, word FROM {TABLE}") == [(1, "a")]


def test_going_back_lets_go(kept):
    run(f"INSERT INTO {TABLE} VALUES (1, 'a')")
    with connection.schema_editor() as editor:
        GUARD.database_backwards("store", editor, STATE, STATE)
    run(f"DELETE FROM {TABLE}")
    assert run(f"SELECT id FROM {TABLE}") == []
