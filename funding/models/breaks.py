"""What reconciliation leaves: runs, cash activities as the broker booked them, breaks and their history, closes.

A break, as `state`:

    OPEN ──► HEALED      reconciliation has mended it, as a rule in the run that found it; or a person has matched it
     │ ▲ ──► GONE        a later run does not find it any more
     │ │ ──► DISMISSED   a person says why it is none, or what explains it (it stays dismissed while it looks the same)
     ▼ │         ▲
    ASKED ───────┘       where money hangs on it, a second person agrees
"""

import uuid
from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import BrokerageAccount
from brokerage.append_only import AppendOnly
from brokerage.status import StatusChange
from funding import break_kinds
from funding.break_kinds import Kind
from funding.models.transfers import Transfer


class ReconciliationRun(models.Model):
    """One run through one of the books; a run that was killed is carried on where it stood."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.CharField(max_length=20)  # see break_kinds.AREAS
    scope = models.CharField(max_length=120, blank=True)  # what was asked for: "full", "since 2026-03-02", an account
    holder = models.CharField(max_length=80)
    began_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True)
    position = models.CharField(max_length=200, blank=True)  # the last account, or place in the broker's list, done
    compared = models.PositiveIntegerField(default=0)  # accounts, relationships or items
    rows = models.PositiveIntegerField(default=0)  # transfers or cash activities held against each other
    calls = models.PositiveIntegerField(default=0)  # questions asked of the vendor
    found = models.PositiveIntegerField(default=0)
    healed = models.PositiveIntegerField(default=0)
    uncompared = models.PositiveIntegerField(default=0)  # the vendor gave no answer that tells

    class Meta:
        ordering = ["-began_at"]
        indexes = [models.Index(fields=["area", "-began_at"], name="runs_of_area")]

    def __str__(self) -> str:
        return f"{self.area} {self.began_at:%Y-%m-%d %H:%M} UTC"


class CashActivity(models.Model):
    """One row of the broker's cash: a deposit (CSD) or a withdrawal (CSW) as booked. It names no transfer.

    Which transfer it was booked for is our own finding: one booking and one reversal for each transfer at the most.
    """

    EXECUTED, CORRECT, CANCELED = "EXECUTED", "CORRECT", "CANCELED"
    BOOKING, REVERSAL, OFFSET = "BOOKING", "REVERSAL", "OFFSET"
    VOID = (CORRECT, CANCELED)

    id = models.BigAutoField(primary_key=True)
    alpaca_id = models.CharField(max_length=100, unique=True)
    alpaca_account_id = models.CharField(max_length=64)
    brokerage_account = models.ForeignKey(
        BrokerageAccount, on_delete=models.PROTECT, null=True, related_name="cash_activities"
    )
    kind = models.CharField(max_length=10)  # the broker's word: CSD, CSW
    amount = models.DecimalField(max_digits=14, decimal_places=2)  # US dollars, signed
    booked_on = models.DateField()  # the broker's settle date
    status = models.CharField(max_length=20, default=EXECUTED)  # the broker's word; a correction makes a row void
    created_at = models.DateTimeField()  # the broker's time
    seen_at = models.DateTimeField(default=timezone.now)  # when we first read it
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, null=True, related_name="cash_activities")
    role = models.CharField(max_length=10, blank=True)
    matched_at = models.DateTimeField(null=True)
    offsets = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="offset_by")

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name_plural = "cash activities"
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "role"],
                condition=Q(transfer__isnull=False),
                name="one_cash_row_per_transfer_and_role",
            ),
            models.CheckConstraint(
                condition=Q(transfer__isnull=True) | Q(role__in=["BOOKING", "REVERSAL"]), name="matched_cash_has_a_role"
            ),
        ]
        indexes = [
            models.Index(fields=["brokerage_account", "booked_on"], name="cash_of_account"),
            models.Index(fields=["created_at"], name="cash_unmatched", condition=Q(role="")),
            models.Index(fields=["booked_on"], name="cash_booked_on"),  # for the close of a day
            models.Index(fields=["alpaca_account_id"], name="cash_of_broker_account"),
            models.Index(fields=["amount"], name="cash_of_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} of {self.booked_on}"

    @property
    def is_void(self) -> bool:
        """Say whether the broker has taken this row back."""
        return self.status in self.VOID


class CashActivityEvent(StatusChange):
    """One change of a cash activity: the broker's status of it, or what we matched it with."""

    row = models.ForeignKey(CashActivity, on_delete=models.PROTECT, related_name="events")

    append_only = AppendOnly()


