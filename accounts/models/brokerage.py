"""The accounts that the broker opened, in the broker's own words."""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts import states
from accounts.models.applications import Application
from brokerage.append_only import AppendOnly
from brokerage.status import StatusChange, move, note

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class BrokerageAccount(models.Model):
    """What the broker opened for one person; `status` is the broker's own word. Its row is the lock for its money."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="brokerage_account")
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="brokerage_account")
    alpaca_id = models.CharField(max_length=64, unique=True)
    account_number = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=40)
    kyc_results = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    status_at = models.DateTimeField(default=timezone.now, editable=False)
    news_at = models.DateTimeField(null=True, editable=False)  # the broker's time of the newest news applied
    # The same for each thing that news may tell ("status", a block's name): an event tells only what has changed.
    told_at = models.JSONField(default=dict, blank=True, editable=False)

    # The broker's last word on the cash, in US dollars, and when we asked.
    cash = models.DecimalField(max_digits=14, decimal_places=2, null=True, editable=False)
    cash_withdrawable = models.DecimalField(max_digits=14, decimal_places=2, null=True, editable=False)
    equity = models.DecimalField(max_digits=14, decimal_places=2, null=True, editable=False)
    cash_as_of = models.DateTimeField(null=True, editable=False)
    cash_asked_at = models.DateTimeField(null=True, editable=False)  # also when no answer came
    # The broker's own blocks that stand, by its words ("outgoing_transfers_blocked"), sorted.
    blocks = models.JSONField(default=list, blank=True, editable=False)
    # Why the broker lets the customer sell and nothing else ("ach_return"), sorted; empty as a rule.
    liquidation_only = models.JSONField(default=list, blank=True, editable=False)
    # When all its transfers were last held against the broker's whole list.
    compared_at = models.DateTimeField(null=True, editable=False)
    # When the account itself was last held against the broker's; what waits longest is read first.
    checked_at = models.DateTimeField(default=NEVER, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["account_number"], name="account_of_number"),
            models.Index(
                fields=["status_at"],
                name="account_opening",
                condition=~models.Q(status__in=["ACTIVE", "ACCOUNT_CLOSED"]),
            ),
            models.Index(fields=["checked_at", "id"], name="account_checked_longest_ago"),
            models.Index(
                fields=["status_at"],
                name="account_over",
                condition=models.Q(status__in=[states.CLOSED, states.REJECTED]),
            ),
        ]

    def __str__(self) -> str:
        return f"Brokerage account {self.number_mask or self.alpaca_id[:8]}"

    @property
    def number_mask(self) -> str:
        return self.account_number[-4:]

    @property
    def holder(self) -> str:
        return self.application.full_name

    @property
    def is_active(self) -> bool:
        """Say whether money may move; only while the broker says ACTIVE."""
        return self.status == states.ACTIVE

    def kyc_codes(self, verdict: str) -> list[str]:
        """Return the codes that the broker accepts, finds indeterminate or rejects, in its own words and order."""
        results = self.kyc_results if isinstance(self.kyc_results, dict) else {}
        codes = results.get(verdict)
        return [code for code in codes if isinstance(code, str)] if isinstance(codes, dict | list) else []

    @property
    def takes_deposits(self) -> bool:
        """Say whether the broker's own blocks let money in.

        That it lets the customer only sell says nothing of it: after a deposit that came back, another one mends it.
        """
        return not states.STOP_DEPOSITS.intersection(self.blocks)

    @property
    def takes_withdrawals(self) -> bool:
        """Say whether the broker's own blocks let money out."""
        return not states.STOP_WITHDRAWALS.intersection(self.blocks)

    @property
    def is_purged(self) -> bool:
        """Say whether it is over and nothing personal of it is kept: what the broker tells of that is not heard."""
        return self.status in states.OVER and self.application.is_purged

    @property
    def takes_documents(self) -> bool:
        """Say whether the broker would look at a document now."""
        return self.status in states.TAKES_DOCUMENTS

    def move(self, to: str, *, actor: str, vendor_event_id: str | None = None, because: str = "", **also: Any) -> None:
        """Move to the broker's word `to`. Raises IllegalMove, LostRace."""
        allowed = {self.status: {to}} if states.account_may_move(self.status, to) else {}
        also["status_at"] = timezone.now()
        move(
            self,
            field="status",
            to=to,
            moves=allowed,
            actor=actor,
            because=because,
            vendor_event_id=vendor_event_id,
            also=also,
        )

    def begin_history(self, *, actor: str, because: str) -> None:
        """Write the first history row."""
        note(self, field="status", after=self.status, actor=actor, because=because)


class AccountEvent(StatusChange):
    """One change of a brokerage account: its status, a block ("blocks", "liquidation"), or the KYC results ("kyc").

    Another reason to freeze it while it is frozen stands here, too ("freeze").
    """

    row = models.ForeignKey(BrokerageAccount, on_delete=models.PROTECT, related_name="events")

    append_only = AppendOnly(may_empty={"evidence": {}})
