from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0022_breaks_for_compliance"),
    ]

    operations = [
        migrations.AddField(
            model_name="worker",
            name="round_at",
            field=models.DateTimeField(null=True, verbose_name="last round ended"),
        ),
        migrations.AddField(
            model_name="worker",
            name="stuck",
            field=models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="stuck threads"),
        ),
        migrations.AddField(
            model_name="worker",
            name="stuck_since",
            field=models.DateTimeField(null=True),
        ),
    ]
