"""Questions about many transfers, in words that read as English; see transfers for the rows themselves."""

from datetime import datetime, timedelta
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts import states as account_states
from accounts.models import BrokerageAccount
from funding import states
from funding.models import blocks

if TYPE_CHECKING:
    from funding.models.transfers import Transfer  # noqa: F401 - named in the annotations

# After settling, a bank takes money back within 2 banking days, a customer may claim it within 60 calendar days.
RETURN_WINDOW = timedelta(days=65)
# What the desk's queues ask, one plain comparison after another: a list of words would hide the index from SQLite.
NOT_ACCEPTED = ~Q(sending="ACCEPTED")
UNFAMILIAR = reduce(and_, (~Q(status=word) for word in sorted(states.RANK)))
UNDER_WAY = reduce(
    and_, (~Q(status=word) for word in sorted([*states.FINAL, states.COMPLETE])), Q(sending=states.ACCEPTED)
)


class TransferQuerySet(models.QuerySet["Transfer"]):
    """Questions about many transfers."""

    def of(self, account: BrokerageAccount, direction: str) -> "TransferQuerySet":
        return self.filter(brokerage_account=account, direction=direction)

    def in_doubt(self) -> "TransferQuerySet":
        return self.filter(sending__in=states.IN_DOUBT)

    def perhaps_at_the_broker(self) -> "TransferQuerySet":
        """Return those that were sent, and of which we don't know the outcome."""
        return self.filter(sending__in=states.IN_DOUBT - states.UNSENT)

    def waiting_to_be_sent(self, *, since: datetime) -> "TransferQuerySet":
        return self.filter(sending=states.RESERVED, created_at__lt=since)

    def unhindered(self) -> "TransferQuerySet":
        """Return those that neither bank account nor brokerage account keeps here."""
        frozen = BrokerageAccount.objects.filter(freezes__isnull=False, freezes__lifted_at=None)
        goes_through = Q(relationship__suspended_at=None) | Q(
            direction=states.OUTGOING, relationship__suspended_deposits_only=True
        )
        no_deposits = Q(direction=states.INCOMING, relationship__item__health__in=states.NO_DEPOSITS)
        cut_off = no_deposits | Q(relationship__item__health__in=states.ACCESS_LOST)
        told = self.exclude(brokerage_account__in=frozen).alias(blocks_text=blocks.AS_TEXT)
        return told.filter(
            ~blocks.stopped(),
            goes_through,
            Q(relationship__item=None) | ~cut_off,
            relationship__lost_at=None,
            relationship__status=states.APPROVED,
            relationship__sending=states.ACCEPTED,
            relationship__ended_at=None,
            brokerage_account__status=account_states.ACTIVE,
        )

    def left_behind(self) -> "TransferQuerySet":
        """Return those whose sender died: past the lease and still SENDING."""
        return self.filter(sending=states.SENDING, attempt__lease_until__lt=timezone.now())

    def unknown(self) -> "TransferQuerySet":
        return self.filter(sending=states.UNKNOWN)

    def counted(self) -> "TransferQuerySet":
        """Return those that count against limits: all but what certainly moved no money."""
        return self.exclude(sending__in=states.NEVER_HAPPENED).exclude(status__in=states.ENDED_UNFUNDED)

    def moving(self) -> "TransferQuerySet":
        """Return those under way: in doubt, or accepted and not ended."""
        ended = [*states.FINAL, states.COMPLETE]
        return self.exclude(sending__in=states.NEVER_HAPPENED).exclude(status__in=ended)

    def under_reconciliation(self, *, now: datetime) -> "TransferQuerySet":
        """Return accepted ones that may still change: not ended, or settled within the return window."""
        bound = self.exclude(alpaca_id=None).exclude(status__in=states.FINAL)
        return bound.filter(~Q(status=states.COMPLETE) | Q(settled_at__gt=now - RETURN_WINDOW))

    def for_comparing(self) -> "TransferQuerySet":
        """Read of each what is held against the broker's, and no more: a run holds thousands of them."""
        own = (
            "origin",
            "direction",
            "amount",
            "sending",
            "status",
            "alpaca_id",
            "created_at",
            "expected_on",
            "accepted_at",
        )
        others = ("brokerage_account__alpaca_id", "relationship__alpaca_id", "attempt__transfer", "attempt__sent_at")
        return self.select_related("brokerage_account", "relationship", "attempt").only(*own, *others)

    def for_pages(self) -> "TransferQuerySet":
        return self.select_related("relationship__item", "attempt")

    def for_timeline(self) -> "TransferQuerySet":
        """Read with each transfer all that its story stands on, in as many queries for one as for a hundred."""
        rows = self.for_pages().select_related("authorization", "brokerage_account", "reversal")
        return rows.prefetch_related("events", "risk_decisions", "lookups", "cases__freezes")

    def unsent(self) -> "TransferQuerySet":
        return self.filter(sending__in=states.UNSENT)
