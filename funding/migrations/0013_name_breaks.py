"""Say of each break that was found before what it is about, and that those which ended were gone."""

from typing import Any

from django.db import migrations


def name(apps: Any, schema_editor: Any) -> None:
    breaks = apps.get_model("funding", "Break").objects
    breaks.exclude(ended_at=None).update(state="GONE")
    for found in breaks.filter(subject="").iterator(chunk_size=500):
        found.subject = f"brokerage account {found.brokerage_account_id}"
        found.save(update_fields=["subject"])


class Migration(migrations.Migration):
    dependencies = [("funding", "0012_reconciliation")]

    operations = [migrations.RunPython(name, migrations.RunPython.noop, elidable=True)]
