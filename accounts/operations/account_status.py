"""What the broker says of a brokerage account: from its event stream, from a read, from a person of ops.

Called by the worker, commands and admin; calls gateways.broker. All news ends in `apply`.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import states
from accounts.findings import Finding
from accounts.models import AccountEvent, BrokerageAccount
from accounts.operations import news
from brokerage.gateways import broker, broker_accounts
from brokerage.gateways.broker_answers import AccountAnswer
from brokerage.gateways.errors import VendorError, patience

log = logging.getLogger(__name__)

STREAM = "accounts/status"
# Cash is asked for again when it is older than this while someone looks, and never more often.
CASH_GOOD_FOR = timedelta(seconds=20)
PAGE_PATIENCE = 2  # seconds


def apply(
    *,
    account: BrokerageAccount,
    status: str,
    actor: str,
    at: datetime | None = None,
    vendor_event_id: str | None = None,
    account_number: str = "",
    kyc_results: dict[str, Any] | None = None,
) -> bool:
    """Take one piece of news about an account; return whether its status moved.

    News that is older than what was applied already, or seen before, changes nothing.
    """
    with transaction.atomic(durable=True):
        account = BrokerageAccount.objects.select_for_update().get(pk=account.pk)
        if vendor_event_id and AccountEvent.objects.filter(vendor_event_id=vendor_event_id).exists():
            return False
        if at and account.news_at and at < account.news_at:
            return False
        _keep_details(account, at=at, account_number=account_number, kyc_results=kyc_results)
        if not states.account_may_move(account.status, status):
            return False
        account.move(status, actor=actor, vendor_event_id=vendor_event_id)
    if status not in states.KNOWN:
        log.error("brokerage account %s: unfamiliar status %r kept", account.pk, status)
    log.info("brokerage account %s → %s", account.pk, status)
    return True


def _keep_details(
    account: BrokerageAccount, *, at: datetime | None, account_number: str, kyc_results: dict[str, Any] | None
) -> None:
    if at:
        account.news_at = at
    if account_number:
        account.account_number = account_number
    if kyc_results is not None:
        account.kyc_results = kyc_results
    account.save(update_fields=["news_at", "account_number", "kyc_results"])


def read_news() -> int:
    """Apply what the broker's account stream says since we last read it; return how many events. Raises VendorError."""
    return news.read_stream(name=STREAM, fetch=broker.account_events, apply=_apply_event)


def _apply_event(event: broker.AccountEvent) -> None:
    account = BrokerageAccount.objects.filter(alpaca_id=event.account_id).first()
    if account is None:
        return  # opened by another door of the broker, or not recorded yet: reconciliation reads it again
    apply(
        account=account,
        status=event.status,
        actor="broker",
        at=event.at,
        vendor_event_id=event.event_id or None,
        account_number=event.account_number,
        kyc_results=event.kyc_results,
    )


def reconcile(*, dry_run: bool = False) -> Iterator[Finding]:
    """Compare every account that is not closed with the broker; yield each difference.

    The broker's word is taken over. One that may not follow ours, or that can't be read, is reported and left.
    """
    for account in BrokerageAccount.objects.exclude(status=states.CLOSED).order_by("pk").iterator(chunk_size=500):
        yield from reconcile_one(account=account, dry_run=dry_run)


def reconcile_one(*, account: BrokerageAccount, dry_run: bool = False) -> Iterator[Finding]:
    """Compare one account with the broker; yield the difference, if there is one."""
    subject = f"brokerage account {account.pk}"
    try:
        answer = broker_accounts.get_account(account.alpaca_id)
    except VendorError as fault:
        yield Finding(subject, f"could not be compared: {fault}", mended=False)
        return
    if answer.status != account.status:
        what = f"ours {account.status}, the broker's {answer.status}"
        yield Finding(subject, what, mended=_mend(account, answer, dry_run=dry_run))


def _mend(account: BrokerageAccount, answer: AccountAnswer, *, dry_run: bool) -> bool:
    """Take the broker's status over, and say whether that can be done (in a dry run: could)."""
    if dry_run:
        return states.account_may_move(account.status, answer.status)
    return apply(
        account=account,
        status=answer.status,
        actor="reconciliation",
        account_number=answer.account_number,
        kyc_results=answer.kyc_results,
    )


def refresh_cash(*, account: BrokerageAccount) -> bool:
    """Ask the broker for the account's cash and keep it; return whether an answer came.

    The time kept is the one before asking: what was accepted after it may not be in the figure.
    """
    asked_at = timezone.now()
    account.cash_asked_at = asked_at
    try:
        told = broker_accounts.get_balances(account.alpaca_id)
    except VendorError as fault:
        log.info("brokerage account %s: cash not read (%s)", account.pk, fault)
        account.save(update_fields=["cash_asked_at"])
        return False
    account.cash, account.cash_withdrawable, account.cash_as_of = told.cash, told.withdrawable, asked_at
    account.save(update_fields=["cash", "cash_withdrawable", "cash_as_of", "cash_asked_at"])
    return True


def refresh_cash_if_old(*, account: BrokerageAccount) -> bool:
    """Refresh cash that is older than 20 seconds, for a page; return whether what we hold is fresh.

    The page waits no longer than two seconds, and right after an attempt that failed it does not try again.
    """
    now = timezone.now()
    if account.cash_as_of and account.cash_as_of > now - CASH_GOOD_FOR:
        return True
    if account.cash_asked_at and account.cash_asked_at > now - CASH_GOOD_FOR:
        return False
    with patience(PAGE_PATIENCE):
        return refresh_cash(account=account)
