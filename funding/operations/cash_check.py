"""Whether the broker's cash is what our lines explain; where it is not, a break that a person has to look at.

Called by the worker's sweep; calls gateways.broker through the operations it uses.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from accounts.operations import account_status
from brokerage import stopping
from funding import ledger
from funding.ledger import Ledger
from funding.models import Break, Transfer, TransferEvent
from funding.operations import limits, reconciliation

log = logging.getLogger(__name__)

# The broker's figure and its transfers need not change at one moment: what moved since then may be in one, not in both.
QUIET_FOR = timedelta(minutes=2)


def reconcile_with_cash() -> Iterator[Finding]:
    """Compare every account that reconciliation visits, its cash included; yield each difference."""
    for account in stopping.while_wanted(reconciliation.accounts_to_compare()):
        # Cash first: what settles after it was read is found settled below, and the account is not quiet.
        read = account_status.refresh_cash(account=account)
        findings = list(reconciliation.reconcile_account(account=account))
        yield from findings
        if read and _is_quiet(account, findings):
            yield from _hold_against(account)


def _is_quiet(account: BrokerageAccount, findings: list[Finding]) -> bool:
    """Say whether the cash just read and our transfers are of one moment, so that a difference means something."""
    rows = Transfer.objects.filter(brokerage_account=account)
    assert account.cash_as_of is not None  # noqa: S101 - read just now
    changes = TransferEvent.objects.filter(row__brokerage_account=account, at__gt=account.cash_as_of - QUIET_FOR)
    # Where the list could not be read, or does not agree, what moves may have arrived unheard.
    may_have_moved = bool(findings) and rows.moving().exists()
    return not (may_have_moved or rows.in_doubt().exists() or changes.exists())


def _hold_against(account: BrokerageAccount) -> Iterator[Finding]:
    """Open, update or end the break of an account's cash; yield the difference, if there is one."""
    explained = ledger.of(account, cash=limits.cash_of(account=account))
    if explained is None:
        return
    ours = explained.total - explained.difference
    if explained.difference == 0 or _is_floor(account, ours):
        _end(account)
        return
    _open(account, explained, ours)
    what = f"cash: {ours} by our books, {explained.total} by the broker's"
    yield Finding(f"brokerage account {account.pk}", what, mended=False)


def _is_floor(account: BrokerageAccount, ours: Decimal) -> bool:
    """Say whether the broker's figure stops at zero where ours goes below: it names no debts."""
    return account.cash_withdrawable == 0 and ours < 0


def _open(account: BrokerageAccount, explained: Ledger, ours: Decimal) -> None:
    found: dict[str, Any] = {
        "ours": str(ours),
        "theirs": str(explained.total),
        "evidence": _evidence(account, explained),
        "last_seen_at": timezone.now(),
    }
    row, opened = Break.objects.update_or_create(
        brokerage_account=account, kind=Break.CASH, ended_at=None, defaults=found
    )
    if opened:
        log.error("brokerage account %s: break %s opened", account.pk, row.pk)


def _evidence(account: BrokerageAccount, explained: Ledger) -> dict[str, Any]:
    """Return the broker's figures and our lines; amounts are text, in US dollars."""
    lines = [{"label": line.label, "amount": str(line.amount), "on": str(line.on or "")} for line in explained.lines]
    figures = {"cash": str(account.cash), "cash_withdrawable": str(account.cash_withdrawable)}
    return {"lines": lines, **figures, "read_at": str(account.cash_as_of)}


def _end(account: BrokerageAccount) -> None:
    gone = Break.objects.filter(brokerage_account=account, kind=Break.CASH, ended_at=None)
    if gone.update(ended_at=timezone.now()):
        log.warning("brokerage account %s: its break is gone", account.pk)
