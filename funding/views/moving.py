"""Deposits and withdrawals: an amount, a page to check it, a button that confirms it.

Called by the browser; calls operations. Nothing is reserved before the confirmation.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.fresh_sign_in import asks_fresh
from accounts.models import BrokerageAccount
from accounts.operations import account_status
from brokerage import banking_days, money, visit
from funding import ledger, obstacles, states
from funding.forms import AmountForm
from funding.models import ACHRelationship
from funding.obstacles import Obstacle
from funding.operations import authorization, limits, transfers
from funding.views.desk import View, customer, user_of
from funding.views.overview import is_stale

FEE = Decimal("0.00")


@dataclass(frozen=True)
class _Desk:
    """Who moves money between what, which way, how much may move, and what is in the way of any."""

    account: BrokerageAccount
    relationship: ACHRelationship
    direction: str
    room: limits.Room
    obstacle: Obstacle | None


def _fresh_to_withdraw(view: View) -> View:
    """Ask who it is where money is to leave the account; what comes in may come."""
    asking = asks_fresh(view)

    @wraps(view)
    def ask(request: HttpRequest, account: BrokerageAccount | None, direction: str) -> HttpResponse:
        return (asking if direction == states.OUTGOING else view)(request, account, direction)

    return ask


@customer
@require_http_methods(["GET", "HEAD", "POST"])
def amount(request: HttpRequest, account: BrokerageAccount | None, direction: str) -> HttpResponse:
    """Ask how much, and say beforehand what is possible and when it arrives."""
    desk = _desk(request, account, direction)
    if desk is None:
        return _elsewhere(account)
    form = AmountForm(request.POST or None, direction=direction, initial=_initial(request, direction))
    if request.method == "POST" and form.is_valid() and not desk.obstacle and _is_within(form, desk):
        query = urlencode({"amount": form.cleaned_data["amount"], "form_key": form.key})
        return redirect(f"{reverse('transfer-review', args=[direction])}?{query}")
    return _show_amount(request, desk, form)


def _desk(request: HttpRequest, account: BrokerageAccount | None, direction: str) -> _Desk | None:
    """Return what a transfer goes between; where an end is missing, say so."""
    if account is None or not account.is_active:
        messages.warning(request, transfers.AccountNotActive.customer_message)
        return None
    relationship = ACHRelationship.objects.active().select_related("item").filter(brokerage_account=account).first()
    if relationship is None:
        messages.info(request, "Link your bank first; deposits come from it and withdrawals go to it.")
        return None
    if direction == states.OUTGOING:
        account_status.refresh_cash_if_old(account=account)
    room = limits.room(account=account, direction=direction)
    obstacle = obstacles.find(account=account, relationship=relationship, direction=direction, room=room)
    return _Desk(account, relationship, direction, room, obstacle)


def _elsewhere(account: BrokerageAccount | None) -> HttpResponse:
    return redirect("bank" if account and account.is_active else "overview")


def _show_amount(request: HttpRequest, desk: _Desk, form: AmountForm) -> HttpResponse:
    is_withdrawal = desk.direction == states.OUTGOING
    context = _dates() | {
        "direction": desk.direction,
        "obstacle": desk.obstacle,
        "form": form,
        "relationship": desk.relationship,
        "limits": [_limit_line(limit, limit.left) for limit in desk.room.limits],
        "ledger": ledger.of(desk.account, cash=desk.room.cash) if desk.room.cash else None,
        "stale": is_withdrawal and is_stale(desk.account),
        "as_of": desk.account.cash_as_of,
    }
    return render(request, "funding/amount.html", context)


def _initial(request: HttpRequest, direction: str) -> dict[str, Any]:
    typed = request.GET.get("amount", "")[:20]
    return {"form_key": transfers.form_key(user=user_of(request), direction=direction), "amount": typed}


def _is_within(form: AmountForm, desk: _Desk) -> bool:
    """Check the limits; what they refuse goes beside the field."""
    try:
        desk.room.require(form.cleaned_data["amount"])
    except limits.LimitReached as reached:
        form.add_error("amount", reached.customer_message)
    return not form.errors


def _limit_line(limit: limits.Limit, left: Decimal) -> dict[str, Any]:
    note = f"of {money.show(limit.of)}" if left != limit.of else ""
    return {"label": limit.label, "note": note, "amount": left}


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
@require_safe
@_fresh_to_withdraw
def review(request: HttpRequest, account: BrokerageAccount | None, direction: str) -> HttpResponse:
    """Show all of a transfer before it is confirmed."""
    desk = _desk(request, account, direction)
    form = AmountForm(request.GET, direction=direction)
    if desk is None:
        return _elsewhere(account)
    if not form.is_valid() or desk.obstacle:
        return redirect(_amount_page(direction))
    return _show_review(request, desk, form) if _is_within(form, desk) else _show_amount(request, desk, form)


def _amount_page(direction: str) -> str:
    return "deposit" if direction == states.INCOMING else "withdraw"


def _show_review(request: HttpRequest, desk: _Desk, form: AmountForm) -> HttpResponse:
    asked: Decimal = form.cleaned_data["amount"]
    is_deposit = desk.direction == states.INCOMING
    words = _authorization(desk.relationship, asked) if is_deposit else ""
    confirmation = {"amount": asked, "form_key": form.key, "agreed_to": authorization.digest(words)}
    dates = _dates()
    context = dates | {
        "direction": desk.direction,
        "amount": asked,
        "relationship": desk.relationship,
        "fee": FEE,
        "withdrawable_on": banking_days.withdrawable_on(dates["arrives_on"]) if is_deposit else None,
        "hold_days": settings.WITHDRAWAL_HOLD_BANKING_DAYS,
        "return_window": banking_days.return_window(dates["arrives_on"]),
        "limits_after": [_limit_line(limit, max(FEE, limit.left - asked)) for limit in desk.room.limits[1:]],
        "authorization": words,
        "form": AmountForm(direction=desk.direction, initial=confirmation),
        "back_url": f"{reverse(_amount_page(desk.direction))}?{urlencode({'amount': asked})}",
    }
    return render(request, "funding/review.html", context)


def _authorization(relationship: ACHRelationship, asked: Decimal) -> str:
    return authorization.sentence(relationship=relationship, amount=asked, at=timezone.now())


@customer
@require_POST
@_fresh_to_withdraw
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
    except limits.LimitReached as reached:
        form.add_error("amount", reached.customer_message)
        return _back_to_amount(request, account, form)
    except transfers.TransferNotPossible as refusal:
        return _turn_back(request, account, form, refusal)
    transfers.send(transfer=transfer, sender=f"customer {request.user.pk}")
    return redirect("transfer", transfer.pk)


def _back_to_amount(request: HttpRequest, account: BrokerageAccount, form: AmountForm) -> HttpResponse:
    """Show the amount again with what is wrong beside it, or what is in the way of any amount."""
    desk = _desk(request, account, form.direction)
    return _show_amount(request, desk, form) if desk else _elsewhere(account)


def _turn_back(
    request: HttpRequest, account: BrokerageAccount, form: AmountForm, refusal: transfers.TransferNotPossible
) -> HttpResponse:
    """Lead back to the amount, and say why where that page does not say it by itself."""
    desk = _desk(request, account, form.direction)
    if desk is None:
        return _elsewhere(account)
    if desk.obstacle is None:
        messages.error(request, refusal.customer_message)
    query = urlencode({"amount": form.cleaned_data["amount"]})
    return redirect(f"{reverse(_amount_page(form.direction))}?{query}")
