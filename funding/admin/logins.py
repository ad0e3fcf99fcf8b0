"""Ops' view of logins at banks, and of passes through Plaid Link."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from brokerage import questions
from brokerage.deeds import Acting
from brokerage.desk import Facts, ReadOnly
from funding import bank_queues
from funding.admin import bank_filters, login_deeds, login_file
from funding.admin.bank_filters import AboutLogins, AtBank
from funding.models import LinkEvent, LinkSession, PlaidItem


def _told(item: PlaidItem) -> dict[str, Any]:
    return {"title": "Login at a bank", "groups": login_file.groups(item), "tables": login_file.tables(item)}


@admin.register(PlaidItem)
class ItemDesk(Acting):
    """One page per login: how it is, its bank accounts, and what has happened to it."""

    list_display = ("__str__", "user", "is_so", "error_code", "health_at")
    list_filter = (AboutLogins, AtBank, "health")
    list_select_related = ("user",)
    search_fields = (
        "=id",
        "=plaid_item_id",
        "=relationships__id",
        "=relationships__alpaca_id",
        "=relationships__mask",
        "~institution_name",
        "^user__email",
    )
    search_help_text = (
        "Any id of ours or a vendor’s, the last four digits, a bank’s whole name, or how an e-mail address begins"
    )
    exclude = ("access_token",)
    change_form_template = "admin/bank_login.html"
    deeds = login_deeds.DEEDS

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return questions.order(bank_queues.LOGINS, request)

    def ways(self, request: HttpRequest, text: str) -> list[Q]:
        """Find by what Plaid's support would name, too."""
        return [*super().ways(request, text), *bank_filters.logins_named(text)]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        item = self.get_object(request, object_id) if self.has_view_permission(request) else None
        extra = _told(item) if item else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    @admin.display(description="How it is", ordering="health")
    def is_so(self, item: PlaidItem) -> str:
        return login_file.HEALTH.get(item.health, item.health)


class WhatLinkSaid(Facts):
    model = LinkEvent
    fields = ("received_at", "name", "view", "error", "link_session_id", "request_id")
    verbose_name_plural = "what Link said"

    @admin.display(description="View")
    def view(self, event: LinkEvent) -> str:
        return login_file.view_of(event)

    @admin.display(description="Error")
    def error(self, event: LinkEvent) -> str:
        return login_file.error_of(event)


@admin.register(LinkSession)
class LinkSessionDesk(ReadOnly):
    """One page per pass through Link, with what Plaid's support asks for."""

    list_display = ("__str__", "user", "purpose", "outcome", "request_id", "created_at", "claimed_at")
    list_filter = ("outcome", "purpose")
    list_select_related = ("user",)
    search_fields = ("=id", "=request_id", "=item__plaid_item_id", "=updates__plaid_item_id", "^user__email")
    search_help_text = "Any id of ours, Plaid’s or Link’s, or how an e-mail address begins"
    ordering = ("-created_at", "-id")
    fields = (
        ("id", "request_id"),
        ("user", "purpose"),
        ("item", "updates"),
        ("outcome", "created_at"),
        ("claimed_at", "expires_at"),
    )
    exclude = ("link_token", "public_token_hash")
    inlines = (WhatLinkSaid,)
    change_form_template = "admin/row.html"

    def ways(self, request: HttpRequest, text: str) -> list[Q]:
        """Find by what Link told on the way, too."""
        return [*super().ways(request, text), *bank_filters.passes_named(text)]
