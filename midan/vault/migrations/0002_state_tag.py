"""One row whose tag changes with every change of a state or a company secret, by the database's own hand."""

from typing import Final

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_TABLES: Final = ("vault_state", "vault_secret", "vault_identity")
_SQLITE: Final = "INSERT OR REPLACE INTO vault_tag (id, tag) VALUES (1, randomblob(16))"
# The server draws the tag, so that none that stood before comes back.
_POSTGRES: Final = (
    "INSERT INTO vault_tag (id, tag) VALUES (1, uuid_send(gen_random_uuid()))"
    " ON CONFLICT (id) DO UPDATE SET tag = EXCLUDED.tag"
)


def watch(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(
            "CREATE FUNCTION vault_new_tag() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN {_POSTGRES}; RETURN NULL; END $$",
            params=None,
        )
        for table in _TABLES:
            editor.execute(
                f"CREATE TRIGGER {table}_new_tag AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION vault_new_tag()",
                params=None,
            )
    else:
        for table in _TABLES:
            for verb in ("INSERT", "UPDATE", "DELETE"):
                editor.execute(
                    f"CREATE TRIGGER {table}_new_tag_{verb.lower()} AFTER {verb} ON {table} BEGIN {_SQLITE}; END",
                    params=None,
                )
    editor.execute(_POSTGRES if editor.connection.vendor == "postgresql" else _SQLITE, params=None)


def unwatch(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP FUNCTION vault_new_tag() CASCADE", params=None)
        return
    for table in _TABLES:
        for verb in ("insert", "update", "delete"):
            editor.execute(f"DROP TRIGGER {table}_new_tag_{verb}", params=None)


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_sealed_parts")]

    operations = [
        migrations.CreateModel(
            name="StateTag",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("tag", models.BinaryField(max_length=16)),
            ],
            options={"db_table": "vault_tag"},
        ),
        migrations.RunPython(watch, unwatch),
    ]
