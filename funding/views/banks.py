"""Linking a bank account through Plaid Link, and seeing how it is.

Called by the browser; calls operations.linking. Every GET is harmless.
"""

import uuid
from typing import Any, cast
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import BrokerageAccount
from funding import wording
from funding.forms import ChooseAccountForm, LinkResultForm
from funding.models import ACHRelationship, LinkSession
from funding.operations import linking
from funding.views.desk import customer, user_of


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def link_sources() -> dict[str, list[str]]:
    """Return what the page with Plaid Link may load besides our own files. https://plaid.com/docs/link/web/#csp"""
    script = settings.PLAID_LINK_SCRIPT_URL
    return {
        "script-src": [script],
        "frame-src": [_origin(script)],
        "connect-src": [_origin(settings.PLAID_BASE_URL)],
    }


@customer
@require_GET
def bank(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Show the linked bank account, or offer to link one."""
    context = _bank_context(account)
    relationship = context["relationship"]
    because = ""
    if account is None or not account.is_active:
        because = linking.AccountNotActive.customer_message
    elif relationship is not None and relationship.ended_at is None:
        because = "You have one bank account linked. To use another one instead, write to us."
    ended = ACHRelationship.objects.select_related("item").filter(brokerage_account=account).exclude(ended_at=None)
    context |= {
        "can_link": not because,
        "cannot_link_because": because,
        "earlier": list(ended.order_by("-ended_at")[:20]) if account else [],
    }
    return render(request, "funding/bank.html", context)


@customer
@require_GET
def bank_status(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Return the part of the bank page that changes by itself."""
    return render(request, "funding/_bank_status.html", _bank_context(account))


def _bank_context(account: BrokerageAccount | None) -> dict[str, Any]:
    relationship = _shown_relationship(account) if account else None
    return {
        "account": account,
        "relationship": relationship,
        "words": wording.of_relationship(relationship) if relationship else None,
        "live": wording.is_live(relationship) if relationship else False,
    }


def _shown_relationship(account: BrokerageAccount) -> ACHRelationship | None:
    """Return the active relationship; where there is none, the last one if it was refused, so that this is said."""
    rows = ACHRelationship.objects.select_related("item").filter(brokerage_account=account)
    active = rows.active().first()
    if active is not None:
        return active
    last = rows.order_by("-created_at").first()
    return last if last is not None and last.was_refused else None


@customer
@require_POST
def link_start(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Begin a pass through Plaid Link."""
    try:
        session = linking.start_link(account=account, user=user_of(request))
    except linking.LinkingError as error:
        messages.error(request, error.customer_message)
        return redirect("bank")
    return redirect("link", session.pk)


@customer
@require_GET
def link(request: HttpRequest, account: BrokerageAccount | None, session_id: uuid.UUID) -> HttpResponse:
    """Show the one page with Plaid's script on it."""
    session = get_object_or_404(LinkSession, pk=session_id, user=user_of(request))
    if session.item_id or session.outcome or session.claimed_at:
        return redirect("link-account", session.pk) if session.item_id else redirect("bank")
    context = {"session": session, "link_token": session.link_token, "script_url": settings.PLAID_LINK_SCRIPT_URL}
    # The sources are read now, not at import, because settings may name other hosts under test.
    shown = csp_update(link_sources())(lambda request: render(request, "funding/link.html", context))
    response = shown(request)
    response["Cache-Control"] = "no-store"
    return cast(HttpResponse, response)


@customer
@require_POST
def link_finish(request: HttpRequest, account: BrokerageAccount | None, session_id: uuid.UUID) -> HttpResponse:
    """Take what Plaid Link gave the browser."""
    session = get_object_or_404(LinkSession, pk=session_id, user=user_of(request))
    form = LinkResultForm(request.POST)
    if not form.is_valid():
        messages.error(request, linking.LinkStartsOver.customer_message)
        return redirect("bank")
    try:
        item = linking.finish_link(
            session=session,
            public_token=form.cleaned_data["public_token"],
            institution_name=form.cleaned_data["institution_name"],
        )
        shared = linking.usable_accounts(item=item)
        if len(shared) > 1:
            return redirect("link-account", session.pk)
        linking.link_bank(account=account, item=item, bank_account=shared[0], sender=f"customer {request.user.pk}")
    except linking.LinkingError as error:
        messages.error(request, error.customer_message)
    return redirect("bank")


@customer
@require_http_methods(["GET", "POST"])
def link_account(request: HttpRequest, account: BrokerageAccount | None, session_id: uuid.UUID) -> HttpResponse:
    """Ask which of the shared accounts to use."""
    session = get_object_or_404(LinkSession.objects.select_related("item"), pk=session_id, user=user_of(request))
    item = session.item
    if item is None:
        raise Http404
    if item.relationships.exists():
        return redirect("bank")
    try:
        shared = {found.plaid_account_id: found for found in linking.usable_accounts(item=item)}
        choices = [(key, f"{each.subtype.capitalize()} ••{each.mask} {each.name}") for key, each in shared.items()]
        form = ChooseAccountForm(request.POST or None, choices=choices)
        if request.method == "POST" and form.is_valid():
            chosen = shared[form.cleaned_data["account"]]
            sender = f"customer {request.user.pk}"
            linking.link_bank(account=account, item=item, bank_account=chosen, sender=sender)
            return redirect("bank")
    except linking.LinkingError as error:
        messages.error(request, error.customer_message)
        return redirect("bank")
    return render(request, "funding/link_account.html", {"form": form, "institution_name": item.institution_name})
