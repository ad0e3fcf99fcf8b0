"""Passing through Plaid Link and back: to link a bank, to sign in there again, to enter a code.

Called by the browser; calls operations.linking and repairing. Every GET is harmless.
"""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.fresh_sign_in import asks_fresh
from accounts.models import BrokerageAccount
from accounts.operations import throttle
from brokerage.too_many import too_many
from funding import bank_page
from funding.forms import ChooseAccountForm, LinkEventsForm, LinkResultForm
from funding.models import LinkSession
from funding.operations import link_events, linking, repairing
from funding.views.desk import customer, user_of

Purpose = LinkSession.Purpose


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


def _begins(view: Callable[..., LinkSession]) -> Callable[..., HttpResponse]:
    """Lead on to Link, or say why not."""

    @wraps(view)
    def begin(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
        try:
            session = view(request, account)
        except throttle.TooMany as many:
            return too_many(request, many.retry_at)
        except linking.LinkingError as error:
            messages.error(request, error.customer_message)
            return redirect("bank")
        return redirect("link", session.pk)

    return begin


def _begins_afresh(view: Callable[..., LinkSession]) -> Callable[..., HttpResponse]:
    """Do the same where another bank account is to come; one that is only mended is the same as before."""
    return customer(require_POST(asks_fresh(_begins(view))))


@_begins_afresh
def link_start(request: HttpRequest, account: BrokerageAccount | None) -> LinkSession:
    """Begin a pass through Plaid Link for a first bank."""
    return linking.start_link(account=account, user=user_of(request))


@_begins_afresh
def replace_start(request: HttpRequest, account: BrokerageAccount | None) -> LinkSession:
    """Begin a pass through Plaid Link for a bank that replaces the linked one."""
    return linking.start_link(account=account, user=user_of(request), replacing=True)


@customer
@require_POST
@_begins
def repair_start(request: HttpRequest, account: BrokerageAccount | None) -> LinkSession:
    """Begin a pass through Plaid Link to sign in at the bank again."""
    return repairing.start_repair(account=account, user=user_of(request))


@customer
@require_POST
@_begins
def verify_start(request: HttpRequest, account: BrokerageAccount | None) -> LinkSession:
    """Begin a pass through Plaid Link to enter the code of a small deposit."""
    return repairing.start_verification(account=account, user=user_of(request))


@customer
@require_safe
def link(request: HttpRequest, account: BrokerageAccount | None, session_id: uuid.UUID) -> HttpResponse:
    """Show the one page with Plaid's script on it."""
    session = get_object_or_404(LinkSession, pk=session_id, user=user_of(request))
    if not session.is_open:
        return redirect("link-account", session.pk) if session.item_id else redirect("bank")
    return _with_link(request, "funding/link.html", {"session": session, "sessions": [session]})


@customer
@require_safe
def link_return(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Take a customer back from their bank's own pages into the Link that sent them there.

    Which of their open sessions that was, the browser knows; a state that belongs to none of them Plaid refuses.
    """
    latest = LinkSession.objects.filter(user=user_of(request), outcome="", claimed_at=None).order_by("-created_at")[:5]
    sessions = [session for session in latest if session.is_open]
    if not request.GET.get("oauth_state_id") or not sessions:
        messages.error(request, linking.LinkStartsOver.customer_message)
        return redirect("bank")
    return _with_link(request, "funding/link.html", {"session": sessions[0], "sessions": sessions, "returning": True})


def _with_link(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    context |= {"script_url": settings.PLAID_LINK_SCRIPT_URL}
    # The sources are read now, not at import, because settings may name other hosts under test.
    shown = csp_update(link_sources())(lambda request: render(request, template, context))
    response = shown(request)
    response["Cache-Control"] = "no-store"
    response["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"  # Link opens a bank's own page in one
    return cast(HttpResponse, response)


@customer
@require_POST
def link_finish(request: HttpRequest, account: BrokerageAccount | None, session_id: uuid.UUID) -> HttpResponse:
    """Take what Plaid Link gave the browser."""
    session = get_object_or_404(LinkSession, pk=session_id, user=user_of(request))
    form = LinkResultForm(request.POST)
    if not form.is_valid() and not session.updates_id:
        messages.error(request, linking.LinkStartsOver.customer_message)
        return redirect("bank")
    try:
        if session.updates_id:  # whatever Link gave the browser: the login is read again
            repairing.finish(session=session, sender=f"customer {user_of(request).pk}")
            return redirect("bank")
        item = linking.finish_link(session=session, public_token=form.cleaned_data["public_token"], seen=form.seen)
        shared = linking.accounts_to_link(item=item)
        if len(shared) > 1 or session.purpose == Purpose.REPLACE:
            return redirect("link-account", session.pk)
        linking.link_bank(account=account, item=item, bank_account=shared[0], sender=f"customer {request.user.pk}")
    except linking.LinkingError as error:
        messages.error(request, error.customer_message)
    return redirect("bank")


@customer
@require_POST
def link_said(request: HttpRequest, account: BrokerageAccount | None, session_id: uuid.UUID) -> HttpResponse:
    """Keep what Link said meanwhile, for support."""
    session = get_object_or_404(LinkSession, pk=session_id, user=user_of(request))
    form = LinkEventsForm(request.POST)
    if form.is_valid():
        link_events.keep(session=session, said=form.cleaned_data["events"])
    return HttpResponse(status=204)


@customer
@require_http_methods(["GET", "HEAD", "POST"])
def link_account(request: HttpRequest, account: BrokerageAccount | None, session_id: uuid.UUID) -> HttpResponse:
    """Ask which of the shared accounts to use and, where it replaces another one, whether it should."""
    sessions = LinkSession.objects.select_related("item")
    session = get_object_or_404(sessions, pk=session_id, user=user_of(request))
    item, replacing = session.item, session.purpose == Purpose.REPLACE
    if item is None:
        raise Http404
    if item.removed_at or item.relationships.exists():
        return redirect("bank")
    read = linking.accounts_to_link if request.method == "POST" else linking.usable_accounts  # to look changes nothing
    try:
        shared = {found.plaid_account_id: found for found in read(item=item)}
        choices = [(key, f"{each.subtype.capitalize()} ••{each.mask} {each.name}") for key, each in shared.items()]
        form = ChooseAccountForm(request.POST or None, choices=choices)
        if request.method == "POST" and form.is_valid():
            chosen, sender = shared[form.cleaned_data["account"]], f"customer {request.user.pk}"
            linking.link_bank(account=account, item=item, bank_account=chosen, sender=sender, replacing=replacing)
            return redirect("bank")
    except linking.LinkingError as error:
        messages.error(request, error.customer_message)
        return redirect("bank")
    page = bank_page.of(account)
    context = {"form": form, "institution_name": item.institution_name, "replaced": page.link if replacing else None}
    return render(request, "funding/link_account.html", context)
