"""The overview: the cash, what needs attention, the latest transfers, the next step.

Called by the browser; calls operations. Shows what we hold, whatever the vendors do.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import BrokerageAccount
from accounts.operations import account_status
from accounts.wording import of_application as application_words
from funding import ledger, obstacles
from funding.models import ACHRelationship, Transfer
from funding.obstacles import Obstacle
from funding.operations import limits
from funding.rows import TransferRow
from funding.views.desk import customer, user_of

LATEST = 5
OLD_AFTER = timedelta(minutes=2)


@dataclass(frozen=True)
class Step:
    """What to do next."""

    title: str
    text: str
    url: str = ""
    action: str = ""


@customer
@require_GET
def overview(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Show where the money is."""
    if account is None or not (account.is_active or account.cash is not None):
        return render(request, "funding/overview.html", {"account": None, "next_step": _apply_first(account)})
    account_status.refresh_cash_if_old(account=account)
    transfers = list(Transfer.objects.filter(user=user_of(request)).for_pages()[:LATEST])
    relationship = ACHRelationship.objects.active().select_related("item").filter(brokerage_account=account).first()
    pending = ledger.pending_in(account)
    cash = limits.cash_of(account=account)
    attention = obstacles.everywhere(account=account, relationship=relationship, cash=cash)
    context = {
        "account": account,
        "cash": account.cash,
        "as_of": account.cash_as_of,
        "stale": is_stale(account),
        "ledger": ledger.of(account, cash=cash),
        "pending_in": pending.amount,
        "pending_in_by": pending.by,
        "attention": attention,
        "transfers": [TransferRow.of(transfer) for transfer in transfers],
        "next_step": _next_step(relationship, transfers, attention),
    }
    return render(request, "funding/overview.html", context)


def is_stale(account: BrokerageAccount) -> bool:
    """Say whether the figures are older than they should be, since the broker could not be reached."""
    return account.cash_as_of is None or account.cash_as_of < timezone.now() - OLD_AFTER


def _apply_first(account: BrokerageAccount | None) -> Step:
    if account is None:
        text = "Ten short pages about you. Your answers are saved as you go."
        return Step("Open your brokerage account", text, reverse("apply"), "Go to your application")
    words = application_words(account.application, account)
    return Step(words.headline, words.sentence, reverse("apply-waiting"), "See your application")


def _next_step(
    relationship: ACHRelationship | None, transfers: list[Transfer], attention: list[Obstacle]
) -> Step | None:
    if relationship is None:
        text = "Deposits come from it and withdrawals go to it. Linking takes about two minutes."
        return Step("Link your bank", text, reverse("bank"), "Link your bank")
    if not transfers and not attention:
        text = "Choose an amount; you see the arrival date and confirm before anything moves."
        return Step("Make your first deposit", text, reverse("deposit"), "Deposit")
    return None
