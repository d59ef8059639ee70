"""What the ratchet and the key packs need to know about themselves.

Columns are added by the database's own ALTER TABLE: Django would remake the tables on SQLite and lose the triggers
of 0002.
"""

from django.db import migrations, models


def added(table, column, kind, model, name, field):
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD COLUMN {column} {kind}", f"ALTER TABLE {table} DROP COLUMN {column}"
            )
        ],
        state_operations=[migrations.AddField(model, name, field)],
    )


class Migration(migrations.Migration):
    dependencies = [("vault", "0003_spent_in_memory")]

    operations = [
        added("vault_identity", "generation", "bigint NOT NULL DEFAULT 1", "identity", "generation", models.BigIntegerField(default=1)),
        added("vault_identity", "claimed", "bigint NOT NULL DEFAULT 1", "identity", "claimed", models.BigIntegerField(default=1)),
        added("vault_identity", "pack_counter", "bigint NOT NULL DEFAULT 0", "identity", "pack_counter", models.BigIntegerField(default=0)),
        added("vault_identity", "unratcheted", "bigint NOT NULL DEFAULT 0", "identity", "unratcheted", models.BigIntegerField(default=0)),
        added("vault_epoch", "mark", "bigint NOT NULL DEFAULT 0", "epoch", "mark", models.BigIntegerField(default=0)),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(
                    lambda apps, editor: editor.execute(
                        "ALTER TABLE vault_state ADD COLUMN frontier "
                        + ("bytea" if editor.connection.vendor == "postgresql" else "BLOB")
                    ),
                    lambda apps, editor: editor.execute("ALTER TABLE vault_state DROP COLUMN frontier"),
                )
            ],
            state_operations=[migrations.AddField("state", "frontier", models.BinaryField(null=True))],
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("keeper", models.CharField(max_length=255)),
                ("kind", models.CharField(max_length=16)),
                ("generation", models.BigIntegerField()),
                ("given_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(null=True)),
                ("how", models.CharField(default="", max_length=64)),
                ("best_effort", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["keeper", "generation"], name="vault_share_once"),
                ],
            },
        ),
    ]
