"""The number of the document a sender showed goes as a cut of its own: it lies apart from the order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("destruction", "0002_drills")]

    operations = [
        migrations.RemoveConstraint(model_name="runcut", name="destruction_cut_part"),
        migrations.AddConstraint(
            model_name="runcut",
            constraint=models.CheckConstraint(
                condition=models.Q(part__in=["whole", "sender", "recipient", "identity"]),
                name="destruction_cut_part",
            ),
        ),
    ]
