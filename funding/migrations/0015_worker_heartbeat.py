import uuid

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0014_one_open_break_of_a_subject"),
    ]

    operations = [
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("done_at", models.DateTimeField()),
                ("began_at", models.DateTimeField(null=True)),
                ("holder", models.CharField(blank=True, max_length=80)),
                ("held_until", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=100, verbose_name="last error")),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("host", models.CharField(max_length=80)),
                ("pid", models.PositiveIntegerField(verbose_name="process")),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("beat_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="last heard of")),
                ("doing", models.CharField(blank=True, max_length=200)),
                ("rounds", models.PositiveBigIntegerField(default=0, verbose_name="rounds done")),
                ("error", models.CharField(blank=True, max_length=100, verbose_name="last error")),
                ("error_at", models.DateTimeField(null=True, verbose_name="last error at")),
                ("stopped_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-started_at", "-id"],
                "indexes": [
                    models.Index(condition=models.Q(("stopped_at", None)), fields=["beat_at"], name="worker_at_work")
                ],
            },
        ),
    ]
