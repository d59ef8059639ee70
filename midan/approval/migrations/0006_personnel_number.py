from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('approval', '0005_client_scopes'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='request',
            name='approval_kind',
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['destruction', 'hold_end', 'restriction_end', 'key_rotation', 'role_grant', 'policy_change', 'lawful_disclosure', 'client_scopes', 'personnel_number'])), name='approval_kind'),
        ),
    ]
