"""A withdrawal is a row of its own: a printed copy's row never changes again."""

from django.db import migrations, models


def keep(apps, _editor):
    rows = apps.get_model("label", "Print").objects.filter(withdrawn_at__isnull=False)
    withdrawal = apps.get_model("label", "Withdrawal")
    withdrawal.objects.bulk_create(
        (withdrawal(print_id=row.print_id, at=row.withdrawn_at) for row in rows.iterator()), batch_size=500
    )


class Migration(migrations.Migration):
    dependencies = [("label", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("print_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(keep),
        migrations.RemoveField(model_name="print", name="withdrawn_at"),
    ]
