"""Changes of what the broker holds of a customer, once their account is open.

`status` is written by `move` only (see brokerage.status). What was and what is wanted stay in the row,
sealed, until the answers are purged.
"""

import json
import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts import states
from accounts.models.brokerage import BrokerageAccount
from brokerage.append_only import AppendOnly
from brokerage.encryption import EncryptedTextField
from brokerage.status import LEASE, StatusChange, move

Values = dict[str, Any]


class DetailsChangeQuerySet(models.QuerySet["DetailsChange"]):
    """Questions about many changes."""

    def open(self) -> "DetailsChangeQuerySet":
        return self.filter(status__in=states.OPEN_CHANGE)

    def left_behind(self, *, now: datetime) -> "DetailsChangeQuerySet":
        """Return those whose sender must be dead."""
        return self.filter(status=states.SENDING, status_at__lt=now - LEASE)

    def due(self, *, now: datetime) -> "DetailsChangeQuerySet":
        """Return those to be sent, or looked up, now."""
        waiting = [states.RESERVED, states.NOT_SENT, states.UNKNOWN]
        return self.filter(status__in=waiting).filter(Q(next_at=None) | Q(next_at__lte=now))


class DetailsChange(models.Model):
    """One change of one kind of details of one account; one of a kind is open at a time. See states.py for `status`."""

    class Kind(models.TextChoices):
        CONTACT = "contact", "Contact details"
        WORK = "work", "Work"
        TRUSTED_CONTACT = "trusted_contact", "Trusted contact"
        DISCLOSURES = "disclosures", "Disclosures"
        EMAIL = "email", "E-mail address"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brokerage_account = models.ForeignKey(BrokerageAccount, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=20, choices=Kind)
    before_json = EncryptedTextField()  # the columns as they stood when it was asked for
    after_json = EncryptedTextField()  # the same columns as wanted
    form_key = models.UUIDField()
    status = models.CharField(max_length=20, default=states.RESERVED)
    status_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    refusal = models.CharField(max_length=500, blank=True)  # the broker's prose, for ops
    refusal_status = models.PositiveSmallIntegerField(null=True)  # the HTTP status that came with it
    tries = models.PositiveSmallIntegerField(default=0)
    may_be_there = models.BooleanField(default=False)  # an attempt ended in doubt, whatever came of a later one
    next_at = models.DateTimeField(null=True)  # nobody sends it, or looks it up, before this

    objects = DetailsChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["brokerage_account", "kind"],
                condition=Q(status__in=sorted(states.OPEN_CHANGE)),
                name="one_open_change_per_account_and_kind",
            ),
            models.UniqueConstraint(fields=["brokerage_account", "form_key"], name="one_change_per_form"),
        ]
        indexes = [
            models.Index(
                fields=["status_at"],
                name="details_change_open",
                condition=Q(status__in=sorted(states.OPEN_CHANGE)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, change {str(self.pk)[:8]}"

    @property
    def before(self) -> Values:
        found: Values = json.loads(self.before_json or "{}")
        return found

    @property
    def after(self) -> Values:
        found: Values = json.loads(self.after_json or "{}")
        return found

    @property
    def is_open(self) -> bool:
        return self.status in states.OPEN_CHANGE

    @property
    def can_be_called_off(self) -> bool:
        """Say whether nothing of it can have reached the broker, so that it can be dropped."""
        return self.status in states.UNSENT_CHANGE and not self.may_be_there

    @property
    def can_be_looked_up(self) -> bool:
        """Say whether the broker tells what it holds of this kind."""
        return self.kind != self.Kind.DISCLOSURES

    @property
    def is_unsure(self) -> bool:
        """Say whether it may be there and nobody but the broker's own people can find out."""
        return self.may_be_there and not self.can_be_looked_up

    def move(self, to: str, *, actor: str, because: str = "", evidence: Any = None, **also: Any) -> None:
        """Move to another status; from a doubt on, the row says that it may be there. Raises IllegalMove, LostRace."""
        also["status_at"] = timezone.now()
        also |= {"may_be_there": True} if to == states.UNKNOWN else {}
        move(
            self,
            field="status",
            to=to,
            moves=states.CHANGE_MOVES,
            actor=actor,
            because=because,
            evidence=evidence,
            also=also,
        )


class DetailsChangeEvent(StatusChange):
    """One change of the status of a change of details."""

    row = models.ForeignKey(DetailsChange, on_delete=models.PROTECT, related_name="events")

    append_only = AppendOnly(may_empty={"evidence": {}})
