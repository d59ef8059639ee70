"""Tokens handed out before only their checksums were kept: end them. They live a quarter of an hour anyway."""

from django.db import migrations


def end_tokens(apps, schema_editor):
    apps.get_model("oauth2_provider", "AccessToken").objects.exclude(token="").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("gateway", "0001_initial"),
        ("oauth2_provider", "0012_add_token_checksum"),
    ]

    operations = [migrations.RunPython(end_tokens, migrations.RunPython.noop)]
