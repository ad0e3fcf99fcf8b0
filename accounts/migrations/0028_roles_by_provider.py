"""A role may be given by the groups that somebody has at the sign-in provider, and then by nobody of ops."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from brokerage.append_only import AppendOnly, Guard


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0027_identities"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rolechange",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        Guard("rolechange", AppendOnly()),
    ]
