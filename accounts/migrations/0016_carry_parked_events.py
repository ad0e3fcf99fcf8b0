"""Carry what was parked over to the events: their words are sealed anew, for the row where they stand now.

Backwards, what waits for a person, or was tried in vain, is parked again. News that was kept and not acted on yet is lost by
that: act on all of it first (a worker does), or reconcile afterwards.
"""

from typing import Any

from django.db import migrations

from brokerage.encryption import CannotDecrypt

STATES = {"TRYING": "RECEIVED", "PARKED": "PARKED", "UNFAMILIAR": "UNFAMILIAR"}


def _words(row: Any) -> str:
    try:
        return row.body
    except CannotDecrypt:  # with a key that is gone: the row says that it was there
        return ""


def carry_over(apps: Any, schema_editor: Any) -> None:
    parked, events = (apps.get_model("accounts", name) for name in ("ParkedEvent", "StreamEvent"))
    for row in parked.objects.order_by("first_at", "event_id").iterator(chunk_size=500):
        events.objects.create(
            id=row.pk,
            stream=row.stream,
            event_id=row.event_id,
            account_id=row.account_id,
            body=_words(row),
            received_at=row.first_at,
            state=STATES[row.state],
            tries=row.tries,
            why=row.why,
        )


def carry_back(apps: Any, schema_editor: Any) -> None:
    parked, events = (apps.get_model("accounts", name) for name in ("ParkedEvent", "StreamEvent"))
    old = {state: name for name, state in STATES.items()}
    rows = events.objects.filter(state__in=old).exclude(state="RECEIVED", tries=0)
    for row in rows.order_by("received_at", "event_id").iterator(chunk_size=500):
        parked.objects.create(
            id=row.pk,
            stream=row.stream,
            event_id=row.event_id,
            account_id=row.account_id,
            body=_words(row),
            first_at=row.received_at,
            last_at=row.received_at,
            state=old[row.state],
            tries=row.tries,
            why=row.why,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_stream_events"),
    ]

    operations = [
        migrations.RunPython(carry_over, carry_back),
    ]
