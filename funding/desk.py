"""The admin's start page: what waits for a person and what the banks take back, above the usual list of models."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from brokerage import money
from funding import queues
from funding.models import Brake
from funding.operations import return_rates
from funding.operations.return_rates import Rate


class Desk(admin.AdminSite):
    """Django's admin, with queues."""

    index_template = "admin/desk.html"
    site_title = "Operations"
    index_title = "Operations"
    enable_nav_sidebar = False

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        shown = {"queues": queues.everything(), "rates": _rates()}
        return super().index(request, {**(extra_context or {}), **shown})


def _rates() -> list[dict[str, Any]]:
    engaged = {brake.rate: brake for brake in Brake.objects.filter(lifted_at=None)}
    return [_shown(rate, engaged.get(rate.name)) for rate in return_rates.rates()]


def _shown(rate: Rate, brake: Brake | None) -> dict[str, Any]:
    return {
        "label": rate.name.capitalize(),
        "returned": rate.returned,
        "debits": rate.debits,
        "percent": _percent(rate.rate),
        "limit_percent": _percent(rate.limit),
        "warn_percent": _percent(rate.limit * return_rates.WARN_AT),
        "word": rate.word,
        "brake": brake,
    }


def _percent(share: Decimal) -> Decimal:
    return (share * 100).quantize(money.CENT)
