"""Rows as `receive` leaves them, and somebody in the place where items are read again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from brokerage.gateways.errors import require_no_transaction
from funding.models import PlaidItem, PlaidWebhook
from funding.operations import webhooks
from tests.funding.webhooks.plaid import message, pretty

START = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
SENDER = "worker of a test"


@dataclass
class Hearing:
    """Stands where items are read again: notes what it is told, and comes to grief as told to."""

    heard: list[tuple[str, str, str, Any]] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)

    def __call__(self, *, item: PlaidItem, kind: str, code: str, news: Any) -> None:
        require_no_transaction()
        self.heard.append((item.plaid_item_id, kind, code, news))
        if self.troubles:
            raise self.troubles.pop(0)


def came(kind: str = "ITEM", code: str = "ERROR", *, body: bytes | None = None, **more: Any) -> PlaidWebhook:
    """Make a row as `receive` does, of a message that is verified."""
    said = pretty(message(kind, code, **more)) if body is None else body
    made = webhooks._made_of(said, f"{PlaidWebhook.objects.count()} {timezone.now()}")
    made.save()
    return made


def act(hear: Callable[..., None]) -> int:
    return webhooks.act_on_due(sender=SENDER, hear=hear)


def status(row: PlaidWebhook) -> str:
    row.refresh_from_db()
    return row.status


def history(row: PlaidWebhook) -> list[str]:
    """Return what became of a row, in order of the words where the clock stood still."""
    events = sorted(row.events.all(), key=lambda event: (event.at, str(event)))
    return [f"{event} ({event.because})" if event.because else f"{event}" for event in events]
