from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0015_worker_heartbeat"),
    ]

    operations = [
        migrations.AddField(
            model_name="sendattempt",
            name="looking_until",
            field=models.DateTimeField(null=True),
        ),
    ]
