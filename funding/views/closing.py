"""Closing the brokerage account: what is left to do, what stops and what stays, and the last word.

Called by the browser; calls operations.closing. Every GET is harmless.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import states as account_states
from accounts.fresh_sign_in import asks_fresh
from accounts.models import BrokerageAccount
from brokerage import visit
from funding import closing_checks, closing_words, states
from funding.forms.closing import ClosingForm
from funding.models import Closing
from funding.operations import closing
from funding.views.desk import customer, user_of


@customer
@require_safe
def close(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Show what is left to do, or ask for the last word; for a closing under way, how far it is."""
    if account is None:
        return redirect("settings")
    return _show(request, account, ClosingForm(initial={"form_key": closing.form_key(account=account)}))


def _show(request: HttpRequest, account: BrokerageAccount, form: ClosingForm) -> HttpResponse:
    latest = Closing.objects.filter(brokerage_account=account).first()
    context: dict[str, Any] = {"account": account, "closing": latest, "words": closing_words.of(latest), "form": form}
    if account.status == account_states.CLOSED:
        return render(request, "funding/closed.html", context)
    if latest is not None and latest.status in states.OPEN_CLOSING:
        return render(request, "funding/close_under_way.html", context)
    standing = closing.look_for_page(account=account)
    context |= {"checks": closing_checks.checks(standing), "is_ready": standing.is_ready}
    return render(request, "funding/close.html", context)


@customer
@require_POST
@asks_fresh
def confirm(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Close the account; again and again the same closing."""
    form = ClosingForm(request.POST)
    if account is None:
        return redirect("settings")
    if not form.is_valid():
        return _show(request, account, form)
    try:
        made = closing.request(
            account=account,
            form_key=form.key,
            visit=visit.of(request),
        )
    except (closing.NotReady, closing.FormOutOfDate) as why:
        messages.warning(request, why.customer_message)
        return redirect("close")
    closing.send(closing=made, sender=f"customer {user_of(request).pk}")
    return redirect("close")


@customer
@require_POST
def call_off(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Drop a closing of which nothing can have reached the broker."""
    standing = Closing.objects.open().filter(brokerage_account=account).first() if account else None
    if standing is not None and not closing.call_off(closing=standing, actor=f"customer {user_of(request).pk}"):
        messages.warning(request, "The broker has been asked already, so this can’t be called off.")
    return redirect("close")
