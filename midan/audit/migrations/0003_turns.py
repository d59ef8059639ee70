"""On PostgreSQL, whoever writes an entry takes a turn first, which the sequencer sees: see services/sequence.py.

Entries were put in the order of transaction numbers, which all databases of a server share: a transaction left open in
another database held our log back. From here on the order is that of `id`; the constant keeps older rows before newer.
Making the trigger waits for every transaction that has written an entry, so that none is under way afterwards.
"""

from typing import Final

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# The upper bits say that a lock is a turn; the lower 40 are the number last drawn when it was taken.
_TURN: Final = """
CREATE FUNCTION audit_take_turn() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    drawn bigint;
BEGIN
    SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END INTO drawn FROM audit_entry_id_seq;
    PERFORM pg_advisory_xact_lock_shared((7885059::bigint << 40) | drawn);
    RETURN NULL;
END $$
"""
_AFTER_ALL_TRANSACTIONS: Final = 1 << 62


def take_turns(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        cursor.execute(_TURN.replace("audit_entry_id_seq", f"{schema}.audit_entry_id_seq"))
        cursor.execute(
            "CREATE TRIGGER audit_entry_turn BEFORE INSERT ON audit_entry"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_take_turn()"
        )
        cursor.execute(
            f'ALTER TABLE audit_entry ALTER COLUMN "transaction" SET DEFAULT {_AFTER_ALL_TRANSACTIONS}'
        )


def take_none(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    with editor.connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION audit_take_turn() CASCADE")
        cursor.execute(
            'ALTER TABLE audit_entry ALTER COLUMN "transaction" SET DEFAULT pg_current_xact_id()::text::bigint'
        )


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_insert_only")]

    operations = [migrations.RunPython(take_turns, take_none)]
