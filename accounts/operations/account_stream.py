"""The broker's stream of brokerage accounts: what is done about one piece of its news.

Called by acting and following through ACCOUNTS; all news ends in account_status.
"""

from collections.abc import Iterator

from accounts import states
from accounts.findings import Finding
from accounts.models import BrokerageAccount
from accounts.models.streams import DONE, STRANGER, UNFAMILIAR
from accounts.operations import account_status
from accounts.operations.streams import Acted, Checkpoint, Stream
from brokerage.gateways import broker_streams
from brokerage.gateways.broker_answers import AccountEvent

# What the broker documents of an account event. https://docs.alpaca.markets/us/docs/sse-events
_IDS = {"account_id", "at", "event_ulid", "event_id"}
_OF_ACCOUNT = {"status_from", "status_to", "account_number", "kyc_results", "reason"}
_FLAGS = {
    "account_blocked",
    "trading_blocked",
    "transfers_blocked",
    "trade_suspended_by_user",
    "admin_configurations",
}
_NOT_USED_HERE = {"crypto_status_from", "crypto_status_to", "cash_interest", "options", "fpsl"}
DOCUMENTED = _IDS | _OF_ACCOUNT | _FLAGS | _NOT_USED_HERE


def act(body: str) -> Acted:
    """Apply one event. One of an account that we do not know may be of one that is about to be recorded."""
    event = broker_streams.account_event(body)
    if not event.account_id or _is_unfamiliar(event):
        names = ", ".join(sorted(str(name)[:40] for name in event.raw.keys() - DOCUMENTED))
        return Acted(UNFAMILIAR, event.account_id, why=names or "names no account")
    account = BrokerageAccount.objects.filter(alpaca_id=event.account_id).first()
    if account is None:
        return Acted(STRANGER, event.account_id, why="no account of ours")
    changes = account_status.apply(
        account=account,
        actor="broker",
        status=event.status,
        at=event.at,
        vendor_event_id=event.event_id or None,
        account_number=event.account_number,
        kyc_results=event.kyc_results,
        blocks=event.blocks,
        liquidation_only=event.liquidation_only,
    )
    return Acted(DONE, event.account_id, changes=changes)


def _is_unfamiliar(event: AccountEvent) -> bool:
    """Say whether an event tells nothing that we know, and something that the broker does not document."""
    tells = event.status or event.account_number or event.kyc_results or event.blocks or event.liquidation_only
    return not tells and bool(event.raw.keys() - DOCUMENTED)


def sweep(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Ask about each account that is on its way somewhere; yield each difference."""
    settled = [states.ACTIVE, states.REJECTED, states.CLOSED]
    for account in BrokerageAccount.objects.exclude(status__in=settled).order_by("pk").iterator(chunk_size=500):
        yield from account_status.reconcile_one(account=account)
        checkpoint()


ACCOUNTS = Stream(name=account_status.STREAM, feed=broker_streams.ACCOUNTS, act=act, sweep=sweep)
