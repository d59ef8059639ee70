"""Second factors set up before they were sealed: seal them now. Sealed ones are left as they are."""

from django.db import migrations


def seal(apps, schema_editor):
    from allauth.mfa.utils import encrypt

    for row in apps.get_model("mfa", "Authenticator").objects.all():
        plain = {
            name: value
            for name, value in row.data.items()
            if name in ("secret", "seed") and not value.startswith("sm4.")
        }
        if plain:
            row.data |= {name: encrypt(value) for name, value in plain.items()}
            row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
