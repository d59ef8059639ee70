"""Tables whose rows the database itself refuses to change or remove, for the migrations of the areas that own them.

Migrations that have run are never run again: what stands here may be added to, never reworded.
"""

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.state import StateApps


def insert_only(*, area: str, tables: Sequence[str], refusal: str) -> RunPython:
    """Return the operation after which an UPDATE, DELETE or TRUNCATE of `tables` raises IntegrityError(`refusal`)."""
    function = f"{area}_insert_only"
    sqlite = [(table, verb) for table in tables for verb in ("UPDATE", "DELETE")]

    def guard(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor != "postgresql":
            for table, verb in sqlite:
                editor.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
                    params=None,
                )
            return
        editor.execute(
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
            params=None,
        )
        for table in tables:
            editor.execute(
                f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
                params=None,
            )

    def unguard(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP FUNCTION {function}() CASCADE", params=None)
            return
        for table, verb in sqlite:
            editor.execute(f"DROP TRIGGER {table}_no_{verb.lower()}", params=None)

    return RunPython(guard, unguard)
