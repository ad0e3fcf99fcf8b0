"""Whether the broker's cash is what our lines explain; where it is not, a break that a person has to look at.

Called by reconciling; asks nobody.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from funding import ledger
from funding.ledger import Ledger
from funding.models import Break, Transfer, TransferEvent
from funding.operations import limits

# The broker's figure and its transfers need not change at one moment: what moved since then may be in one, not in both.
QUIET_FOR = timedelta(minutes=2)


def check_balance(*, account: BrokerageAccount, findings: list[Finding]) -> list[Finding] | None:
    """Hold the broker's cash, as just read, against our lines; return the difference, or None where nothing is sure.

    `findings` are what comparing the account's transfers told, which was done after the cash was read: what settled in
    between is known by now.
    """
    if account.cash_as_of is None or not _is_quiet(account, findings):
        return None
    explained = ledger.of(account, cash=limits.cash_of(account=account))
    if explained is None:
        return None
    ours = explained.total - explained.difference
    if explained.difference == 0 or _is_floor(account, ours):
        return []
    what = f"cash: {ours} by our books, {explained.total} by the broker's"
    return [
        Finding(
            f"brokerage account {account.pk}", what, mended=False, code=Break.CASH, account=account.pk,
            ours=str(ours), theirs=str(explained.total), evidence=_evidence(account, explained),
        )
    ]  # fmt: skip


def _is_quiet(account: BrokerageAccount, findings: list[Finding]) -> bool:
    """Say whether the cash just read and our transfers are of one moment, so that a difference means something."""
    rows = Transfer.objects.filter(brokerage_account=account)
    assert account.cash_as_of is not None  # noqa: S101 - read just now
    changes = TransferEvent.objects.filter(row__brokerage_account=account, at__gt=account.cash_as_of - QUIET_FOR)
    # Where the list could not be read, or does not agree, what moves may have arrived unheard.
    may_have_moved = bool(findings) and rows.moving().exists()
    return not (may_have_moved or rows.in_doubt().exists() or changes.exists())


def _is_floor(account: BrokerageAccount, ours: Decimal) -> bool:
    """Say whether the broker's figure stops at zero where ours goes below: it names no debts."""
    return account.cash_withdrawable == 0 and ours < 0


def _evidence(account: BrokerageAccount, explained: Ledger) -> dict[str, Any]:
    """Return the broker's figures and our lines; amounts are text, in US dollars."""
    lines = [{"label": line.label, "amount": str(line.amount), "on": str(line.on or "")} for line in explained.lines]
    figures = {"cash": str(account.cash), "cash_withdrawable": str(account.cash_withdrawable)}
    return {"lines": lines, **figures, "read_at": str(account.cash_as_of)}
