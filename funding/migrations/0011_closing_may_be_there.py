from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0010_closing"),
    ]

    operations = [
        migrations.AddField(
            model_name="closing",
            name="may_be_there",
            field=models.BooleanField(default=False),
        ),
    ]