class Break(models.Model):
    """A difference between our books and a vendor's; closed when it is healed, gone, or explained by a person."""

    CASH = "CASH"
    OPEN, ASKED, HEALED, GONE, DISMISSED = "OPEN", "ASKED", "HEALED", "GONE", "DISMISSED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)  # a code of break_kinds
    state = models.CharField(max_length=12, default=OPEN)
    subject = models.CharField(max_length=150, blank=True)  # what differs: "transfer 6f1c…"
    brokerage_account = models.ForeignKey(BrokerageAccount, on_delete=models.PROTECT, null=True, related_name="breaks")
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, null=True, related_name="breaks")
    ours = models.CharField(max_length=100, blank=True)
    theirs = models.CharField(max_length=100, blank=True)
    what = models.CharField(max_length=300, blank=True)  # the difference, in a sentence
    evidence = models.JSONField(default=dict)
    likeness = models.CharField(max_length=64, blank=True)  # a digest of what differs: another one is another break
    first_seen_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # who looks at it; until then whoever has the kind's role
    proposal = models.JSONField(default=dict, blank=True)  # what the first person wants done: "dismiss", or "match"
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["first_seen_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(ended_at=None), name="one_open_break_of_kind_and_subject"
            ),
            models.CheckConstraint(
                condition=~Q(state="DISMISSED") | Q(decided_by__isnull=False), name="break_dismissed_by_someone"
            ),
            # As break_kinds.TWO_PERSONS: whoever asks is not whoever decides.
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(asked_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="break_dismissed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | Q(asked_by__isnull=False)
                | ~Q(kind__in=sorted(break_kinds.TWO_PERSONS)),
                name="break_of_money_decided_by_two",
            ),
        ]
        indexes = [
            models.Index(fields=["brokerage_account"], name="break_open_of_account", condition=Q(ended_at=None)),
            models.Index(fields=["kind", "first_seen_at"], name="break_open_of_kind", condition=Q(ended_at=None)),
            models.Index(fields=["brokerage_account", "kind"], name="break_dismissed", condition=Q(state="DISMISSED")),
            models.Index(fields=["ended_at"], name="break_ended"),
            models.Index(fields=["subject"], name="break_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.about.title}: {self.subject}"

    @property
    def about(self) -> Kind:
        """Return what is known of this kind of break."""
        return break_kinds.of(self.kind)

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


BREAK_MOVES: Mapping[str, set[str]] = {
    Break.OPEN: {Break.ASKED, Break.HEALED, Break.GONE, Break.DISMISSED},
    Break.ASKED: {Break.OPEN, Break.HEALED, Break.GONE, Break.DISMISSED},
    Break.HEALED: set(),
    Break.GONE: set(),
    Break.DISMISSED: set(),
}


class BreakEvent(StatusChange):
    """One thing that became of a break: found, healed, assigned, dismissed."""

    row = models.ForeignKey(Break, on_delete=models.PROTECT, related_name="events")

    append_only = AppendOnly()


class DailyClose(models.Model):
    """One banking day's report: everything explained, or these are the differences. Written once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    day = models.DateField(unique=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    made_by = models.CharField(max_length=80)
    explained = models.BooleanField()
    figures = models.JSONField(default=dict)  # counts and sums; amounts as text, in US dollars
    differences = models.JSONField(default=list)  # the breaks open at the close, a row each
    digest = models.CharField(max_length=64)  # of figures and differences, so that a copy can be held against it

    append_only = AppendOnly()

    class Meta:
        ordering = ["-day"]
        verbose_name_plural = "daily closes"

    def __str__(self) -> str:
        return f"Close of {self.day}"
