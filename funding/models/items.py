"""Passes through Plaid Link, and the logins at banks that come of them.

The health of a login is written by `move` only (see brokerage.status), which writes the history row with it.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

from brokerage.append_only import AppendOnly
from brokerage.encryption import EncryptedTextField
from brokerage.status import StatusChange, move
from funding import states

# A login whose account was never chosen: somebody closed the tab. Until then they may come back to it.
UNUSED_FOR = timedelta(hours=24)


class ItemQuerySet(models.QuerySet["PlaidItem"]):
    """Questions about many logins."""

    def held(self) -> "ItemQuerySet":
        """Return those that Plaid holds for us, or did when we last heard."""
        return self.filter(removed_at=None)

    def in_use(self) -> "ItemQuerySet":
        return self.held().filter(Exists(_living_links()))

    def out_of_use(self, *, now: datetime) -> "ItemQuerySet":
        """Return those to be removed: none of their accounts is linked any more, or none was chosen for a day."""
        spent = Exists(_links().exclude(ended_at=None)) | Q(created_at__lt=now - UNUSED_FOR) | ~Q(dropped_at=None)
        return self.held().filter(spent).exclude(Exists(_living_links()))

    def unread_since(self, moment: datetime) -> "ItemQuerySet":
        """Return those last read before a moment, or before their customer signed in again, longest unread first."""
        stale = Q(read_at=None) | Q(read_at__lt=moment) | Q(read_at__lt=F("repaired_at"))
        return self.filter(stale).order_by(F("read_at").asc(nulls_first=True), "pk")


def _links() -> Any:
    """Return the relationships of an outer query's item; their module stands on this one."""
    relationships: Any = PlaidItem._meta.get_field("relationships").related_model
    return relationships.objects.filter(item=OuterRef("pk"))


def _living_links() -> Any:
    return _links().filter(ended_at=None)


class PlaidItem(models.Model):
    """One login at one bank. The access token is our key to it: sealed at rest, shown nowhere, destroyed at the end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="items")
    plaid_item_id = models.CharField(max_length=64, unique=True)
    access_token = EncryptedTextField(blank=True, default="")
    institution_id = models.CharField(max_length=40, blank=True)
    institution_name = models.CharField(max_length=100, blank=True)
    auth_method = models.CharField(max_length=40, blank=True)  # Plaid's word for how the account was verified
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    health = models.CharField(max_length=20, default=states.GOOD)
    health_at = models.DateTimeField(default=timezone.now)
    error_code = models.CharField(max_length=60, blank=True)  # Plaid's own word
    disconnects_at = models.DateTimeField(null=True)  # when the bank is to end our access
    read_at = models.DateTimeField(null=True)  # when Plaid last told how it is
    asked_at = models.DateTimeField(null=True)  # when the worker last asked, also when no answer came
    repaired_at = models.DateTimeField(null=True)  # when Link last said that the customer has signed in again
    repair_asked_at = models.DateTimeField(null=True)  # when ops last asked the customer to sign in again

    dropped_at = models.DateTimeField(null=True)  # given up: no account of it may be linked any more
    # Removing it at Plaid: tried until Plaid has it no more.
    removal_tries = models.PositiveSmallIntegerField(default=0)
    removal_next_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(removed_at=None) | Q(access_token=""), name="removed_item_has_no_token"),
        ]
        indexes = [
            models.Index(fields=["read_at"], name="item_to_read", condition=Q(removed_at=None)),
            models.Index(fields=["created_at"], name="item_held", condition=Q(removed_at=None)),
            models.Index(Lower("institution_name"), name="item_of_bank"),
            models.Index(
                fields=["health_at"],
                name="item_in_trouble",
                condition=Q(health__in=[states.SIGN_IN, states.EXPIRING, states.REVOKED, states.GONE]),
            ),
        ]

    def __str__(self) -> str:
        return f"Item at {self.institution_name or 'a bank'}"

    @property
    def repairable(self) -> bool:
        """Say whether signing in at the bank again may help; access that was taken back needs a new link."""
        return self.health in (states.SIGN_IN, states.EXPIRING)

    @property
    def signed_in_again(self) -> bool:
        """Say whether its customer has signed in since it was last read."""
        return self.repaired_at is not None and (self.read_at is None or self.read_at < self.repaired_at)

    def move_health(
        self, to: str, *, actor: str, because: str = "", evidence: dict[str, Any] | None = None, **also: Any
    ) -> None:
        """Move the health. Raises IllegalMove, LostRace."""
        also["health_at"] = timezone.now()
        move(
            self,
            field="health",
            to=to,
            moves=states.HEALTH_MOVES,
            actor=actor,
            because=because,
            evidence=evidence,
            also=also,
        )


class ItemEvent(StatusChange):
    """One change of a login."""

    row = models.ForeignKey(PlaidItem, on_delete=models.PROTECT, related_name="events")

    append_only = AppendOnly()


class LinkSession(models.Model):
    """One pass through Plaid Link. Its public token is used once, whatever the browser does.

    For a new login its outcome is an item; one that repairs or verifies works on the item that it `updates`.
    """

    class Purpose(models.TextChoices):
        LINK = "LINK", "Link a bank"
        REPLACE = "REPLACE", "Link another bank instead"
        REPAIR = "REPAIR", "Sign in again"
        VERIFY = "VERIFY", "Enter the code of a small deposit"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="link_sessions")
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.LINK)
    updates = models.ForeignKey(PlaidItem, on_delete=models.PROTECT, null=True, related_name="updating_sessions")
    link_token = EncryptedTextField(blank=True, default="")  # dropped once Link is done
    request_id = models.CharField(max_length=80, blank=True)  # Plaid's; its support asks for it
    expires_at = models.DateTimeField(null=True)  # of the link token
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Claimed by whoever finishes first; unique, so that two tabs cannot spend one token twice.
    public_token_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001
    claimed_at = models.DateTimeField(null=True, editable=False)
    item = models.OneToOneField("PlaidItem", on_delete=models.PROTECT, null=True, related_name="link_session")
    # Why no item came of it; "orphan" means that Plaid may hold one that we never learned the key of.
    outcome = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=["LINK", "REPLACE"], updates__isnull=True)
                | Q(purpose__in=["REPAIR", "VERIFY"], updates__isnull=False, item__isnull=True),
                name="link_session_updates_what_there_is",
            )
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="link_session_open", condition=Q(outcome="")),
            models.Index(fields=["request_id"], name="link_session_of_request"),
        ]

    def __str__(self) -> str:
        return f"Link session {str(self.pk)[:8]}"

    @property
    def is_open(self) -> bool:
        """Say whether Link may still be opened with its token."""
        live = self.expires_at is None or self.expires_at > timezone.now()
        return live and not self.outcome and self.claimed_at is None and bool(self.link_token)


class LinkEvent(models.Model):
    """What Link said while somebody passed through it. From the browser, so for support only: nothing depends on it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(LinkSession, on_delete=models.PROTECT, related_name="events")
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    name = models.CharField(max_length=60)
    link_session_id = models.CharField(max_length=80, blank=True)
    request_id = models.CharField(max_length=80, blank=True)
    details = models.JSONField(default=dict)  # view, institution, error and exit codes, as Link names them

    append_only = AppendOnly()

    class Meta:
        ordering = ["received_at", "id"]
        indexes = [
            models.Index(fields=["session", "received_at"], name="event_of_link_session"),
            models.Index(fields=["link_session_id"], name="link_event_of_session_id"),
            models.Index(fields=["request_id"], name="link_event_of_request"),
        ]

    def __str__(self) -> str:
        return self.name
