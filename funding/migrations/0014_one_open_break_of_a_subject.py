"""One open break of a kind and subject; dismissed by somebody, and not by whoever asked for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("funding", "0013_name_breaks")]

    operations = [
        migrations.AddConstraint(
            model_name="break",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("kind", "subject"),
                name="one_open_break_of_kind_and_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="break",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "DISMISSED"), _negated=True), ("decided_by__isnull", False), _connector="OR"
                ),
                name="break_dismissed_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="break",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    ("asked_by__isnull", True),
                    models.Q(("decided_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="break_dismissed_by_another",
            ),
        ),
    ]
