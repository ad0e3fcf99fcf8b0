"""The list of transfers, and one transfer with its timeline.

Called by the browser; calls operations to cancel. The list pages by key, so that its millionth page costs as its first.
"""

import uuid
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.live_part import live_part
from accounts.models import BrokerageAccount
from brokerage import banking_days, paging
from funding import dates, states, timeline, wording
from funding.forms import FilterForm
from funding.models import Transfer
from funding.models.transfer_rows import TransferQuerySet
from funding.operations import canceling
from funding.rows import Month, TransferRow
from funding.views.desk import customer, user_of

PER_PAGE = 25


@customer
@require_safe
def transfers(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Show the transfers, newest first, a page at a time."""
    filters = FilterForm(request.GET or None)
    wanted = filters.cleaned_data if filters.is_bound and filters.is_valid() else {}
    mine = Transfer.objects.filter(user=user_of(request)).for_pages()
    page = paging.page(_filtered(mine, wanted), request.GET, size=PER_PAGE)
    kept = {name: request.GET[name] for name in filters.fields if request.GET.get(name)}
    context = {
        "groups": _by_month(page.rows),
        "filters": filters,
        "filtered": bool(kept),
        "any": bool(page.rows) or mine.exists(),
        "newer_url": _page_url(kept, page.newer),
        "older_url": _page_url(kept, page.older),
    }
    return render(request, "funding/transfers.html", context)


def _filtered(found: TransferQuerySet, wanted: dict[str, Any]) -> TransferQuerySet:
    if wanted.get("direction"):
        found = found.filter(direction=wanted["direction"])
    if wanted.get("since"):
        found = found.filter(created_at__gte=banking_days.day_begins(wanted["since"]))
    match wanted.get("status"):
        case FilterForm.MOVING:
            return found.moving()
        case FilterForm.SETTLED:
            return found.filter(status=states.COMPLETE)
        case FilterForm.STOPPED:
            return found.filter(Q(sending__in=states.NEVER_HAPPENED) | Q(status__in=states.FINAL))
    return found


def _page_url(kept: dict[str, str], place: dict[str, str]) -> str | None:
    return f"{reverse('transfers')}?{urlencode(kept | place)}" if place else None


def _by_month(rows: list[Transfer]) -> list[Month]:
    labelled = [(f"{banking_days.today(row.created_at):%B %Y}", TransferRow.of(row)) for row in rows]
    return [Month(label, [row for _, row in group]) for label, group in groupby(labelled, key=lambda pair: pair[0])]


@customer
@require_safe
def transfer(request: HttpRequest, account: BrokerageAccount | None, transfer_id: uuid.UUID) -> HttpResponse:
    """Show one transfer."""
    return render(request, "funding/transfer.html", _context(_mine(request, transfer_id), account))


@live_part("transfer-status", of="transfer", heading="h1")
@customer
@require_safe
def transfer_status(request: HttpRequest, account: BrokerageAccount | None, transfer_id: uuid.UUID) -> HttpResponse:
    """Return the part of a transfer's page that changes by itself."""
    return render(request, "funding/_transfer_status.html", _context(_mine(request, transfer_id), account))


@customer
@require_safe
def authorization(request: HttpRequest, account: BrokerageAccount | None, transfer_id: uuid.UUID) -> HttpResponse:
    """Show what the customer agreed to with a deposit, to keep and to print."""
    found = _mine(request, transfer_id)
    if found.authorization is None:
        raise Http404
    return render(request, "funding/authorization.html", {"transfer": found, "authorization": found.authorization})


@customer
@require_POST
def cancel(request: HttpRequest, account: BrokerageAccount | None, transfer_id: uuid.UUID) -> HttpResponse:
    """Cancel a transfer while that is possible, and say what came of it."""
    mine = _mine(request, transfer_id)
    try:
        certain = canceling.cancel(transfer=mine, actor=f"customer {request.user.pk}")
    except (canceling.TooLateToCancel, canceling.BrokerAway) as refusal:
        messages.warning(request, refusal.customer_message)
    else:
        if certain:
            messages.success(request, "It is canceled; no money moves.")
        else:
            messages.info(request, "We asked the broker to cancel it. This page shows when that is certain.")
    return redirect("transfer", transfer_id)


def _mine(request: HttpRequest, transfer_id: uuid.UUID) -> Transfer:
    """Return the user's own transfer; a stranger's and a missing one look alike."""
    return get_object_or_404(Transfer.objects.for_timeline(), pk=transfer_id, user=user_of(request))


def _context(found: Transfer, account: BrokerageAccount | None) -> dict[str, Any]:
    return {
        "transfer": found,
        "words": wording.of_transfer(found),
        "timeline": timeline.of(found),
        "can_cancel": found.can_cancel,
        "live": found.is_moving,
        "details": _details(found, account),
        "dates": dates.of(found),
    }


def _details(found: Transfer, account: BrokerageAccount | None) -> list[dict[str, str]]:
    linked = found.relationship
    bank = f"{linked.institution_name} ••{linked.mask}" if linked else "Another bank account"
    brokerage = f"Account ••{account.number_mask}" if account and account.number_mask else "Your brokerage account"
    ends = (bank, brokerage) if found.is_deposit else (brokerage, bank)
    return [
        {"label": "From", "value": ends[0], "note": ""},
        {"label": "To", "value": ends[1], "note": ""},
        {"label": "Fee", "value": "$0.00", "note": ""},
    ]
