"""Take everybody's address as confirmed since they signed up.

Until now nobody was asked for it. But they were written to there, and who changed it confirmed both addresses by
letter; to ask all of them at their next sign-in would keep customers from their money for what is not in doubt.
"""

from django.db import migrations
from django.db.models import F


def take_as_confirmed(apps, schema_editor):
    people = apps.get_model("accounts", "User").objects.filter(email_verified_at=None)
    people.update(email_verified_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0025_letters_that_lead_in"),
    ]

    # Back, the column goes.
    operations = [migrations.RunPython(take_as_confirmed, migrations.RunPython.noop)]
