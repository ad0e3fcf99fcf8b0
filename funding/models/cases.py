"""What a person has to look at, and what stands still meanwhile: cases, freezes, brakes, one customer's limits.

Rows are added and closed, never changed otherwise; who did it stands in the row.
"""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import AccountEvent, BrokerageAccount
from brokerage.append_only import AppendOnly
from brokerage.status import note
from funding.models.transfers import Transfer


def _person(**more: Any) -> Any:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **more)


class Case(models.Model):
    """Something about one customer that a person of ops has to look into."""

    class Kind(models.TextChoices):
        UNAUTHORIZED = "UNAUTHORIZED", "Unauthorized return"
        CHANGED_HOLDER = "CHANGED_HOLDER", "Change in who may use the bank account"
        QUESTIONED = "QUESTIONED", "Return to look into"
        BETWEEN_BANKS = "BETWEEN_BANKS", "Format or dealings between banks"
        NO_CODE = "NO_CODE", "Return without a code"
        DEBT = "DEBT", "Money missing after a return"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brokerage_account = models.ForeignKey(BrokerageAccount, on_delete=models.PROTECT, related_name="cases")
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="cases")
    kind = models.CharField(max_length=20, choices=Kind)
    because = models.CharField(max_length=300)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True)
    closed_by = _person(null=True)
    outcome = models.CharField(max_length=1000, blank=True)  # what that person found

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["transfer", "kind"], name="one_case_per_transfer_and_kind"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_by__isnull=False), name="case_closed_by_someone"
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], name="case_open", condition=Q(closed_at=None))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.transfer}"


class Freeze(models.Model):
    """No money moves for this account, either way, until one person has asked to lift it and another one does.

    A further reason, given while one stands, is kept in the account's history; the lift has to be asked for anew then.
    """

    FIELD = "freeze"  # in the account's history

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brokerage_account = models.ForeignKey(BrokerageAccount, on_delete=models.PROTECT, related_name="freezes")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="freezes")
    because = models.CharField(max_length=300)
    frozen_at = models.DateTimeField(default=timezone.now, editable=False)
    frozen_by = models.CharField(max_length=80)
    lift_asked_at = models.DateTimeField(null=True)
    lift_asked_by = _person(null=True)
    lift_because = models.CharField(max_length=300, blank=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = _person(null=True)

    class Meta:
        ordering = ["-frozen_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["brokerage_account"], condition=Q(lifted_at=None), name="one_freeze_per_account"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True)
                | Q(lift_asked_by__isnull=False, lifted_by__isnull=False) & ~Q(lifted_by=F("lift_asked_by")),
                name="freeze_lifted_by_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"Freeze since {self.frozen_at:%Y-%m-%d}"

    @classmethod
    def stands_for(cls, account: BrokerageAccount) -> bool:
        """Say whether this account is frozen now."""
        return cls.objects.filter(brokerage_account=account, lifted_at=None).exists()

    @property
    def further_reasons(self) -> QuerySet[AccountEvent]:
        """Return what gave a reason to freeze the account while it was frozen by this already."""
        return self.brokerage_account.events.filter(field=self.FIELD, evidence__freeze=str(self.pk))

    def add_reason(self, because: str, *, actor: str, case: Case | None) -> None:
        """Keep another reason, and drop the wish to lift this: whoever asked did not know of it. The row is locked."""
        evidence = {"freeze": str(self.pk), "case": str(case.pk) if case else ""}
        if self.lift_asked_by_id is not None:
            evidence |= {"lift_asked_by": str(self.lift_asked_by_id), "lift_because": self.lift_because}
        note(
            self.brokerage_account, field=self.FIELD, after="another reason", actor=actor, because=because,
            evidence=evidence,
        )  # fmt: skip
        self.lift_asked_at, self.lift_asked_by, self.lift_because = None, None, ""
        self.save(update_fields=["lift_asked_at", "lift_asked_by", "lift_because"])


class Brake(models.Model):
    """No new deposits for anybody, since too many come back. See operations.return_rates."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rate = models.CharField(max_length=20)  # which of the rates is past its limit
    returned = models.PositiveIntegerField()
    debits = models.PositiveIntegerField()
    engaged_at = models.DateTimeField(default=timezone.now, editable=False)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = _person(null=True)
    lift_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-engaged_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["rate"], condition=Q(lifted_at=None), name="one_brake_per_rate"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(lifted_by__isnull=False), name="brake_lifted_by_someone"
            ),
        ]

    def __str__(self) -> str:
        return f"Brake on deposits: {self.rate}"

    @classmethod
    def is_on(cls) -> bool:
        return cls.objects.filter(lifted_at=None).exists()


class LimitOverride(models.Model):
    """Other limits than everybody's for one customer and direction, as ops set them. The newest one in force counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brokerage_account = models.ForeignKey(BrokerageAccount, on_delete=models.PROTECT, related_name="limit_overrides")
    direction = models.CharField(max_length=10, choices=Transfer.Direction)
    # US dollars; empty where everybody's limit counts.
    per_transfer = models.DecimalField("in one transfer", max_digits=14, decimal_places=2, null=True, blank=True)
    per_day = models.DecimalField("per banking day", max_digits=14, decimal_places=2, null=True, blank=True)
    per_30_days = models.DecimalField("in 30 days", max_digits=14, decimal_places=2, null=True, blank=True)
    until = models.DateTimeField("in force until", null=True, blank=True)
    because = models.CharField(max_length=300)
    set_by = _person()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    append_only = AppendOnly()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["brokerage_account", "direction", "-created_at"], name="override_of_account")]

    def __str__(self) -> str:
        return f"Limits since {self.created_at:%Y-%m-%d}"

    @classmethod
    def in_force(cls, account: BrokerageAccount, direction: str, *, now: datetime) -> "LimitOverride | None":
        """Return the override that counts at `now`, if there is one; a later one replaces an earlier one whole."""
        newest = cls.objects.filter(brokerage_account=account, direction=direction, created_at__lte=now).first()
        return newest if newest and (newest.until is None or newest.until > now) else None
