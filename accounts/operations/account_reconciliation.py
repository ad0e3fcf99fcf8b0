"""Everything about brokerage accounts held against the broker, and against itself.

Called by the reconciling operations of the other app. May be stopped anywhere and run again: what has waited longest is
read first.
"""

import logging
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from accounts import states
from accounts.findings import Finding
from accounts.models import Application, BrokerageAccount
from accounts.operations import account_details, account_status, onboarding, people_check
from accounts.operations.account_status import Overtaken, Question
from accounts.operations.asking import Asking, KeysRefused
from brokerage.gateways import broker_accounts
from brokerage.gateways.broker_answers import AccountAnswer, Balances
from brokerage.gateways.errors import OutcomeUnknown, Refused, VendorError

log = logging.getLogger(__name__)

ACTOR = "reconciliation"
BATCH = 500
UNKNOWN = "ACCOUNT_UNKNOWN"
# An account may be created at the broker a while before we learn its id.
BEFORE_OURS = timedelta(days=1)


class NoSuchAccount(Exception):
    """We hold no account of that id."""


@dataclass(frozen=True)
class Scope:
    """What is to be compared: one account, those created or changed since, or all (`full`: those at rest, too).

    `due`: only what moves, and what was not compared for long.
    """

    account: BrokerageAccount | None = None
    since: datetime | None = None
    full: bool = False
    due: bool = False

    @property
    def accounts(self) -> QuerySet[BrokerageAccount]:
        accounts = BrokerageAccount.objects.select_related("application", "user")
        if self.account:
            return accounts.filter(pk=self.account.pk)
        if not self.full:
            accounts = accounts.exclude(account_status.AT_REST)
        if self.since:
            accounts = accounts.filter(Q(created_at__gte=self.since) | Q(status_at__gte=self.since))
        return accounts


def account_named(name: str) -> BrokerageAccount:
    """Return our account by our id or the broker's. Raises NoSuchAccount."""
    named = Q(alpaca_id=name)
    with suppress(ValueError):
        named |= Q(pk=uuid.UUID(name))
    account = BrokerageAccount.objects.filter(named).first()
    if account is None:
        raise NoSuchAccount
    return account


def compare(
    scope: Scope, *, dry_run: bool, asking: Asking, since: datetime | None = None
) -> Iterator[tuple[uuid.UUID | None, list[Finding]]]:
    """Compare all that `scope` names; yield our id of each account, and what differs there; what can be mended is.

    Under None stands what is of no account of ours, as the last one. What was compared after `since`, when a run that
    is carried on had begun, is left out. Raises BrokerAway where the rest has to wait.
    """
    return _Run(scope, dry_run=dry_run, asking=asking, since=since or timezone.now()).groups()


