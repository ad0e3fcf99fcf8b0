"""What Plaid tells about items: every verified message is a row first, and acted on from there.

    RECEIVED ──► DONE        the item was read again
       │ ▲ ├───► IGNORED     nothing of ours hangs on it
       │ │ ├───► UNFAMILIAR  words that we do not know: kept, reported, and nothing done
       │ │ ├───► PARKED      not JSON, or five tries came to grief; a person may have it acted on again ──► RECEIVED
       ▼ │ │
    UNMATCHED ─► GIVEN_UP    about an item that we have not heard of: tried again each minute, for thirty days

A row waits while it has a time at which it is due. Statuses are written by `move` only (see brokerage.status).
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import LegalHold
from brokerage.append_only import AppendOnly
from brokerage.encryption import EncryptedTextField
from brokerage.status import StatusChange, move
from funding.models.banks import PlaidItem

RECEIVED, UNMATCHED = "RECEIVED", "UNMATCHED"
DONE, IGNORED, UNFAMILIAR, GIVEN_UP = "DONE", "IGNORED", "UNFAMILIAR", "GIVEN_UP"
PARKED = "PARKED"

WEBHOOK_MOVES: Mapping[str, set[str]] = {
    RECEIVED: {DONE, IGNORED, UNFAMILIAR, UNMATCHED, PARKED},
    UNMATCHED: {RECEIVED, GIVEN_UP},
    PARKED: {RECEIVED},
    DONE: set(),
    IGNORED: set(),
    UNFAMILIAR: set(),
    GIVEN_UP: set(),
}
WAITING = (RECEIVED, UNMATCHED)
OVER = (DONE, IGNORED, UNFAMILIAR, GIVEN_UP)


class PlaidWebhookKey(models.Model):
    """One of the public keys by which Plaid's webhooks are verified, as its host last gave it to us."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.CharField(max_length=200)  # the sandbox's keys vouch for nothing in production
    key_id = models.CharField(max_length=100)
    jwk = models.JSONField()
    first_seen_at = models.DateTimeField(default=timezone.now, editable=False)
    fetched_at = models.DateTimeField()
    expired_at = models.DateTimeField(null=True)  # when we learned that it is good no more

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "key_id"], name="one_row_per_webhook_key")]

    def __str__(self) -> str:
        return f"Webhook key {self.key_id[:8]}"


class WebhookQuerySet(models.QuerySet["PlaidWebhook"]):
    """Questions about many webhooks."""

    def due(self, *, now: datetime) -> "WebhookQuerySet":
        """Return those that can be acted on, and on which nobody is acting."""
        return self.filter(due_at__lte=now).unclaimed(now=now)

    def unclaimed(self, *, now: datetime) -> "WebhookQuerySet":
        return self.filter(Q(claimed_until=None) | Q(claimed_until__lte=now))

    def not_acted_on(self, *, since: datetime) -> "WebhookQuerySet":
        """Return those that wait for a person, or have waited since before a moment."""
        return self.filter(Q(status=PARKED) | Q(status__in=WAITING, received_at__lt=since))

    def to_forget(self, *, before: datetime) -> "WebhookQuerySet":
        """Return those that are over, and whose words have been kept for long enough; no legal hold is on them."""
        old = self.filter(status__in=OVER, received_at__lt=before).exclude(body="")
        return old.exclude(LegalHold.on("item__user"))

    def count_delivery(self) -> int:
        """Note that these came once more; return how many they are."""
        return self.update(deliveries=F("deliveries") + 1)


class PlaidWebhook(models.Model):
    """One message of Plaid's. `signed_hash` tells it from any other, so that one that is replayed is the same row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    # In Plaid's own words; empty where the body is no such message.
    kind = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=60, blank=True)
    plaid_item_id = models.CharField(max_length=64, blank=True, db_index=True)
    item = models.ForeignKey(PlaidItem, on_delete=models.PROTECT, null=True, related_name="webhooks")
    body = EncryptedTextField(blank=True)  # as it came; some carry tokens. Dropped when it is old
    body_hash = models.CharField(max_length=64)
    signed_hash = models.CharField(max_length=64, unique=True)
    deliveries = models.PositiveIntegerField(default=1)

    status = models.CharField(max_length=20, default=RECEIVED)
    due_at = models.DateTimeField(null=True, default=timezone.now)
    claimed_until = models.DateTimeField(null=True)  # whoever acts on it has until then
    tries = models.PositiveIntegerField(default=0)
    faults = models.PositiveSmallIntegerField(default=0)  # of these tries, those that were no vendor's fault
    error = models.CharField(max_length=60, blank=True)  # what kind of fault; nothing that a vendor said
    acted_at = models.DateTimeField(null=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = "webhook of Plaid’s"
        verbose_name_plural = "webhooks of Plaid’s"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=WAITING, due_at__isnull=False)
                | (~Q(status__in=WAITING) & Q(due_at__isnull=True)),
                name="webhook_due_while_it_waits",
            ),
            models.CheckConstraint(
                condition=Q(status=DONE, acted_at__isnull=False) | (~Q(status=DONE) & Q(acted_at__isnull=True)),
                name="webhook_acted_on_when_done",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="webhook_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["body_hash"], name="webhook_waiting", condition=Q(due_at__isnull=False)),
            models.Index(fields=["status", "received_at"], name="webhook_status"),
            models.Index(fields=["-received_at", "-id"], name="webhook_newest_first"),
            models.Index(fields=["received_at"], name="webhook_body_kept", condition=~Q(body="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind or 'Webhook'} {self.code or str(self.pk)[:8]}"

    def move_status(self, to: str, *, actor: str, because: str = "", **also: Any) -> None:
        """Move it; where it waits no more, nobody holds it either. Raises IllegalMove, LostRace."""
        if to not in WAITING:
            also |= {"due_at": None}
        also |= {"claimed_until": None}
        move(self, field="status", to=to, moves=WEBHOOK_MOVES, actor=actor, because=because, also=also)


class PlaidWebhookEvent(StatusChange):
    """One change of a webhook, or one try that came to grief."""

    row = models.ForeignKey(PlaidWebhook, on_delete=models.PROTECT, related_name="events")

    append_only = AppendOnly()
