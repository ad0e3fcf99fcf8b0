from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_application_pauses"),
    ]

    operations = [
        migrations.AddField(
            model_name="detailschange",
            name="may_be_there",
            field=models.BooleanField(default=False),
        ),
    ]
