"""The end of a brokerage account, as its owner asked for it. `status` is written by `move` only."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import BrokerageAccount
from brokerage.append_only import AppendOnly
from brokerage.status import LEASE, StatusChange, move
from funding import states


class ClosingQuerySet(models.QuerySet["Closing"]):
    """Questions about many closings."""

    def open(self) -> "ClosingQuerySet":
        return self.filter(status__in=states.OPEN_CLOSING)

    def left_behind(self) -> "ClosingQuerySet":
        """Return those whose sender must be dead."""
        return self.filter(status=states.SENDING, status_at__lt=timezone.now() - LEASE)

    def due(self) -> "ClosingQuerySet":
        """Return those to be sent, or looked up, now."""
        waiting = self.filter(status__in=[states.RESERVED, states.UNKNOWN])
        return waiting.filter(Q(next_at=None) | Q(next_at__lte=timezone.now()))


class Closing(models.Model):
    """One wish to close one account; one is open at a time. See states.py for `status`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brokerage_account = models.ForeignKey(BrokerageAccount, on_delete=models.PROTECT, related_name="closings")
    form_key = models.UUIDField(unique=True)
    status = models.CharField(max_length=20, default=states.RESERVED)
    status_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    reason = models.CharField(max_length=500, blank=True)  # the broker's prose, for ops
    answer_status = models.PositiveSmallIntegerField(null=True)  # the HTTP status of the last answer that was no yes
    tries = models.PositiveSmallIntegerField(default=0)
    may_be_there = models.BooleanField(default=False)  # an attempt ended in doubt, whatever came of a later one
    next_at = models.DateTimeField(null=True)  # nobody sends it, or looks it up, before this
    ip_address = models.GenericIPAddressField()
    user_agent = models.CharField(max_length=300, blank=True)

    objects = ClosingQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["brokerage_account"],
                condition=Q(status__in=sorted(states.OPEN_CLOSING)),
                name="one_open_closing_per_account",
            )
        ]

    def __str__(self) -> str:
        return f"Closing {str(self.pk)[:8]}"

    @property
    def can_be_called_off(self) -> bool:
        """Say whether nothing of it can have reached the broker."""
        return self.status == states.RESERVED and not self.may_be_there

    def move(self, to: str, *, actor: str, because: str = "", evidence: Any = None, **also: Any) -> None:
        """Move to another status; from a doubt on, the row says that it may be there. Raises IllegalMove, LostRace."""
        also["status_at"] = timezone.now()
        also |= {"may_be_there": True} if to == states.UNKNOWN else {}
        move(
            self,
            field="status",
            to=to,
            moves=states.CLOSING_MOVES,
            actor=actor,
            because=because,
            evidence=evidence,
            also=also,
        )


class ClosingEvent(StatusChange):
    """One change of a closing's status."""

    row = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="events")

    append_only = AppendOnly(may_empty={"evidence": {}})
