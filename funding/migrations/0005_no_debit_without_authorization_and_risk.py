"""From here on the database refuses a debit that nobody authorized, or that the risk gate did not let through."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0004_bind_authorizations"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="debitauthorization",
            name="transfer",
        ),
        migrations.AlterField(
            model_name="debitauthorization",
            name="amount",
            field=models.DecimalField(decimal_places=2, max_digits=14),
        ),
        migrations.AlterField(
            model_name="debitauthorization",
            name="relationship",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="authorizations",
                to="funding.achrelationship",
            ),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="authorization",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transfer",
                to="funding.debitauthorization",
            ),
        ),
        migrations.AddConstraint(
            model_name="debitauthorization",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="authorization_amount_above_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("origin", "EXTERNAL"), ("direction", "OUTGOING"), ("authorization__isnull", False), _connector="OR"
                ),
                name="deposit_asked_for_here_is_authorized",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("origin", "EXTERNAL"),
                    ("direction", "OUTGOING"),
                    ("sending__in", ["RESERVED", "HELD", "DECLINED", "WITHDRAWN"]),
                    ("cleared_by__isnull", False),
                    _connector="OR",
                ),
                name="deposit_sent_passed_the_risk_gate",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sending", "NOT_CREATED"), _negated=True), ("alpaca_id__isnull", True), _connector="OR"
                ),
                name="transfer_not_made_has_no_alpaca_id",
            ),
        ),
    ]
