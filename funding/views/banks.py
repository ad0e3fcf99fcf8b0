"""Seeing how the linked bank account is, and ending or replacing it.

Called by the browser; calls operations. Every GET is harmless.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.fresh_sign_in import asks_fresh
from accounts.live_part import live_part
from accounts.models import BrokerageAccount
from funding import bank_page
from funding.models import ACHRelationship
from funding.operations import candidates, endings
from funding.views.desk import customer, user_of


@customer
@require_safe
def bank(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Show the linked bank account, or offer to link one."""
    page = bank_page.of(account)
    context = {"account": account, "page": page, "earlier": bank_page.earlier(account, besides=page.link)}
    return render(request, "funding/bank.html", context)


@live_part("bank-status", of="bank", heading="h2")
@customer
@require_safe
def bank_status(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Return the part of the bank page that changes by itself."""
    return render(request, "funding/_bank_status.html", {"account": account, "page": bank_page.of(account)})


@customer
@require_safe
@asks_fresh
def replace(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Say what replacing a bank account means, before Link opens for the new one."""
    page = bank_page.of(account)
    if not page.can_replace:
        return redirect("bank")
    transfers = endings.under_way(page.link)[:20] if page.link else []
    return render(request, "funding/bank_replace.html", {"page": page, "transfers": transfers})


@customer
@require_safe
@asks_fresh
def unlink(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Say what unlinking means, and ask."""
    page = bank_page.of(account)
    if not page.can_replace:
        return redirect("bank")
    transfers = list(endings.under_way(page.link)[:20]) if page.link else []
    return render(request, "funding/bank_unlink.html", {"page": page, "transfers": transfers})


@customer
@require_POST
@asks_fresh
def unlink_confirm(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Unlink the bank account on both sides."""
    link = ACHRelationship.objects.active().filter(brokerage_account=account).first() if account else None
    if link is None:
        messages.error(request, endings.NotLinked.customer_message)
        return redirect("bank")
    sender = f"customer {user_of(request).pk}"
    try:
        endings.ask_to_unlink(relationship=link, actor=sender)
    except (endings.TransfersUnderWay, endings.NotLinked) as error:
        messages.error(request, error.customer_message)
        return redirect("bank")
    endings.carry_on(relationship=link, sender=sender)
    return redirect("bank")


@customer
@require_POST
def call_off(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Drop the bank account that is to be linked."""
    candidate = ACHRelationship.objects.candidates().filter(brokerage_account=account).first() if account else None
    if candidate is not None:
        try:
            candidates.call_off(candidate=candidate, actor=f"customer {user_of(request).pk}")
        except candidates.TooLateToCallOff as error:
            messages.error(request, error.customer_message)
    return redirect("bank")
