"""What the broker says of a brokerage account: from its event stream, from a read, from a person of ops.

Called by account_stream, the worker, commands and admin; calls gateways.broker. All news ends in `apply`.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import states
from accounts.findings import Finding
from accounts.models import AccountEvent, BrokerageAccount
from accounts.operations import account_changes, telling_accounts
from accounts.operations.account_changes import Change, Hearing
from accounts.operations.telling_accounts import Standing
from brokerage import stopping
from brokerage.gateways import broker, broker_accounts
from brokerage.gateways.broker_answers import AccountAnswer, Balances
from brokerage.gateways.errors import VendorError, patience

log = logging.getLogger(__name__)

STREAM = "accounts/status"
# Cash is asked for again when it is older than this while someone looks, and never more often.
CASH_GOOD_FOR = timedelta(seconds=20)
PAGE_PATIENCE = 2  # seconds
# How many accounts one round of the worker compares; at three reads a second it takes a minute.
READ_AT_ONCE = 200
# What can change no more: closed, or rejected so long ago that it is purged. Whatever the stream tells is still heard.
AT_REST = Q(status=states.CLOSED) | Q(
    status=states.REJECTED, application__purged_at__isnull=False, application__saved_at=None
)


class Overtaken(Exception):
    """News came while the broker was asked, and may be newer than its answer: ask again."""


@dataclass(frozen=True)
class Question:
    """An account as it stood when the broker was asked about it, and when that was."""

    account: BrokerageAccount
    at: datetime

    @classmethod
    def about(cls, account: BrokerageAccount) -> "Question":
        return cls(BrokerageAccount.objects.get(pk=account.pk), timezone.now())

    @property
    def by_their_clock(self) -> datetime:
        """Return when it was asked, by the broker's clock as far as we know it."""
        return self.at + broker.clock_ahead()

    def require_unchanged(self, now: BrokerageAccount) -> None:
        """Raise Overtaken where the account does not stand any more where it stood."""
        if _standing(now) != _standing(self.account):
            raise Overtaken


def _standing(account: BrokerageAccount) -> tuple[Any, ...]:
    return account.status, account.blocks, account.liquidation_only, account.told_at


def apply(
    *,
    account: BrokerageAccount,
    actor: str,
    status: str = "",
    at: datetime | None = None,
    vendor_event_id: str | None = None,
    account_number: str = "",
    kyc_results: Mapping[str, Any] | None = None,
    blocks: Mapping[str, bool] | None = None,
    liquidation_only: Mapping[str, bool] | None = None,
    asked: Question | None = None,
) -> list[Change]:
    """Take one piece of news about an account, and return what it changed.

    What is empty was not told. `blocks` and `liquidation_only` hold the flags that were told, and leave the others.
    `at` is the broker's time of an event; an answer comes with what was `asked`. News that is older than what was heard
    of the same thing, or whose event was heard before, changes nothing.
    Raises Overtaken where the account has changed since the broker was asked.
    """
    with transaction.atomic(durable=True):
        account = BrokerageAccount.objects.select_for_update().get(pk=account.pk)
        if vendor_event_id and AccountEvent.objects.filter(vendor_event_id=vendor_event_id).exists():
            return []
        if asked:
            asked.require_unchanged(account)
        before, read_at = Standing.of(account), asked.by_their_clock if asked else None
        hearing = Hearing(account, actor=actor, at=at, vendor_event_id=vendor_event_id, read_at=read_at)
        hearing.hear_status(status)
        hearing.hear_number(account_number)
        hearing.hear_kyc(kyc_results)
        hearing.hear_flags(account_changes.BLOCKS, blocks or {})
        hearing.hear_flags(account_changes.LIQUIDATION, liquidation_only or {})
        hearing.keep()
        telling_accounts.tell_of_news(account, before)
    for change in hearing.changes:
        log.info("brokerage account %s %s", account.pk, change)
    return hearing.changes


def whole_set(held: Iterable[str], told: Iterable[str]) -> dict[str, bool]:
    """Return, as flags, what the broker tells as a whole set: what is not in it does not stand any more."""
    return dict.fromkeys(held, False) | dict.fromkeys(told, True)


def _at_once(read: Callable[..., Any], *args: Any) -> Any:
    return read(*args)


def reconcile(*, dry_run: bool = False, ask: Callable[..., Any] = _at_once) -> Iterator[Finding]:
    """Compare accounts that are not at rest with the broker, the longest waiting first; yield each difference.

    A round of the worker takes so many that it goes on to other things soon. The broker's word is taken over. One that
    may not follow ours, or that can't be read, is reported and left. `ask` calls what it is given, within the budget of
    a run, and may raise BrokerAway.
    """
    open_ones = BrokerageAccount.objects.exclude(AT_REST).order_by("checked_at", "pk")
    for account in stopping.while_wanted(open_ones[:READ_AT_ONCE]):
        yield from reconcile_one(account=account, dry_run=dry_run, ask=ask)
        if not dry_run:
            BrokerageAccount.objects.filter(pk=account.pk).update(checked_at=timezone.now())


