"""The broker's stream of transfers and bank relationships: what is done about one piece of its news, and after a batch.

Called by acting and following through FUNDING; all news ends in settlement. News of a transfer that we hold no row for
is told to the resolver before it counts as acted on, so that no certificate can be given past it.
"""

import logging
from collections.abc import Iterator, Sequence

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from accounts.models.streams import DONE, STRANGER, UNFAMILIAR
from accounts.operations import account_status
from accounts.operations.account_changes import Change
from accounts.operations.streams import Acted, Checkpoint, Stream
from brokerage.gateways import broker_streams
from brokerage.gateways.broker_answers import FundingEvent
from funding import states
from funding.models import Transfer
from funding.operations import reconciliation, resolving, return_rates, settlement
from funding.operations.settlement import BANK_RELATIONSHIP, TRANSFER

log = logging.getLogger(__name__)

# Wires and wallets are not used here. https://docs.alpaca.markets/us/docs/sse-events
_NOT_USED_HERE = {"WireBank", "FundingWallet"}


def act(body: str) -> Acted:
    """Apply one event. One about something that we do not know may be of an answer that is under way."""
    event = broker_streams.funding_event(body)
    if event.entity_type in _NOT_USED_HERE:
        return Acted(DONE, event.account_id)
    if not (event.entity_id and event.status):
        return Acted(UNFAMILIAR, event.account_id, why="names no entity_id or status_to")
    if not settlement.is_known(event):
        return _strange(event)
    before = settlement.apply_event(event)
    if before is None:
        return Acted(DONE, event.account_id)
    kind = "transfer" if isinstance(before, Transfer) else "relationship"
    change = Change(f"{kind} {event.entity_id}", before.status, event.status)
    return Acted(DONE, event.account_id, changes=[change])


def _strange(event: FundingEvent) -> Acted:
    """Tell the resolver of a transfer in an account of ours that we hold no row for; others are not ours."""
    if event.entity_type not in (TRANSFER, BANK_RELATIONSHIP):
        return Acted(UNFAMILIAR, event.account_id, why=f"entity_type {event.entity_type[:40]}")
    if not event.account_id:
        return Acted(UNFAMILIAR, why="names no account")
    if not BrokerageAccount.objects.filter(alpaca_id=event.account_id).exists():
        return Acted(DONE, event.account_id, why="no account of ours")
    if event.entity_type == TRANSFER:
        resolving.hear_of_stranger(account_id=event.account_id, alpaca_id=event.entity_id)
    return Acted(STRANGER, event.account_id, why=f"no {event.entity_type} of ours")


def after(acted: Sequence[Acted], checkpoint: Checkpoint) -> None:
    """See to what a batch left: transfers that we did not know, cash that has changed, debits that came back."""
    strange = {each.account_id for each in acted if each.state == STRANGER}
    changes = [(each.account_id, change) for each in acted for change in each.changes]
    touched = {account_id for account_id, change in changes if change.field.startswith("transfer")}
    for account in BrokerageAccount.objects.filter(alpaca_id__in=strange):
        checkpoint()
        for finding in reconciliation.reconcile_account(account=account):
            log.info("after news: %s: %s", finding.subject, finding.what)
    for account in BrokerageAccount.objects.filter(alpaca_id__in=touched | strange):
        checkpoint()
        if not account_status.refresh_cash(account=account):
            break  # the broker is away: the sweep reads the rest
    if strange or any(change.after == states.RETURNED for _, change in changes):
        return_rates.apply_brake()


def sweep(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Compare each account with a transfer that is under way; yield each difference."""
    moving = Transfer.objects.moving().values("brokerage_account")
    for account in BrokerageAccount.objects.filter(pk__in=moving).order_by("pk").iterator(chunk_size=500):
        yield from reconciliation.reconcile_account(account=account)
        checkpoint()


FUNDING = Stream(
    name=settlement.STREAM,
    feed=broker_streams.FUNDING,
    act=act,
    sweep=sweep,
    after=after,
    open_since=resolving.in_doubt_since,
)
