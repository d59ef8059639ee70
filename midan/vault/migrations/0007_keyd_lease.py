"""Who holds keys in memory, which state they have seen, and until when they may open by it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vault", "0006_partitions")]

    operations = [
        migrations.CreateModel(
            name="KeydLease",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("host", models.CharField(max_length=64)),
                ("pid", models.BigIntegerField()),
                ("version", models.BigIntegerField()),
                ("until", models.FloatField()),
            ],
            options={"db_table": "vault_keyd"},
        ),
    ]
