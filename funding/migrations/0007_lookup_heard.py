"""Where a doubt keeps what the news named, beside its look-ups."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0006_transfer_asking_until"),
    ]

    operations = [
        migrations.AddField(
            model_name="lookup",
            name="heard",
            field=models.BooleanField(default=False),
        ),
    ]
