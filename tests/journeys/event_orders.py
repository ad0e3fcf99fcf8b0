"""What the broker may say of one account and its transfers, as it stands on its streams, and how it all ends."""

import json
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from accounts.models import BrokerageAccount, StreamEvent
from accounts.operations import acting, keeping
from accounts.operations.keeping import Heard
from accounts.operations.streams import Stream
from brokerage import ulid
from brokerage.gateways import broker_streams
from funding import states
from funding.models import Case, Freeze, Reversal, Transfer
from tests import make
from tests.funding.standing import T0

# In the words of the broker, each with what else comes with it.
TRANSFER: list[dict[str, Any]] = [
    {"status_to": states.QUEUED},
    {"status_to": states.APPROVAL_PENDING},
    {"status_to": states.SENT_TO_CLEARING},
    {"status_to": "TELEPORTED"},
    {"status_to": states.COMPLETE},
    {"status_to": states.RETURNED, "reason": "R10 - Customer Advises Not Authorized"},
]
CANCELED: list[dict[str, Any]] = [
    {"status_to": states.QUEUED},
    {"status_to": states.CANCELED, "reason": "by the broker"},
]
ACCOUNT: list[dict[str, Any]] = [
    {"status_to": "ACTION_REQUIRED", "kyc_results": {"summary": "fail", "reject": {"IDENTITY_VERIFICATION": {}}}},
    {"status_to": "APPROVAL_PENDING", "account_blocked": True},
    {"status_to": "APPROVED", "account_number": "12345", "kyc_results": {"summary": "pass"}},
    {"status_to": "ACTIVE", "account_blocked": False},
    {"admin_configurations": {"outgoing_transfers_blocked": True, "restrict_to_liquidation_reasons": {"pdt": True}}},
    {"status_to": "ACCOUNT_UPDATED", "transfers_blocked": True},
]


@dataclass
class Tale:
    """Events of one thing, in the order in which they came to pass; each is a body of a stream."""

    stream: Stream
    of: Transfer | BrokerageAccount
    bodies: list[str]


def tale_of_transfer(stream: Stream, steps: list[dict[str, Any]], number: int = 0) -> Tale:
    account = make.account(make.user(f"{number}@example.com"), alpaca_id=f"account-{number}")
    transfer = make.transfer(make.relationship(account, alpaca_id=f"bank-{number}"), alpaca_id=f"transfer-{number}")
    about = {"account_id": account.alpaca_id, "entity_type": "Transfer", "entity_id": transfer.alpaca_id}
    return Tale(stream, transfer, [_body(stream, n, number, {**about, **step}) for n, step in enumerate(steps)])


def tale_of_account(stream: Stream, steps: list[dict[str, Any]], number: int = 0) -> Tale:
    account = make.account(make.user(f"{number}@example.com"), status="SUBMITTED", alpaca_id=f"account-{number}")
    about = {"account_id": account.alpaca_id}
    return Tale(stream, account, [_body(stream, n, number, {**about, **step}) for n, step in enumerate(steps)])


def _body(stream: Stream, step: int, number: int, said: dict[str, Any]) -> str:
    at = T0 + timedelta(minutes=step)
    named = {stream.feed.event_id: f"{ulid.first_at(at)[:20]}{number:06}", "at": at.isoformat()}
    return json.dumps(named | said)


def keep(stream: Stream, *bodies: str) -> None:
    """Keep events as if they came on the wire, all at once."""
    cursor = make.stream_read(stream.name, T0)
    heard = [Heard(broker_streams.said(stream.feed, body), T0 + timedelta(days=1), timedelta()) for body in bodies]
    keeping.keep(cursor, heard)


def act_on_all(stream: Stream) -> int:
    """Act on what waits, and on what was to wait longer; return on how many."""
    StreamEvent.objects.update(next_at=None)
    return acting.act_on_due(stream, holder="a test")


def tell(stream: Stream, bodies: list[str], chance: random.Random) -> None:
    """Tell events in this order, in batches with work between them; then each is acted on once more, backwards."""
    told = list(bodies)
    while told:
        size = chance.randint(1, len(told))
        keep(stream, *told[:size])
        act_on_all(stream)
        told = told[size:]
    for body in reversed(bodies):
        stream.act(body)


def end_of(tale: Tale) -> dict[str, Any]:
    """Return all that must not depend on the order of the news."""
    if isinstance(tale.of, BrokerageAccount):
        columns = ("status", "account_number", "kyc_results", "blocks", "liquidation_only", "news_at")
        return BrokerageAccount.objects.values(*columns).get(pk=tale.of.pk)
    found = Transfer.objects.select_related("relationship").get(pk=tale.of.pk)
    columns = ("status", "reason", "return_code", "settled_at", "ended_at", "news_at")
    bank = found.relationship
    assert bank
    return {name: getattr(found, name) for name in columns} | {
        "reversals": list(Reversal.objects.filter(transfer=found).values_list("amount", "return_code")),
        "bank": (bank.suspended_at is not None, bank.suspended_because),
        "cases": sorted(Case.objects.filter(transfer=found).values_list("kind", "because")),
        "frozen": Freeze.objects.filter(brokerage_account=found.brokerage_account).count(),
    }
