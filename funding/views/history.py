"""The list of transfers, and one transfer with its timeline.

Called by the browser; calls operations to cancel. The list pages by key, so that its millionth page costs as its first.
"""

import uuid
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.models import BrokerageAccount
from brokerage import banking_days
from funding import states, timeline, wording
from funding.forms import FilterForm
from funding.models import Transfer
from funding.models.transfers import TransferQuerySet
from funding.operations import canceling
from funding.rows import Month, TransferRow
from funding.views.desk import customer, user_of

PER_PAGE = 25


@customer
@require_GET
def transfers(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Show the transfers, newest first, a page at a time."""
    filters = FilterForm(request.GET or None)
    wanted = filters.cleaned_data if filters.is_bound and filters.is_valid() else {}
    mine = Transfer.objects.filter(user=user_of(request)).for_pages()
    rows, newer, older = _page(_filtered(mine, wanted), request.GET)
    kept = {name: request.GET[name] for name in filters.fields if request.GET.get(name)}
    context = {
        "groups": _by_month(rows),
        "filters": filters,
        "filtered": bool(kept),
        "any": bool(rows) or mine.exists(),
        "newer_url": _page_url(kept, newer),
        "older_url": _page_url(kept, older),
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


def _page(found: TransferQuerySet, query: Any) -> tuple[list[Transfer], str, str]:
    """Return one page of rows, and the keys of the newer and the older page ("" where there is none)."""
    before, after = _key(query.get("before")), _key(query.get("after"))
    if after:
        at, pk = after
        # A plain bound first, so that the index is entered at the key; "greater or equal with a greater id" is not.
        newer_rows = found.filter(created_at__gte=at).exclude(created_at=at, id__lte=pk).order_by("created_at", "id")
        rows = list(newer_rows[: PER_PAGE + 1])
        more_newer, rows = len(rows) > PER_PAGE, rows[:PER_PAGE][::-1]
        return rows, f"after={_key_of(rows[0])}" if more_newer and rows else "", _older(rows, more=True)
    if before:
        at, pk = before
        found = found.filter(created_at__lte=at).exclude(created_at=at, id__gte=pk)
    rows = list(found.order_by("-created_at", "-id")[: PER_PAGE + 1])
    more, rows = len(rows) > PER_PAGE, rows[:PER_PAGE]
    newer = f"after={_key_of(rows[0])}" if before and rows else ""
    return rows, newer, _older(rows, more=more)


def _older(rows: list[Transfer], *, more: bool) -> str:
    return f"before={_key_of(rows[-1])}" if more and rows else ""


def _key_of(transfer: Transfer) -> str:
    return f"{transfer.created_at.timestamp():.6f}_{transfer.pk}"


def _key(text: str | None) -> tuple[datetime, uuid.UUID] | None:
    """Return the place in the list that a key names; None for one that nobody of ours made."""
    moment, _, pk = (text or "").partition("_")
    try:
        seconds, _, micros = moment.partition(".")
        at = datetime.fromtimestamp(int(seconds), tz=timezone.get_current_timezone()).replace(microsecond=int(micros))
        return at, uuid.UUID(pk)
    except (ValueError, OverflowError, OSError):
        return None


def _page_url(kept: dict[str, str], key: str) -> str | None:
    if not key:
        return None
    name, _, value = key.partition("=")
    return f"{reverse('transfers')}?{urlencode(kept | {name: value})}"


def _by_month(rows: list[Transfer]) -> list[Month]:
    labelled = [(f"{banking_days.today(row.created_at):%B %Y}", TransferRow.of(row)) for row in rows]
    return [Month(label, [row for _, row in group]) for label, group in groupby(labelled, key=lambda pair: pair[0])]


@customer
@require_GET
def transfer(request: HttpRequest, account: BrokerageAccount | None, transfer_id: uuid.UUID) -> HttpResponse:
    """Show one transfer."""
    return render(request, "funding/transfer.html", _context(_mine(request, transfer_id), account))


@customer
@require_GET
def transfer_status(request: HttpRequest, account: BrokerageAccount | None, transfer_id: uuid.UUID) -> HttpResponse:
    """Return the part of a transfer's page that changes by itself."""
    return render(request, "funding/_transfer_status.html", _context(_mine(request, transfer_id), account))


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
    rows = Transfer.objects.for_pages().select_related("authorization", "brokerage_account")
    return get_object_or_404(rows, pk=transfer_id, user=user_of(request))


def _context(found: Transfer, account: BrokerageAccount | None) -> dict[str, Any]:
    return {
        "transfer": found,
        "words": wording.of_transfer(found),
        "timeline": timeline.of(found),
        "can_cancel": found.can_cancel,
        "live": found.is_moving,
        "details": _details(found, account),
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
