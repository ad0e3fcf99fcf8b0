"""Every movement of money.

Rules about one row are methods here; questions about many rows are queryset methods. Status columns are written by
`move` only (see brokerage.status), which writes the history row with them. Amounts are US dollars with two places and
never change once reserved. Rows of money are never deleted.
"""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import BrokerageAccount
from brokerage.append_only import AppendOnly
from brokerage.status import StatusChange, move
from funding import states
from funding.models.banks import ACHRelationship
from funding.models.transfer_rows import NOT_ACCEPTED, UNDER_WAY, UNFAMILIAR, TransferQuerySet

IN_FLIGHT_CONSTRAINT = "one_transfer_in_flight_per_direction"


class Transfer(models.Model):
    """One movement of money: a deposit (INCOMING) or a withdrawal (OUTGOING)."""

    class Direction(models.TextChoices):
        INCOMING = states.INCOMING, "Deposit"
        OUTGOING = states.OUTGOING, "Withdrawal"

    class Origin(models.TextChoices):
        CUSTOMER = "CUSTOMER", "Asked for here"
        EXTERNAL = "EXTERNAL", "Made elsewhere"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="transfers")
    brokerage_account = models.ForeignKey(BrokerageAccount, on_delete=models.PROTECT, related_name="transfers")
    relationship = models.ForeignKey(ACHRelationship, on_delete=models.PROTECT, null=True, related_name="transfers")
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.CUSTOMER)
    direction = models.CharField(max_length=10, choices=Direction)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    form_key = models.UUIDField(null=True)  # the page the customer confirmed; none for EXTERNAL ones
    parameters_hash = models.CharField(max_length=64, blank=True)
    # What a debit cannot be sent without: the customer's word, and the risk gate's.
    authorization = models.OneToOneField(
        "DebitAuthorization", on_delete=models.PROTECT, null=True, related_name="transfer"
    )
    cleared_by = models.OneToOneField("RiskDecision", on_delete=models.PROTECT, null=True, related_name="+")
    asking_until = models.DateTimeField(null=True)  # one process asks the bank for the gate until then

    sending = models.CharField(max_length=20, default=states.RESERVED)
    status = models.CharField(max_length=40, blank=True)  # the broker's own word
    alpaca_id = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - null until the broker names it
    reason = models.CharField(max_length=500, blank=True)  # the broker's prose
    return_code = models.CharField(max_length=3, blank=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    leaves_on = models.DateField(null=True)  # the banking day whose limits it counts against
    expected_on = models.DateField(null=True)
    accepted_at = models.DateTimeField(null=True)
    sent_to_bank_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # returned, refused, canceled …: nothing more comes
    news_at = models.DateTimeField(null=True)  # the broker's time of the newest news applied
    cancel_asked_at = models.DateTimeField(null=True)
    cancel_answer = models.CharField(max_length=20, blank=True)  # "", "asked", "too late"

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_above_zero"),
            models.CheckConstraint(
                condition=Q(direction__in=["INCOMING", "OUTGOING"]), name="transfer_direction_known"
            ),
            models.CheckConstraint(
                condition=Q(origin="EXTERNAL") | Q(form_key__isnull=False, relationship__isnull=False),
                name="transfer_asked_for_here_has_form_and_bank",
            ),
            models.CheckConstraint(
                condition=~Q(sending="ACCEPTED") | Q(alpaca_id__isnull=False), name="transfer_accepted_has_alpaca_id"
            ),
            models.CheckConstraint(
                condition=Q(origin="EXTERNAL") | Q(direction="OUTGOING") | Q(authorization__isnull=False),
                name="deposit_asked_for_here_is_authorized",
            ),
            models.CheckConstraint(
                condition=Q(origin="EXTERNAL")
                | Q(direction="OUTGOING")
                | Q(sending__in=["RESERVED", "HELD", "DECLINED", "WITHDRAWN"])
                | Q(cleared_by__isnull=False),
                name="deposit_sent_passed_the_risk_gate",
            ),
            models.CheckConstraint(
                condition=~Q(sending="NOT_CREATED") | Q(alpaca_id__isnull=True),
                name="transfer_not_made_has_no_alpaca_id",
            ),
            models.UniqueConstraint(fields=["user", "form_key"], name="one_transfer_per_form"),
            # So that a later look-up in the broker's list has at most one owner.
            models.UniqueConstraint(
                fields=["brokerage_account", "direction"],
                condition=Q(sending__in=["SENDING", "UNKNOWN"]),
                name=IN_FLIGHT_CONSTRAINT,
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="transfer_of_user"),
            models.Index(fields=["brokerage_account", "direction", "created_at"], name="transfer_limits"),
            models.Index(
                fields=["sending", "created_at"],
                name="transfer_in_doubt",
                condition=Q(sending__in=["RESERVED", "HELD", "SENDING", "UNKNOWN", "REVIEW"]),
            ),
            models.Index(
                fields=["brokerage_account"],
                name="transfer_moving",
                condition=Q(sending="ACCEPTED")
                & ~Q(status__in=["COMPLETE", "RETURNED", "CANCELED", "REJECTED", "EXPIRED"]),
            ),
            models.Index(fields=["settled_at"], name="transfer_settled", condition=Q(status="COMPLETE")),
            # For the rates of returned debits.
            models.Index(fields=["accepted_at"], name="deposit_accepted", condition=Q(direction="INCOMING")),
            models.Index(fields=["ended_at"], name="transfer_returned", condition=Q(status="RETURNED")),
            # For the desk's lists, queues and search.
            models.Index(fields=["-created_at", "-id"], name="transfer_newest"),
            models.Index(fields=["sending", "created_at"], name="transfer_not_accepted", condition=NOT_ACCEPTED),
            models.Index(fields=["created_at"], name="transfer_unfamiliar", condition=UNFAMILIAR),
            models.Index(fields=["accepted_at"], name="transfer_under_way", condition=UNDER_WAY),
            models.Index(fields=["amount", "-created_at"], name="transfer_of_amount"),
            models.Index(fields=["form_key"], name="transfer_of_form"),
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.short_reference}"

    @property
    def short_reference(self) -> str:
        return str(self.pk)[:8]

    @property
    def url(self) -> str:
        return reverse("transfer", args=[self.pk])

    @property
    def is_deposit(self) -> bool:
        return self.direction == states.INCOMING

    @property
    def is_struck(self) -> bool:
        """Say whether this moved no money in the end: pages strike the amount."""
        return self.sending in states.NEVER_HAPPENED or self.status in states.FINAL

    @property
    def is_moving(self) -> bool:
        """Say whether something more is to come soon."""
        return not self.is_struck and self.status != states.COMPLETE

    @property
    def can_cancel(self) -> bool:
        """Say whether asking to cancel may still help."""
        if self.cancel_asked_at:
            return False
        return self.sending in states.UNSENT or (self.sending == states.ACCEPTED and self.status in states.CANCELABLE)

    def move_sending(
        self, to: str, *, actor: str, because: str = "", evidence: dict[str, Any] | None = None, **also: Any
    ) -> None:
        """Move our half. Raises IllegalMove, LostRace."""
        now = timezone.now()
        if to in states.NEVER_HAPPENED:
            also["ended_at"] = now
        if to == states.ACCEPTED:
            also.setdefault("accepted_at", now)
        move(
            self,
            field="sending",
            to=to,
            moves=states.SENDING_MOVES,
            actor=actor,
            because=because,
            evidence=evidence,
            also=also,
        )

    def move_status(
        self, to: str, *, actor: str, at: datetime | None, vendor_event_id: str | None = None, **also: Any
    ) -> None:
        """Move the broker's half to its own word, as of its own time `at`. Raises IllegalMove, LostRace."""
        moment = at or timezone.now()
        if to == states.SENT_TO_CLEARING:
            also["sent_to_bank_at"] = moment
        if to == states.COMPLETE:
            also["settled_at"] = moment
        if to in states.FINAL:
            also["ended_at"] = moment
        move(
            self,
            field="status",
            to=to,
            moves={self.status: {to}} if states.status_may_move(self.status, to) else {},
            actor=actor,
            because=str(also.get("reason") or ""),
            vendor_event_id=vendor_event_id,
            also=also,
        )


class TransferEvent(StatusChange):
    """One change of a transfer, in either half, or of what is asked of it."""

    row = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="events")

    append_only = AppendOnly()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["row", "at"], name="transfer_history")]
