"""Bind what exists: authorizations to their transfers, and deposits sent before there was a risk gate to a note of that."""

from typing import Any

from django.db import migrations

from brokerage import banking_days


def bind(apps: Any, schema_editor: Any) -> None:
    authorizations = apps.get_model("funding", "DebitAuthorization").objects.select_related("transfer")
    for found in authorizations.iterator(chunk_size=500):
        found.amount, found.relationship_id = found.transfer.amount, found.transfer.relationship_id
        found.save(update_fields=["amount", "relationship"])
        found.transfer.authorization = found
        found.transfer.save(update_fields=["authorization"])
    decisions = apps.get_model("funding", "RiskDecision").objects
    transfers = apps.get_model("funding", "Transfer").objects
    for transfer in transfers.filter(leaves_on=None).iterator(chunk_size=500):
        transfer.leaves_on = banking_days.leaves_on(transfer.created_at)
        if transfer.direction == "INCOMING" and transfer.origin == "CUSTOMER":
            transfer.cleared_by = decisions.create(
                transfer=transfer,
                at=transfer.created_at,
                actor="migration",
                outcome="ALLOW",
                rules_version="none",
                reasons=["asked for before there was a risk gate"],
            )
        transfer.save(update_fields=["leaves_on", "cleared_by"])


def unbind(apps: Any, schema_editor: Any) -> None:
    for transfer in apps.get_model("funding", "Transfer").objects.exclude(authorization=None).iterator(chunk_size=500):
        transfer.authorization.transfer = transfer
        transfer.authorization.save(update_fields=["transfer"])


class Migration(migrations.Migration):
    dependencies = [("funding", "0003_authorization_and_risk_before_debit")]

    operations = [migrations.RunPython(bind, unbind)]
