"""The audit: entries that seal each other, and where their chain ends."""

from django.db import migrations, models

from brokerage.append_only import AppendOnly, Guard


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(editable=False)),
                ("deed", models.CharField(max_length=30)),
                ("actor", models.CharField(max_length=80)),
                ("about", models.CharField(blank=True, max_length=120)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "ordering": ["-number"],
                "indexes": [
                    models.Index(fields=["deed", "-number"], name="audit_of_deed"),
                    models.Index(fields=["actor", "-number"], name="audit_of_actor"),
                    models.Index(fields=["about", "-number"], name="audit_of_subject"),
                    models.Index(fields=["-at"], name="audit_at"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="audit_begins_at_one")
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.PositiveBigIntegerField(default=0)),
                (
                    "hash",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000", max_length=64
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_has_one_head")],
            },
        ),
        Guard("auditentry", AppendOnly()),
    ]
