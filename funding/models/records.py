"""What was done about a transfer, and on whose word: authorization, risk, attempt, look-ups, reversal.

Facts: written once, never changed but for the answer that completes an attempt, and who looks for it now.
"""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from brokerage.append_only import AppendOnly
from funding.models.banks import ACHRelationship
from funding.models.transfers import Transfer

# How long an unknown transfer is looked for before it may be certified as never made.
TIME_NEEDED = timedelta(minutes=60)


class SendAttempt(models.Model):
    """The one request that a transfer gets: who sends it, until when that may take, and what came back.

    One to one, so that the database itself refuses a second one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="attempt")
    sender = models.CharField(max_length=80)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)  # committed before the first byte leaves
    lease_until = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    request_id = models.CharField(max_length=80, blank=True)  # the broker's; its support asks for it
    answer = models.JSONField(default=dict, blank=True)  # as the broker sent it
    looking_until = models.DateTimeField(null=True)  # one process looks for an unknown one until then

    append_only = AppendOnly(
        may_change=("lease_until", "answered_at", "http_status", "request_id", "answer", "looking_until")
    )

    class Meta:
        indexes = [models.Index(fields=["request_id"], name="attempt_of_request")]

    def __str__(self) -> str:
        return f"Attempt for {self.transfer_id}"

    @property
    def answer_by(self) -> datetime:
        """Return by when an unknown outcome is expected to be known, which is what the customer is told."""
        return self.sent_at + TIME_NEEDED + timedelta(minutes=5)


class Lookup(models.Model):
    """One search for a transfer whose outcome we do not know: a pass through the broker's list, or what news named."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="lookups")
    at = models.DateTimeField(default=timezone.now, editable=False)
    heard = models.BooleanField(default=False)  # no pass: the event stream named a transfer that we hold no row for
    complete = models.BooleanField()  # the whole list was read
    rows_read = models.PositiveIntegerField(default=0)
    candidates = models.JSONField(default=list)  # the broker's ids of those that could be it

    append_only = AppendOnly()

    class Meta:
        ordering = ["at"]
        indexes = [models.Index(fields=["transfer", "at"], name="lookup_of_transfer")]

    def __str__(self) -> str:
        return f"Look-up for {self.transfer_id} at {self.at:%Y-%m-%d %H:%M:%S} UTC"


class DebitAuthorization(models.Model):
    """The customer's word that their bank may be debited once: what they read, for what, when, and from where.

    Written before the transfer, which names it: no debit without one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    relationship = models.ForeignKey(ACHRelationship, on_delete=models.PROTECT, related_name="authorizations")
    amount = models.DecimalField(max_digits=14, decimal_places=2)  # US dollars
    text = models.TextField()
    version = models.CharField(max_length=20)
    ip_address = models.GenericIPAddressField()
    user_agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    append_only = AppendOnly()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="authorization_amount_above_zero")]

    def __str__(self) -> str:
        return f"Authorization {str(self.pk)[:8]}"


class RiskDecision(models.Model):
    """What was decided about a deposit before it was sent: by which version of the rules, on which inputs, by whom."""

    class Outcome(models.TextChoices):
        ALLOW = "ALLOW", "Allowed"
        HOLD = "HOLD", "Held for a person"
        DECLINE = "DECLINE", "Declined"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="risk_decisions")
    at = models.DateTimeField(default=timezone.now, editable=False)
    actor = models.CharField(max_length=80)  # "risk gate", or the person who looked at a held one
    outcome = models.CharField(max_length=10, choices=Outcome)
    rules_version = models.CharField(max_length=20)
    reasons = models.JSONField(default=list)  # the names of the rules that decided, or the person's own words
    inputs = models.JSONField(default=dict)  # what the rules were given: amounts as text, in US dollars

    append_only = AppendOnly()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["transfer", "at"], name="risk_of_transfer")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} for {self.transfer_id}"


class Reversal(models.Model):
    """Our entry against a deposit that the bank took back after it had settled. One to one: exactly one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="reversal")
    amount = models.DecimalField(max_digits=14, decimal_places=2)  # US dollars that left the customer's cash
    return_code = models.CharField(max_length=3, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    append_only = AppendOnly()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="reversal_amount_above_zero")]

    def __str__(self) -> str:
        return f"Reversal of {self.transfer_id}"
