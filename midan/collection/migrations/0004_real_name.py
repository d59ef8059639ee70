"""Who checked a sender's document, of what kind and when; the database refuses to change or remove it."""

from django.db import migrations, models

from midan.store.insert_only import insert_only


class Migration(migrations.Migration):
    dependencies = [("collection", "0003_content_forgotten")]

    operations = [
        migrations.CreateModel(
            name="RealName",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=32)),
                ("checked_by", models.CharField(max_length=128)),
                ("at", models.DateTimeField(db_index=True)),
                ("entry_id", models.CharField(max_length=32)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            kind__in=[
                                "resident_id",
                                "temporary_resident_id",
                                "military_id",
                                "armed_police_id",
                                "hk_macau_permit",
                                "taiwan_permit",
                                "residence_permit",
                                "passport",
                            ]
                        ),
                        name="collection_realname_kind",
                    )
                ]
            },
        ),
        insert_only(
            area="collection_realname",
            tables=("collection_realname",),
            refusal="the register of real-name checks is insert-only",
        ),
    ]
