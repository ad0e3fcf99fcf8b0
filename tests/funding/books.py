"""Going through the books in tests, as the commands do."""

from collections.abc import Callable
from datetime import datetime

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from accounts.operations.account_reconciliation import Scope
from accounts.operations.asking import Asking
from funding.operations import reconciling


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
