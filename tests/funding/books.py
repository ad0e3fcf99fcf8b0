"""Going through the books in tests, as the commands do."""

from collections.abc import Callable
from datetime import datetime

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from accounts.operations.account_reconciliation import Scope
from accounts.operations.asking import Asking
from funding.models import Transfer
from funding.operations import reconciling
from tests.funding.standing import Clocks, Customer, read_anew


def compare(
    area: str = "transfers",
    *,
    account: BrokerageAccount | None = None,
    since: datetime | None = None,
    full: bool = False,
    dry_run: bool = False,
    asking: Asking | None = None,
    holder: str = "a test",
    progress: Callable[[int], None] = lambda done: None,
) -> list[Finding]:
    """Go through one of the books at once, and return what was found."""
    scope = Scope(account=account, since=since, full=full)
    asking = asking or Asking(per_minute=0, sleep=lambda wait: None)
    return list(reconciling.reconcile(area, scope, dry_run=dry_run, holder=holder, asking=asking, progress=progress))


def settle(of: Customer, clocks: Clocks, amount: str = "50.00") -> Transfer:
    """Move a deposit that settles at the broker, and have it heard of."""
    transfer = of.move(amount)
    of.sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="settle")
    clocks.advance(seconds=1)
    compare()
    return read_anew(transfer)
