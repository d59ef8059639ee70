"""The database itself refuses to change or remove what was printed and what was withdrawn."""

from django.db import migrations

from midan.store.insert_only import insert_only


class Migration(migrations.Migration):
    dependencies = [("label", "0002_withdrawals")]

    operations = [
        insert_only(
            area="label",
            tables=("label_print", "label_withdrawal"),
            refusal="the register of printed labels is insert-only",
        )
    ]
