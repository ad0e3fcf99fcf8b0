"""One process at a time asks the bank about a deposit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0005_no_debit_without_authorization_and_risk"),
    ]

    operations = [
        migrations.AddField(
            model_name="transfer",
            name="asking_until",
            field=models.DateTimeField(null=True),
        ),
    ]
