"""The overview: what the account is worth, what needs attention, positions, the latest transfers, the next step.

Called by the browser; calls operations. Shows what we hold, whatever the vendors do.
"""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import BrokerageAccount
from accounts.operations import account_status, portfolio
from funding import ledger, next_steps, obstacles, portfolio_page, states
from funding.models import ACHRelationship, Transfer
from funding.operations import limits
from funding.portfolio_page import PortfolioPage
from funding.rows import TransferRow
from funding.views.desk import customer, user_of

LATEST = 5
OLD_AFTER = timedelta(minutes=2)


@customer
@require_safe
def overview(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Show where the money is."""
    if account is None or not (account.is_active or account.cash is not None):
        step = next_steps.before_an_account(user_of(request), account)
        return render(request, "funding/overview.html", {"account": None, "next_step": step})
    context = {"worth": _worth(request, account)} | _money(account)
    return render(request, "funding/overview.html", context)


def _worth(request: HttpRequest, account: BrokerageAccount) -> PortfolioPage:
    """Return what the account is worth. A broker that did not tell the cash is asked for nothing else."""
    held = portfolio.held(account=account)
    if account_status.refresh_cash_if_old(account=account):
        held = portfolio.refresh_if_old(portfolio=held)
    period, everything = request.GET.get("period", ""), request.GET.get("positions") == "all"
    return portfolio_page.of(account, held, period=period, everything=everything)


def _money(account: BrokerageAccount) -> dict[str, Any]:
    transfers = list(Transfer.objects.filter(user=account.user_id).for_pages()[:LATEST])
    relationship = ACHRelationship.objects.active().select_related("item").filter(brokerage_account=account).first()
    pending = ledger.pending_in(account)
    cash = limits.cash_of(account=account)
    attention = obstacles.everywhere(account=account, relationship=relationship, cash=cash)
    may = account.is_active and limits.broker_lets(account=account, direction=states.OUTGOING)
    stopped = not may or any(each.stops_withdrawals for each in attention)
    return {
        "account": account,
        "cash": account.cash,
        "as_of": account.cash_as_of,
        "stale": is_stale(account),
        "ledger": ledger.of(account, cash=cash, stopped=stopped),
        "withdrawals_stopped": stopped,
        "pending_in": pending.amount,
        "pending_in_by": pending.by,
        "attention": attention,
        "transfers": [TransferRow.of(transfer) for transfer in transfers],
        "next_step": next_steps.with_an_account(
            account, relationship, is_new=not transfers, is_hindered=bool(attention)
        ),
    }


def is_stale(account: BrokerageAccount) -> bool:
    """Say whether the figures are older than they should be, since the broker could not be reached."""
    return account.cash_as_of is None or account.cash_as_of < timezone.now() - OLD_AFTER
