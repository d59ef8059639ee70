"""Limits of API clients, what they have used of them, idempotency keys, tokens bound to certificates.

Clients made before keep every field: what they may send and see was not narrowed.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_EVERY_FIELD = (
    "sender_name sender_phone sender_address recipient_name recipient_phone recipient_address"
    " goods_name remark order_ref"
)


class Migration(migrations.Migration):
    dependencies = [
        ("gateway", "0002_no_plain_tokens"),
        migrations.swappable_dependency(settings.OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL),
    ]

    operations = [
        *(
            migrations.AddField("client", name, models.TextField(default=_EVERY_FIELD), preserve_default=False)
            for name in ("writes", "sees")
        ),
        *(
            migrations.AddField("client", name, models.TextField(default=""))
            for name in ("serves", "networks", "certificates")
        ),
        *(
            migrations.AddField("client", name, models.PositiveIntegerField(null=True))
            for name in ("per_minute", "per_day")
        ),
        *(
            migrations.AddField("client", name, models.DateTimeField(null=True))
            for name in ("former_until", "rotated_at", "last_token_at")
        ),
        migrations.AddField("client", "former_secret", models.CharField(default="", max_length=255)),
        migrations.AddConstraint(
            "client",
            models.CheckConstraint(
                condition=models.Q(("former_secret", ""), ("former_until__isnull", True))
                | models.Q(("former_secret", ""), _negated=True) & models.Q(("former_until__isnull", False)),
                name="gateway_former_ends",
            ),
        ),
        migrations.CreateModel(
            name="Use",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
                ("period", models.CharField(max_length=6)),
                ("start", models.BigIntegerField()),
                ("taken", models.PositiveBigIntegerField()),
                (
                    "client",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="gateway.client"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("client", "period", "start"), name="gateway_use_once")
                ]
            },
        ),
        migrations.CreateModel(
            name="Sent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
                ("owner", models.CharField(max_length=64)),
                ("key", models.BinaryField(max_length=32)),
                ("body", models.BinaryField(max_length=32)),
                ("outcomes", models.TextField(default="")),
                ("at", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("owner", "key"), name="gateway_sent_once")]
            },
        ),
        migrations.CreateModel(
            name="Bound",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
                ("thumbprint", models.CharField(max_length=43)),
                (
                    "token",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="midan_bound",
                        to=settings.OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL,
                    ),
                ),
            ],
        ),
    ]