def reconcile_one(
    *, account: BrokerageAccount, dry_run: bool = False, ask: Callable[..., Any] = _at_once
) -> Iterator[Finding]:
    """Compare one account with the broker; yield the difference, if there is one."""
    subject = f"brokerage account {account.pk}"
    question = Question.about(account)
    try:
        answer = ask(broker_accounts.get_account, account.alpaca_id)
    except VendorError as fault:
        yield Finding(subject, f"could not be compared: {fault}", mended=False, account=account.pk)
        return
    with suppress(Overtaken):
        yield from take_over(question, answer, dry_run=dry_run)


def take_over(question: Question, answer: AccountAnswer, *, dry_run: bool) -> Iterator[Finding]:
    """Yield what the broker's answer says otherwise than our account, and take its word over.

    In a dry run nothing is written, and what could be taken over counts as mended. Raises Overtaken.
    """
    asked = question.account
    what = list(_differences(asked, answer))
    if not what:
        return
    if dry_run:
        mended = asked.status == answer.status or states.account_may_move(asked.status, answer.status)
    else:
        changes = apply(
            account=asked,
            asked=question,
            actor="reconciliation",
            status=answer.status,
            account_number=answer.account_number,
            kyc_results=answer.kyc_results,
        )
        mended = asked.status == answer.status or any(change.field == "status" for change in changes)
    code = "ACCOUNT_BEHIND" if mended else "ACCOUNT_CONTRADICTS"
    yield Finding(
        f"brokerage account {asked.pk}", "; ".join(what), mended=mended, code=code, account=asked.pk,
        ours=asked.status, theirs=answer.status,
    )  # fmt: skip


def _differences(account: BrokerageAccount, answer: AccountAnswer) -> Iterator[str]:
    """Yield in words what differs; neither a number nor what KYC found out is among them."""
    if answer.status and answer.status != account.status:
        yield f"ours {account.status}, the broker's {answer.status}"
    if answer.account_number and answer.account_number != account.account_number:
        yield "another account number"
    if answer.kyc_results and answer.kyc_results != account.kyc_results and not account.is_purged:
        yield "other KYC results"


def refresh_cash(*, account: BrokerageAccount, ask: Callable[..., Any] = _at_once) -> bool:
    """Ask the broker what the account holds and keep it, its blocks too; return whether an answer came.

    The time kept is the one before asking: what was accepted after it may not be in the figure. `ask` calls what it is
    given, within the budget of a run.
    """
    question = Question.about(account)
    account.cash_asked_at = question.at
    try:
        told = ask(broker_accounts.get_balances, account.alpaca_id)
    except VendorError as fault:
        log.info("brokerage account %s: cash not read (%s)", account.pk, fault)
        account.save(update_fields=["cash_asked_at"])
        return False
    _keep_cash(account, told, asked_at=question.at)
    with suppress(Overtaken):
        take_over_flags(question, told, actor="broker")
    return True


def _keep_cash(account: BrokerageAccount, told: Balances, *, asked_at: datetime) -> None:
    """Keep what the account holds, unless somebody who asked later has kept that; `account` then has theirs."""
    older = Q(cash_as_of=None) | Q(cash_as_of__lte=asked_at)
    values = {"cash": told.cash, "cash_withdrawable": told.withdrawable, "equity": told.equity, "cash_as_of": asked_at}
    BrokerageAccount.objects.filter(older, pk=account.pk).update(**values, cash_asked_at=asked_at)
    account.refresh_from_db(fields=[*values, "cash_asked_at"])


def take_over_flags(question: Question, told: Balances, *, actor: str) -> list[Change]:
    """Keep the blocks that the broker's answer tells, as whole sets; return what changed. Raises Overtaken."""
    asked = question.account
    if not differing_flags(asked, told):
        return []
    return apply(
        account=asked,
        asked=question,
        actor=actor,
        blocks=whole_set(asked.blocks, told.blocks),
        liquidation_only=whole_set(asked.liquidation_only, told.liquidation_only),
    )


def differing_flags(account: BrokerageAccount, told: Balances) -> list[str]:
    """Return in words which blocks, and which reasons to sell only, the broker tells otherwise than we hold.

    An account that is not open is blocked as such, until its status says that it is open; that is no block of its own.
    """
    if account.status not in states.OPENED:
        return []
    pairs = (("blocks", account.blocks, told.blocks), ("sell only", account.liquidation_only, told.liquidation_only))
    return [
        f"{name}: ours {' '.join(held) or 'none'}, the broker's {' '.join(theirs) or 'none'}"
        for name, held, theirs in pairs
        if held != list(theirs)
    ]


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
