"""A transfer with everything that was written down about it, which is what most invariants are about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from funding import states
from funding.models import Reversal, SendAttempt, Transfer, TransferEvent
from funding.operations.invariants.pages import Page, pages

# How far apart the clocks of our own machines may be before we call an order of times wrong.
CLOCKS_APART = timedelta(seconds=2)
NEVER_SENT = states.UNSENT | {states.WITHDRAWN, states.DECLINED}


@dataclass
class Story:
    """One transfer: its row, its attempts, its history and its reversals, as the database holds them."""

    row: Any
    attempts: list[Any]
    events: list[Any]
    reversals: list[Any]

    @property
    def asked_for_here(self) -> bool:
        return bool(self.row.origin == Transfer.Origin.CUSTOMER)

    @property
    def is_debit(self) -> bool:
        return self.asked_for_here and bool(self.row.direction == states.INCOMING)

    @cached_property
    def amount(self) -> Decimal | None:
        return amount(self.row.amount_text)

    def moves(self, field: str) -> list[Any]:
        return [event for event in self.events if event.field == field]


def amount(text: str) -> Decimal | None:
    """Return an amount as the database holds it, None where that is no number.

    Read as text: a DecimalField of SQLite's would round what should not be there before we see it.
    """
    try:
        read = Decimal(text)
    except (InvalidOperation, TypeError):
        return None
    return read if read.is_finite() else None


def as_text(column: str) -> Cast:
    return Cast(F(column), TextField())


def page_by_page() -> Iterator[Page]:
    """Yield every transfer, and what hangs on it."""
    return pages(
        _transfers(),
        attempts=SendAttempt.objects.values_list(
            "transfer_id", "sent_at", "answered_at", "http_status", "answer", named=True
        ),
        events=TransferEvent.objects.filter(field__in=["sending", "status"]).values_list(
            "row_id", "field", "before", "after", "at", named=True
        ),
        reversals=Reversal.objects.annotate(amount_text=as_text("amount")).values_list(
            "transfer_id", "amount_text", named=True
        ),
    )


def _transfers() -> QuerySet[Any]:
    columns = (
        "pk",
        "brokerage_account_id",
        "origin",
        "direction",
        "parameters_hash",
        "sending",
        "status",
        "alpaca_id",
        "created_at",
        "accepted_at",
        "settled_at",
        "ended_at",
        "relationship_id",
        "authorization__created_at",
        "authorization__relationship_id",
        "cleared_by__at",
        "cleared_by__outcome",
        "cleared_by__transfer_id",
    )
    texts = {"amount_text": as_text("amount"), "authorized_text": as_text("authorization__amount")}
    return Transfer.objects.annotate(**texts).values_list(*columns, *texts, named=True)


def told(page: Page) -> Iterator[Story]:
    """Yield the stories of a page."""
    for row in page.rows:
        yield Story(row, **{name: by_row.get(row.pk, []) for name, by_row in page.hanging.items()})
