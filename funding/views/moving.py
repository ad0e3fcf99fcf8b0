"""Deposits and withdrawals: an amount, a page to check it, a button that confirms it.

Called by the browser; calls operations. Nothing is reserved before the confirmation.
"""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import BrokerageAccount
from accounts.operations import account_status
from brokerage import banking_days, visit
from funding import ledger, states
from funding.forms import AmountForm
from funding.models import ACHRelationship
from funding.operations import authorization, limits, transfers
from funding.views.desk import customer, user_of
from funding.views.overview import is_stale

FEE = Decimal("0.00")


@customer
@require_http_methods(["GET", "POST"])
def amount(request: HttpRequest, account: BrokerageAccount | None, direction: str) -> HttpResponse:
    """Ask how much, and say beforehand what is possible and when it arrives."""
    relationship = _relationship(request, account, direction)
    if account is None or relationship is None:
        return redirect("bank" if account else "overview")
    if request.method == "GET" and direction == states.OUTGOING:
        account_status.refresh_cash_if_old(account=account)
    form = AmountForm(request.POST or None, direction=direction, initial=_initial(request, direction))
    if request.method == "POST" and form.is_valid() and _is_within(form, account, direction):
        query = urlencode({"amount": form.cleaned_data["amount"], "form_key": form.key})
        return redirect(f"{reverse('transfer-review', args=[direction])}?{query}")
    context = _dates() | {
        "direction": direction,
        "form": form,
        "relationship": relationship,
        "limits": [_limit_line(limit, limit.left) for limit in limits.remaining(account=account, direction=direction)],
        "ledger": ledger.of(account) if direction == states.OUTGOING else None,
        "stale": direction == states.OUTGOING and is_stale(account),
        "as_of": account.cash_as_of,
    }
    return render(request, "funding/amount.html", context)


def _relationship(request: HttpRequest, account: BrokerageAccount | None, direction: str) -> ACHRelationship | None:
    """Return the bank account to move money with; where there is none, say why."""
    if account is None or not account.is_active:
        messages.warning(request, transfers.AccountNotActive.customer_message)
        return None
    relationship = ACHRelationship.objects.active().select_related("item").filter(brokerage_account=account).first()
    if relationship is None:
        messages.info(request, "Link your bank first; deposits come from it and withdrawals go to it.")
    elif not relationship.may_become_usable_for(direction):
        messages.warning(request, transfers.RelationshipNotUsable.customer_message)
        return None
    return relationship


def _initial(request: HttpRequest, direction: str) -> dict[str, Any]:
    typed = request.GET.get("amount", "")[:20]
    return {"form_key": transfers.form_key(user=user_of(request), direction=direction), "amount": typed}


def _is_within(form: AmountForm, account: BrokerageAccount, direction: str) -> bool:
    """Check the limits; what they refuse goes beside the field."""
    try:
        limits.require_within(account=account, direction=direction, amount=form.cleaned_data["amount"])
    except limits.LimitReached as reached:
        form.add_error("amount", reached.customer_message)
    return not form.errors


def _limit_line(limit: limits.Limit, left: Decimal) -> dict[str, Any]:
    return {"label": limit.label, "note": "", "amount": left}


def _dates() -> dict[str, Any]:
    now = timezone.now()
    leaves_on, arrives_on = banking_days.leaves_on(now), banking_days.arrives_on(now)
    return {
        "leaves_on": leaves_on,
        "cut_off_at": banking_days.cut_off(leaves_on),
        "arrives_on": arrives_on,
        "closed_days": list(banking_days.closed_days(banking_days.today(now), arrives_on)),
    }


@customer
@require_GET
def review(request: HttpRequest, account: BrokerageAccount | None, direction: str) -> HttpResponse:
    """Show all of a transfer before it is confirmed."""
    relationship = _relationship(request, account, direction)
    form = AmountForm(request.GET, direction=direction)
    if account is None or relationship is None:
        return redirect("bank" if account else "overview")
    if not form.is_valid():
        return redirect(_amount_page(direction))
    return _show_review(request, account, relationship, direction, form)


def _amount_page(direction: str) -> str:
    return "deposit" if direction == states.INCOMING else "withdraw"


def _show_review(
    request: HttpRequest, account: BrokerageAccount, relationship: ACHRelationship, direction: str, form: AmountForm
) -> HttpResponse:
    asked: Decimal = form.cleaned_data["amount"]
    left = limits.remaining(account=account, direction=direction)[1:]
    is_deposit = direction == states.INCOMING
    words = _authorization(relationship, asked) if is_deposit else ""
    confirmation = {"amount": asked, "form_key": form.key, "agreed_to": authorization.digest(words)}
    dates = _dates()
    context = dates | {
        "direction": direction,
        "amount": asked,
        "relationship": relationship,
        "fee": FEE,
        "withdrawable_on": banking_days.withdrawable_on(dates["arrives_on"]) if is_deposit else None,
        "hold_days": settings.WITHDRAWAL_HOLD_BANKING_DAYS,
        "limits_after": [_limit_line(limit, max(FEE, limit.left - asked)) for limit in left],
        "authorization": words,
        "form": AmountForm(direction=direction, initial=confirmation),
        "back_url": f"{reverse(_amount_page(direction))}?{urlencode({'amount': asked})}",
    }
    return render(request, "funding/review.html", context)


def _authorization(relationship: ACHRelationship, asked: Decimal) -> str:
    return authorization.sentence(relationship=relationship, amount=asked, at=timezone.now())


@customer
@require_POST
def confirm(request: HttpRequest, account: BrokerageAccount | None, direction: str) -> HttpResponse:
    """Reserve the transfer, send it, and lead to its own page; again and again to the same one."""
    form = AmountForm(request.POST, direction=direction)
    if account is None or not form.is_valid():
        messages.error(request, transfers.FormOutOfDate.customer_message)
        return redirect(_amount_page(direction))
    if direction == states.OUTGOING:
        account_status.refresh_cash(account=account)
    try:
        transfer = transfers.request_transfer(
            user=user_of(request),
            account=account,
            direction=direction,
            amount=form.cleaned_data["amount"],
            form_key=form.key,
            visit=visit.of(request),
            agreed_to=form.cleaned_data["agreed_to"],
        )
    except (transfers.TransferNotPossible, limits.LimitReached) as refusal:
        messages.error(request, refusal.customer_message)
        return redirect(f"{reverse(_amount_page(direction))}?{urlencode({'amount': form.cleaned_data['amount']})}")
    transfers.send(transfer=transfer, sender=f"customer {request.user.pk}")
    return redirect("transfer", transfer.pk)
