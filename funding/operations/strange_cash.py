"""Cash of accounts that we do not hold: given to its account once we hold it, and told of once for each until then.

Called by reconciling; asks nobody. A firm may hold accounts beside ours, with any number of rows: the database counts
them, some accounts at a time.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from brokerage import money
from funding.models import CashActivity
from funding.operations import cash_findings

PAGE = 200  # accounts counted at once


def connect() -> None:
    """Give rows of cash to the accounts that we hold by now."""
    known = BrokerageAccount.objects.filter(alpaca_id__in=_rows().values("alpaca_account_id"))
    for alpaca_id, pk in known.values_list("alpaca_id", "pk"):
        _rows().filter(alpaca_account_id=alpaca_id).update(brokerage_account=pk)


def of_accounts_not_held() -> Iterator[Finding]:
    """Yield a finding for each account of the broker's that has cash here and is none of ours."""
    behind: str | None = None
    while page := _page(behind):
        newest = CashActivity.objects.in_bulk([account["newest"] for account in page])
        for account in page:
            sums = {"rows": str(account["rows"]), "net": str(money.in_cents(account["net"] or Decimal()))}
            days = {"first booked": str(account["first"]), "last booked": str(account["last"])}
            yield cash_findings.of_no_account(newest[account["newest"]], sums | days)
        behind = page[-1]["alpaca_account_id"]


def _page(behind: str | None) -> list[Mapping[str, Any]]:
    rows = _rows() if behind is None else _rows().filter(alpaca_account_id__gt=behind)
    counted = rows.values("alpaca_account_id").annotate(
        rows=Count("pk"), net=Sum("amount", filter=~Q(status__in=CashActivity.VOID)), first=Min("booked_on"),
        last=Max("booked_on"), newest=Max("pk"),
    )  # fmt: skip
    return list(counted.order_by("alpaca_account_id")[:PAGE])


def _rows() -> QuerySet[CashActivity]:
    return CashActivity.objects.filter(brokerage_account=None)