class _Run:
    def __init__(self, scope: Scope, *, dry_run: bool, asking: Asking, since: datetime) -> None:
        self.scope, self.dry_run, self.asking, self.since = scope, dry_run, asking, since

    def groups(self) -> Iterator[tuple[uuid.UUID | None, list[Finding]]]:
        of_none = list(self._people())
        try:
            for account in _longest_ago_first(self.scope.accounts, began_at=self.since):
                found = list(self._compare(account))
                self._note_checked(account)
                yield account.pk, found
            if self.scope.account is None:
                of_none += self._strangers()
        except KeysRefused:
            of_none.append(Finding("the broker", "refuses our keys, so nothing could be compared", mended=False))
        yield None, of_none

    def _people(self) -> Iterator[Finding]:
        if self.scope.account:
            return people_check.check_one(self.scope.account, dry_run=self.dry_run)
        return people_check.check_all(dry_run=self.dry_run)

    def _note_checked(self, account: BrokerageAccount) -> None:
        if not self.dry_run:
            BrokerageAccount.objects.filter(pk=account.pk).update(checked_at=timezone.now())

    def _compare(self, account: BrokerageAccount) -> Iterator[Finding]:
        """Yield how the broker's account differs from ours: its status and findings, its blocks, its person."""
        question = Question.about(account)
        subject = f"brokerage account {account.pk}"
        try:
            answer = self.asking.ask(broker_accounts.get_account, account.alpaca_id)
            told = self._balances(account)
        except Refused as refusal:
            yield self._refused(account, refusal)
            return
        except VendorError as fault:
            yield Finding(subject, f"could not be compared: {fault}", mended=False, account=account.pk)
            return
        with suppress(Overtaken):  # what came meanwhile is newer than what was read
            yield from account_status.take_over(question, answer, dry_run=self.dry_run)
        if told:
            with suppress(Overtaken):
                yield from self._flags(account, told)
        if fields := account_details.differing(account, answer):
            names = ", ".join(fields)
            yield Finding(
                subject, f"the broker has other details: {names}", mended=False, code="ACCOUNT_DETAILS",
                account=account.pk, theirs=f"other {names}",
            )  # fmt: skip

    def _balances(self, account: BrokerageAccount) -> Balances | None:
        """Return what the broker forbids the account; an account that is not open yet may have no answer to that."""
        try:
            return self.asking.ask(broker_accounts.get_balances, account.alpaca_id)
        except OutcomeUnknown as doubt:
            if doubt.http_status != 200:
                raise
            return None

    def _refused(self, account: BrokerageAccount, refusal: Refused) -> Finding:
        """Say what a refused read means. Raises KeysRefused where the broker would refuse any other, too."""
        if not self.asking.keys_are_good():
            raise KeysRefused
        subject = f"brokerage account {account.pk}"
        if refusal.http_status in (401, 404):
            what = "the broker does not know it"
            return Finding(
                subject, what, mended=False, code="ACCOUNT_NOT_THERE", account=account.pk, ours=account.status
            )
        return Finding(subject, f"could not be compared: {refusal}", mended=False, account=account.pk)

    def _flags(self, account: BrokerageAccount, told: Balances) -> Iterator[Finding]:
        question = Question.about(account)
        lines = account_status.differing_flags(question.account, told)
        if not lines:
            return
        if not self.dry_run:
            account_status.take_over_flags(question, told, actor=ACTOR)
        yield Finding(
            f"brokerage account {account.pk}", "; ".join(lines), mended=True, code="ACCOUNT_BEHIND", account=account.pk
        )

    def _strangers(self) -> Iterator[Finding]:
        """Yield the broker's accounts that we do not hold; one that an application of ours waits for is adopted."""
        begin = None if self.scope.full else _first_of_ours()
        if begin is None and not self.scope.full:
            return
        if begin and self.scope.since:
            begin = max(begin, self.scope.since)
        try:
            listed = self.asking.ask(broker_accounts.list_accounts, created_after=begin)
        except Refused as refusal:
            if not self.asking.keys_are_good():
                raise KeysRefused from None
            yield Finding("the broker's list of accounts", f"could not be read: {refusal}", mended=False)
            return
        except VendorError as fault:
            yield Finding("the broker's list of accounts", f"could not be read: {fault}", mended=False)
            return
        for start in range(0, len(listed), BATCH):
            some = listed[start : start + BATCH]
            ids = [answer.alpaca_id for answer in some]
            held = set(BrokerageAccount.objects.filter(alpaca_id__in=ids).values_list("alpaca_id", flat=True))
            for answer in some:
                if answer.alpaca_id not in held:
                    yield self._stranger(answer)

    def _stranger(self, answer: AccountAnswer) -> Finding:
        subject = f"the broker's account {answer.alpaca_id}"
        waiting = Q(status__in=[states.READY, states.UNKNOWN], user__email__iexact=answer.email)
        application = Application.objects.filter(waiting).first() if answer.email else None
        if application is None:
            return Finding(subject, "not ours", mended=False, code=UNKNOWN, ours="not held", theirs=answer.status)
        what = f"application {application.pk} waits for it"
        if self.dry_run:
            return Finding(subject, what, mended=True, code=UNKNOWN)
        if application.status == states.READY:
            onboarding.send(application=application, sender=ACTOR)  # refused as known there, and then looked up
        else:
            onboarding.look_up(application=application)
        adopted = BrokerageAccount.objects.filter(alpaca_id=answer.alpaca_id, application=application).exists()
        if adopted:
            return Finding(subject, what, mended=True, code=UNKNOWN)
        return Finding(subject, f"{what}, and is another person's", mended=False, code=UNKNOWN, theirs=answer.status)


def _longest_ago_first(accounts: QuerySet[BrokerageAccount], *, began_at: datetime) -> Iterator[BrokerageAccount]:
    """Yield each account once, some at a time, that of the longest unread first."""
    rest = accounts.filter(checked_at__lt=began_at).order_by("checked_at", "pk")
    some = list(rest[:BATCH])
    while some:
        yield from some
        last = some[-1]
        further = Q(checked_at__gt=last.checked_at) | Q(checked_at=last.checked_at, pk__gt=last.pk)
        some = list(rest.filter(further)[:BATCH])


def _first_of_ours() -> datetime | None:
    """Return when we may first have opened an account; None where we never have."""
    times = [
        BrokerageAccount.objects.aggregate(first=Min("created_at"))["first"],
        Application.objects.aggregate(first=Min("sent_at"))["first"],
    ]
    first = min((time for time in times if time), default=None)
    return first - BEFORE_OURS if first else None
