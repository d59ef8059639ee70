"""The database itself refuses to change or remove a published notice and what it told."""

from django.db import migrations

from midan.store.insert_only import insert_only


class Migration(migrations.Migration):
    dependencies = [("collection", "0001_initial")]

    operations = [
        insert_only(
            area="collection",
            tables=("collection_notice", "collection_basis"),
            refusal="a published notice stays",
        )
    ]
