"""The database itself refuses to change or remove what the log holds."""

from django.db import migrations

from midan.store.insert_only import insert_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        insert_only(
            area="audit",
            tables=("audit_entry", "audit_party", "audit_leaf", "audit_checkpoint"),
            refusal="the audit log is insert-only",
        )
    ]
