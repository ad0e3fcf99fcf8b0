"""Runs, cash activities, a history of breaks, daily closes."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_stop_sign_in_permission"),
        ("funding", "0011_closing_may_be_there"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BreakEvent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("actor", models.CharField(max_length=80)),
                ("field", models.CharField(max_length=20)),
                ("before", models.CharField(blank=True, max_length=40)),
                ("after", models.CharField(blank=True, max_length=40)),
                ("because", models.CharField(blank=True, max_length=300)),
                ("evidence", models.JSONField(blank=True, default=dict)),
                ("vendor_event_id", models.CharField(blank=True, max_length=64, null=True, unique=True)),
            ],
            options={
                "ordering": ["at", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CashActivity",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("alpaca_id", models.CharField(max_length=100, unique=True)),
                ("alpaca_account_id", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=10)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("booked_on", models.DateField()),
                ("status", models.CharField(default="EXECUTED", max_length=20)),
                ("created_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("role", models.CharField(blank=True, max_length=10)),
                ("matched_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="CashActivityEvent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("actor", models.CharField(max_length=80)),
                ("field", models.CharField(max_length=20)),
                ("before", models.CharField(blank=True, max_length=40)),
                ("after", models.CharField(blank=True, max_length=40)),
                ("because", models.CharField(blank=True, max_length=300)),
                ("evidence", models.JSONField(blank=True, default=dict)),
                ("vendor_event_id", models.CharField(blank=True, max_length=64, null=True, unique=True)),
            ],
            options={
                "ordering": ["at", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DailyClose",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField(unique=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("made_by", models.CharField(max_length=80)),
                ("explained", models.BooleanField()),
                ("figures", models.JSONField(default=dict)),
                ("differences", models.JSONField(default=list)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name_plural": "daily closes",
                "ordering": ["-day"],
            },
        ),
        migrations.CreateModel(
            name="ReconciliationRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("area", models.CharField(max_length=20)),
                ("scope", models.CharField(blank=True, max_length=120)),
                ("holder", models.CharField(max_length=80)),
                ("began_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("finished_at", models.DateTimeField(null=True)),
                ("position", models.CharField(blank=True, max_length=200)),
                ("compared", models.PositiveIntegerField(default=0)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("calls", models.PositiveIntegerField(default=0)),
                ("found", models.PositiveIntegerField(default=0)),
                ("healed", models.PositiveIntegerField(default=0)),
                ("uncompared", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["-began_at"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="break",
            name="one_open_break_of_a_kind",
        ),
        migrations.AddField(
            model_name="break",
            name="asked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="break",
            name="decided_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="break",
            name="likeness",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="break",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="break",
            name="proposal",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="break",
            name="state",
            field=models.CharField(default="OPEN", max_length=12),
        ),
        migrations.AddField(
            model_name="break",
            name="subject",
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name="break",
            name="transfer",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="breaks", to="funding.transfer"
            ),
        ),
        migrations.AddField(
            model_name="break",
            name="what",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AlterField(
            model_name="break",
            name="brokerage_account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="breaks",
                to="accounts.brokerageaccount",
            ),
        ),
        migrations.AlterField(
            model_name="break",
            name="ours",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AlterField(
            model_name="break",
            name="theirs",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddIndex(
            model_name="break",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["brokerage_account"], name="break_open_of_account"
            ),
        ),
        migrations.AddIndex(
            model_name="break",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["kind", "first_seen_at"], name="break_open_of_kind"
            ),
        ),
        migrations.AddIndex(
            model_name="break",
            index=models.Index(
                condition=models.Q(("state", "DISMISSED")), fields=["brokerage_account", "kind"], name="break_dismissed"
            ),
        ),
        migrations.AddIndex(
            model_name="break",
            index=models.Index(fields=["ended_at"], name="break_ended"),
        ),
        migrations.AddField(
            model_name="breakevent",
            name="row",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="funding.break"
            ),
        ),
        migrations.AddField(
            model_name="cashactivity",
            name="brokerage_account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cash_activities",
                to="accounts.brokerageaccount",
            ),
        ),
        migrations.AddField(
            model_name="cashactivity",
            name="offsets",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="offset_by",
                to="funding.cashactivity",
            ),
        ),
        migrations.AddField(
            model_name="cashactivity",
            name="transfer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cash_activities",
                to="funding.transfer",
            ),
        ),
        migrations.AddField(
            model_name="cashactivityevent",
            name="row",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="funding.cashactivity"
            ),
        ),
        migrations.AddIndex(
            model_name="reconciliationrun",
            index=models.Index(fields=["area", "-began_at"], name="runs_of_area"),
        ),
        migrations.AddIndex(
            model_name="cashactivity",
            index=models.Index(fields=["brokerage_account", "booked_on"], name="cash_of_account"),
        ),
        migrations.AddIndex(
            model_name="cashactivity",
            index=models.Index(condition=models.Q(("role", "")), fields=["created_at"], name="cash_unmatched"),
        ),
        migrations.AddConstraint(
            model_name="cashactivity",
            constraint=models.UniqueConstraint(
                condition=models.Q(("transfer__isnull", False)),
                fields=("transfer", "role"),
                name="one_cash_row_per_transfer_and_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="cashactivity",
            constraint=models.CheckConstraint(
                condition=models.Q(("transfer__isnull", True), ("role__in", ["BOOKING", "REVERSAL"]), _connector="OR"),
                name="matched_cash_has_a_role",
            ),
        ),
    ]
