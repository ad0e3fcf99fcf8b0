"""The page that compares a transfer in review with what the broker's list holds."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from brokerage.deeds import NotDone
from funding import states
from funding.admin import transfer_deeds
from funding.models import Transfer
from funding.operations.reviewing import Candidate


def page(request: HttpRequest, pk: Any, site: AdminSite) -> TemplateResponse:
    """Show ours and theirs side by side, as the broker's list has them now."""
    transfer = get_object_or_404(transfer_deeds.rows(), pk=pk)
    context = {**site.each_context(request), "title": "Compare with the broker’s", "transfer": transfer}
    try:
        found = transfer_deeds.candidates(transfer)
    except NotDone as why:
        return TemplateResponse(request, "admin/review.html", {**context, "hindrance": str(why)})
    columns = [_column(transfer, each) for each in found]
    in_review = transfer.sending == states.REVIEW and transfer.user != request.user
    may_act = in_review and request.user.has_perm(transfer_deeds.MAY_ACT)
    return TemplateResponse(request, "admin/review.html", {**context, "columns": columns, "may_act": may_act})


def _column(transfer: Transfer, candidate: Candidate) -> dict[str, Any]:
    theirs = candidate.theirs
    adopt = reverse("admin:funding_transfer_adopt", args=[transfer.pk])
    bank = transfer.relationship
    return {
        "theirs": theirs,
        "bound_to": candidate.bound_to,
        "differs": theirs.amount != transfer.amount,
        "same_bank": bank is not None and theirs.relationship_id == bank.alpaca_id,
        "adopt_url": f"{adopt}?{urlencode({'alpaca_id': theirs.alpaca_id})}" if candidate.is_free else "",
    }
