"""The rows of destroyed orders are found by their sequence, and a content that is not known is empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("collection", "0002_notices_stay")]

    operations = [
        migrations.AlterField(
            model_name="reference",
            name="content",
            field=models.BinaryField(db_default=b""),
        ),
        migrations.AddIndex(
            model_name="reference",
            index=models.Index(fields=["seq"], name="collection_reference_of"),
        ),
    ]
