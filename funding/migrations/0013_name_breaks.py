"""Say of each break that was found before what it is about, and that those which ended were gone."""

from typing import Any

from django.db import migrations


def name(apps: Any, schema_editor: Any) -> None:
    breaks = apps.get_model("funding", "Break").objects
    breaks.exclude(ended_at=None).update(state="GONE")
    for found in breaks.filter(subject="").iterator(chunk_size=500):
        found.subject = f"brokerage account {found.brokerage_account_id}"
        found.save(update_fields=["subject"])


def forget(apps: Any, schema_editor: Any) -> None:
    """Back: drop what the older tables have no place for: breaks of no account, and all but one open of a kind.

    Both by id: on a longer way back the models of breaks and of their histories are of different states, and do not
    know each other.
    """
    here = schema_editor.connection.alias
    breaks, events = apps.get_model("funding", "Break").objects, apps.get_model("funding", "BreakEvent").objects
    seen: set[tuple[Any, str]] = set()
    for found in breaks.order_by("first_seen_at").iterator(chunk_size=500):
        key = (found.brokerage_account_id, found.kind)
        if found.brokerage_account_id is None or (found.ended_at is None and key in seen):
            events.filter(row_id=found.pk).delete()
            breaks.filter(pk=found.pk)._raw_delete(here)
        elif found.ended_at is None:
            seen.add(key)


class Migration(migrations.Migration):
    dependencies = [("funding", "0012_reconciliation")]

    operations = [migrations.RunPython(name, forget, elidable=True)]
