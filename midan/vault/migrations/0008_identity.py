"""Identity numbers lie in tables of their own; on PostgreSQL their sealed bytes are divided by the epoch, as parts are.

Ordering as in 0001: on SQLite in the order of the primary key.
"""

from importlib import import_module

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_FIRST = import_module("midan.vault.migrations.0001_sealed_parts")
_DIVISION = import_module("midan.vault.migrations.0006_partitions")
_BEFORE = "'vault_part', 'vault_digest'"
_NOW = f"{_BEFORE}, 'vault_identitypart'"
_LAST = "OR EXISTS (SELECT 1 FROM vault_record WHERE epoch = dead)"


def divide(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    with editor.connection.cursor() as cursor:
        cursor.execute("DROP TABLE vault_identitypart")
        cursor.execute(
            "CREATE TABLE vault_identitypart (epoch bigint NOT NULL, leaf bigint NOT NULL, sealed bytea NOT NULL,"
            " CONSTRAINT vault_identitypart_pkey PRIMARY KEY (epoch, leaf)) PARTITION BY RANGE (epoch)"
        )
        cursor.execute("CREATE TABLE vault_identitypart_rest PARTITION OF vault_identitypart DEFAULT")
        _renew(cursor, _NOW, f"{_LAST}\n       OR EXISTS (SELECT 1 FROM vault_identityrecord WHERE epoch = dead)")


def join(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    with editor.connection.cursor() as cursor:
        _renew(cursor, _BEFORE, _LAST)


def _renew(cursor, tables: str, last: str) -> None:  # type: ignore[no-untyped-def]  # the driver's own
    """Let the two functions of 0006 serve these tables."""
    cursor.execute("SELECT quote_ident(current_schema())")
    (schema,) = cursor.fetchone()
    for function in (_DIVISION._MAKE, _DIVISION._DROP):  # noqa: SLF001
        text = function.replace(_BEFORE, tables).replace(_LAST, last).replace("{schema}", schema)
        cursor.execute(text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))


class Migration(migrations.Migration):
    dependencies = [("vault", "0007_keyd_lease")]

    operations = [
        _FIRST.CreateInKeyOrder(
            name="IdentityPart",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "epoch", "leaf", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("epoch", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
                ("sealed", models.BinaryField()),
            ],
        ),
        _FIRST.CreateInKeyOrder(
            name="IdentityRecord",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("epoch", models.BigIntegerField()),
                ("record_no", models.BigIntegerField()),
            ],
        ),
        migrations.AddIndex(
            model_name="identityrecord",
            index=models.Index(fields=["epoch", "record_no"], name="vault_identity_of_epoch"),
        ),
        migrations.RunPython(divide, join),
    ]
