"""The transfer names its authorization and risk decision, so that the database can ask for them."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0002_cases_freezes_brakes_limits"),
    ]

    operations = [
        migrations.AlterField(
            model_name="debitauthorization",
            name="transfer",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="funding.transfer"
            ),
        ),
        migrations.CreateModel(
            name="RiskDecision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("actor", models.CharField(max_length=80)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("ALLOW", "Allowed"), ("HOLD", "Held for a person"), ("DECLINE", "Declined")],
                        max_length=10,
                    ),
                ),
                ("rules_version", models.CharField(max_length=20)),
                ("reasons", models.JSONField(default=list)),
                ("inputs", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.RemoveIndex(
            model_name="transfer",
            name="transfer_in_doubt",
        ),
        migrations.AddField(
            model_name="achrelationship",
            name="suspended_deposits_only",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="debitauthorization",
            name="amount",
            field=models.DecimalField(decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="debitauthorization",
            name="relationship",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="authorizations",
                to="funding.achrelationship",
            ),
        ),
        migrations.AddField(
            model_name="transfer",
            name="authorization",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="funding.debitauthorization",
            ),
        ),
        migrations.AddField(
            model_name="transfer",
            name="leaves_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="riskdecision",
            name="transfer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="risk_decisions", to="funding.transfer"
            ),
        ),
        migrations.AddField(
            model_name="transfer",
            name="cleared_by",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="funding.riskdecision"
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                condition=models.Q(("sending__in", ["RESERVED", "HELD", "SENDING", "UNKNOWN", "REVIEW"])),
                fields=["sending", "created_at"],
                name="transfer_in_doubt",
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                condition=models.Q(("direction", "INCOMING")), fields=["accepted_at"], name="deposit_accepted"
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                condition=models.Q(("status", "RETURNED")), fields=["ended_at"], name="transfer_returned"
            ),
        ),
        migrations.AddIndex(
            model_name="riskdecision",
            index=models.Index(fields=["transfer", "at"], name="risk_of_transfer"),
        ),
    ]
