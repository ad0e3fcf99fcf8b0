"""Bank logins and the broker's standing permissions to move money with a bank account.

Status columns are written by `move` only (see brokerage.status), which writes the history row with them.
"""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import BrokerageAccount
from brokerage.encryption import EncryptedTextField
from brokerage.status import LEASE, StatusChange, move, note
from funding import states


class LinkSession(models.Model):
    """One pass through Plaid Link. Its public token is used once, whatever the browser does."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="link_sessions")
    link_token = EncryptedTextField(blank=True, default="")  # dropped once Link is done
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Claimed by whoever finishes first; unique, so that two tabs cannot spend one token twice.
    public_token_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001
    claimed_at = models.DateTimeField(null=True, editable=False)
    item = models.OneToOneField("PlaidItem", on_delete=models.PROTECT, null=True, related_name="link_session")
    # Why no item came of it; "orphan" means that Plaid may hold one that we never learned the key of.
    outcome = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"Link session {str(self.pk)[:8]}"


class PlaidItem(models.Model):
    """One login at one bank. The access token is our key to it: sealed at rest, shown nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="items")
    plaid_item_id = models.CharField(max_length=64, unique=True)
    access_token = EncryptedTextField(blank=True, default="")
    institution_id = models.CharField(max_length=40, blank=True)
    institution_name = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"Item at {self.institution_name or 'a bank'}"


class RelationshipQuerySet(models.QuerySet["ACHRelationship"]):
    """Questions about many relationships."""

    def active(self) -> "RelationshipQuerySet":
        return self.filter(ended_at=None)

    def waiting_to_be_sent(self, *, since: datetime) -> "RelationshipQuerySet":
        return self.active().filter(sending=states.RESERVED, sending_at__lt=since)

    def left_behind(self) -> "RelationshipQuerySet":
        return self.active().filter(sending=states.SENDING, sending_at__lt=timezone.now() - LEASE)

    def unknown(self) -> "RelationshipQuerySet":
        return self.active().filter(sending=states.UNKNOWN)

    def open_at_the_broker(self) -> "RelationshipQuerySet":
        return self.active().filter(sending__in=[states.ACCEPTED, states.REVIEW])


class ACHRelationship(models.Model):
    """The broker's standing permission to move money with one bank account. One is active per brokerage account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brokerage_account = models.ForeignKey(BrokerageAccount, on_delete=models.PROTECT, related_name="relationships")
    item = models.ForeignKey(PlaidItem, on_delete=models.PROTECT, related_name="relationships")
    plaid_account_id = models.CharField(max_length=64)
    name = models.CharField(max_length=100, blank=True)
    mask = models.CharField(max_length=4, blank=True)
    subtype = models.CharField(max_length=20)
    # Kept only until the relationship exists: asking Plaid for another one would be harmless, but would cost a call.
    processor_token = EncryptedTextField(blank=True, default="")

    sending = models.CharField(max_length=20, default=states.RESERVED)
    sending_at = models.DateTimeField(default=timezone.now)
    alpaca_id = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - null until the broker names it
    status = models.CharField(max_length=40, blank=True)  # the broker's own word
    status_at = models.DateTimeField(null=True)
    news_at = models.DateTimeField(null=True)  # the broker's time of the newest news applied
    reason = models.CharField(max_length=500, blank=True)  # the broker's prose
    suspended_at = models.DateTimeField(null=True)
    suspended_because = models.CharField(max_length=200, blank=True)
    suspended_deposits_only = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True)

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        verbose_name = "ACH relationship"
        constraints = [
            models.UniqueConstraint(
                fields=["brokerage_account"], condition=Q(ended_at=None), name="one_active_relationship_per_account"
            )
        ]
        indexes = [
            models.Index(
                fields=["sending", "sending_at"],
                name="relationship_open",
                condition=Q(ended_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.institution_name} {self.mask}".strip()

    @property
    def institution_name(self) -> str:
        return self.item.institution_name or "Your bank"

    @property
    def account_label(self) -> str:
        return self.subtype.capitalize()

    @property
    def is_approved(self) -> bool:
        """Say whether the broker lets money move on this now."""
        return self.ended_at is None and self.sending == states.ACCEPTED and self.status == states.APPROVED

    @property
    def usable(self) -> bool:
        """Say whether transfers may be sent on this now, both ways."""
        return self.is_approved and self.suspended_at is None

    def usable_for(self, direction: str) -> bool:
        """Say whether a transfer this way may be sent on this now."""
        return self.is_approved and not self.is_suspended_for(direction)

    def is_suspended_for(self, direction: str) -> bool:
        """Say whether transfers this way are stopped."""
        return self.suspended_at is not None and (direction == states.INCOMING or not self.suspended_deposits_only)

    @property
    def was_refused(self) -> bool:
        """Say whether the broker did not take this bank account."""
        return self.sending == states.REFUSED or self.status == states.REJECTED

    def may_become_usable_for(self, direction: str) -> bool:
        """Say whether a transfer may be asked for: it waits here until the broker has approved the bank."""
        refused = self.sending in (states.REFUSED, states.REVIEW)
        return self.ended_at is None and not refused and not self.is_suspended_for(direction)

    def move_sending(self, to: str, *, actor: str, because: str = "", evidence: Any = None, **also: Any) -> None:
        """Move our half. Raises IllegalMove, LostRace."""
        also["sending_at"] = timezone.now()
        move(
            self,
            field="sending",
            to=to,
            moves=states.LINKING_MOVES,
            actor=actor,
            because=because,
            evidence=evidence,
            also=also,
        )

    def move_status(
        self, to: str, *, actor: str, because: str = "", vendor_event_id: str | None = None, **also: Any
    ) -> None:
        """Move the broker's half to its own word. An ended one makes room for another. Raises IllegalMove, LostRace."""
        now = timezone.now()
        also["status_at"] = now
        if to in states.RELATIONSHIP_ENDED:
            also["ended_at"] = now
        move(
            self,
            field="status",
            to=to,
            moves={self.status: {to}} if states.relationship_may_move(self.status, to) else {},
            actor=actor,
            because=because,
            vendor_event_id=vendor_event_id,
            also=also,
        )

    def suspend(self, *, because: str, actor: str) -> None:
        """Stop new transfers on this, also where deposits alone were stopped so far."""
        if not self.is_suspended_for(states.OUTGOING):
            self._set_stop(timezone.now(), because, deposits_only=False)
            note(self, field="suspended", after="suspended", actor=actor, because=because)

    def stop_deposits(self, *, because: str, actor: str) -> None:
        """Stop new deposits on this; a wider stop that stands is not narrowed."""
        if not self.is_suspended_for(states.INCOMING):
            self._set_stop(timezone.now(), because, deposits_only=True)
            note(self, field="suspended", after="deposits stopped", actor=actor, because=because)

    def resume(self, *, because: str, actor: str) -> None:
        """Let transfers go on again, on the word of a person who has looked into it."""
        if self.suspended_at is not None:
            before = "deposits stopped" if self.suspended_deposits_only else "suspended"
            self._set_stop(None, "", deposits_only=False)
            note(self, field="suspended", before=before, actor=actor, because=because)

    def _set_stop(self, at: datetime | None, because: str, *, deposits_only: bool) -> None:
        self.suspended_at, self.suspended_because, self.suspended_deposits_only = at, because[:200], deposits_only
        self.save(update_fields=["suspended_at", "suspended_because", "suspended_deposits_only"])


class RelationshipEvent(StatusChange):
    """One change of a relationship."""

    row = models.ForeignKey(ACHRelationship, on_delete=models.PROTECT, related_name="events")
