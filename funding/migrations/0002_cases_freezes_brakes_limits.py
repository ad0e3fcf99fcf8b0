"""What a person has to look at, and what stands still meanwhile."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_stream_reading_since"),
        ("funding", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Brake",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("rate", models.CharField(max_length=20)),
                ("returned", models.PositiveIntegerField()),
                ("debits", models.PositiveIntegerField()),
                ("engaged_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lift_because", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "ordering": ["-engaged_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Break",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("ours", models.CharField(max_length=100)),
                ("theirs", models.CharField(max_length=100)),
                ("evidence", models.JSONField(default=dict)),
                ("first_seen_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("last_seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["first_seen_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("UNAUTHORIZED", "Unauthorized return"),
                            ("CHANGED_HOLDER", "Change in who may use the bank account"),
                            ("QUESTIONED", "Return to look into"),
                            ("BETWEEN_BANKS", "Format or dealings between banks"),
                            ("NO_CODE", "Return without a code"),
                            ("DEBT", "Money missing after a return"),
                        ],
                        max_length=20,
                    ),
                ),
                ("because", models.CharField(max_length=300)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("closed_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=1000)),
            ],
            options={
                "ordering": ["opened_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Freeze",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("because", models.CharField(max_length=300)),
                ("frozen_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("frozen_by", models.CharField(max_length=80)),
                ("lift_asked_at", models.DateTimeField(null=True)),
                ("lift_because", models.CharField(blank=True, max_length=300)),
                ("lifted_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-frozen_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="LimitOverride",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "direction",
                    models.CharField(choices=[("INCOMING", "Deposit"), ("OUTGOING", "Withdrawal")], max_length=10),
                ),
                (
                    "per_transfer",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="in one transfer"
                    ),
                ),
                (
                    "per_day",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="per banking day"
                    ),
                ),
                (
                    "per_30_days",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="in 30 days"
                    ),
                ),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="in force until")),
                ("because", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.AddField(
            model_name="brake",
            name="lifted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="break",
            name="brokerage_account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="breaks", to="accounts.brokerageaccount"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="brokerage_account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="cases", to="accounts.brokerageaccount"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="closed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="transfer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="cases", to="funding.transfer"
            ),
        ),
        migrations.AddField(
            model_name="freeze",
            name="brokerage_account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="freezes", to="accounts.brokerageaccount"
            ),
        ),
        migrations.AddField(
            model_name="freeze",
            name="case",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="freezes", to="funding.case"
            ),
        ),
        migrations.AddField(
            model_name="freeze",
            name="lift_asked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="freeze",
            name="lifted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="limitoverride",
            name="brokerage_account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="limit_overrides",
                to="accounts.brokerageaccount",
            ),
        ),
        migrations.AddField(
            model_name="limitoverride",
            name="set_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="brake",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None)), fields=("rate",), name="one_brake_per_rate"
            ),
        ),
        migrations.AddConstraint(
            model_name="brake",
            constraint=models.CheckConstraint(
                condition=models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", False), _connector="OR"),
                name="brake_lifted_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="break",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("brokerage_account", "kind"),
                name="one_open_break_of_a_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(condition=models.Q(("closed_at", None)), fields=["opened_at"], name="case_open"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(fields=("transfer", "kind"), name="one_case_per_transfer_and_kind"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_at__isnull", True), ("closed_by__isnull", False), _connector="OR"),
                name="case_closed_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="freeze",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None)), fields=("brokerage_account",), name="one_freeze_per_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="freeze",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lifted_at__isnull", True),
                    models.Q(
                        ("lift_asked_by__isnull", False),
                        ("lifted_by__isnull", False),
                        models.Q(("lifted_by", models.F("lift_asked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="freeze_lifted_by_two_persons",
            ),
        ),
        migrations.AddIndex(
            model_name="limitoverride",
            index=models.Index(fields=["brokerage_account", "direction", "-created_at"], name="override_of_account"),
        ),
    ]
