"""Ops' view of what Plaid told us, and what was done about it."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.models import User
from brokerage.deeds import Acting, Deed, NotDone, Told
from brokerage.desk import History
from brokerage.encryption import CannotDecrypt
from brokerage.template_tags import moment
from funding import news_queues
from funding.models import PlaidWebhook, PlaidWebhookEvent
from funding.models.webhooks import PARKED
from funding.operations import webhooks
from funding.timeline.evidence import without_secrets


class NotActedOn(admin.SimpleListFilter):
    """The queue of the start page."""

    title = "queue"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("not-acted-on", "Not acted on")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PlaidWebhook]) -> QuerySet[PlaidWebhook]:
        waiting = news_queues.webhooks_not_acted_on()
        return queryset.filter(pk__in=waiting.values("pk")) if self.value() == "not-acted-on" else queryset


def _webhooks() -> QuerySet[PlaidWebhook]:
    return PlaidWebhook.objects.select_related("item")


def _is_not_parked(webhook: PlaidWebhook, person: User) -> str:
    return "" if webhook.status == PARKED else "It does not wait for a person."


def _why_parked(webhook: PlaidWebhook, asked: Mapping[str, str]) -> Told:
    return [
        ("Received", moment(webhook.received_at)),
        ("About the item", webhook.item or webhook.plaid_item_id or "none"),
        ("Tries", webhook.tries),
        ("What went wrong", webhook.error),
    ]


def _act_again(webhook: PlaidWebhook, person: User, *, because: str) -> str:
    try:
        webhooks.act_again(webhook=webhook, because=because, person=person)
    except webhooks.NotParked:
        raise NotDone("someone else was faster.") from None
    return "The worker acts on it within seconds."


class WebhookHistory(History):
    model = PlaidWebhookEvent


@admin.register(PlaidWebhook)
class PlaidWebhookDesk(Acting):
    lists_people = False
    list_display = ("received_at", "kind", "code", "item", "status", "tries", "deliveries", "error")
    list_filter = (NotActedOn, "status", "kind", "code")
    list_select_related = ("item",)
    date_hierarchy = "received_at"
    search_fields = ("=id", "=plaid_item_id")
    search_help_text = "An item’s id as Plaid has it, or a webhook’s id"
    fieldsets = (
        ("What Plaid said", {"fields": ("received_at", ("kind", "code"), ("plaid_item_id", "item"), "said")}),
        (
            "How it stands",
            {"fields": ("status", ("tries", "faults", "error"), ("due_at", "claimed_until", "acted_at"))},
        ),
        ("As it came", {"fields": ("deliveries", "body_hash", "signed_hash")}),
    )
    readonly_fields = ("said",)
    inlines = (WebhookHistory,)
    deeds = (
        Deed(
            name="again",
            label="Act on it again",
            says="The worker reads the item again, as if this had just come. That is harmless; if it fails five times "
            "more, it is parked again.",
            permission="funding.change_plaidwebhook",
            rows=_webhooks,
            hinders=_is_not_parked,
            facts=_why_parked,
            act=_act_again,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlaidWebhook]:
        """Leave the sealed words where they are until a page shows them."""
        return super().get_queryset(request).defer("body")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """A queue begins with what has waited longest."""
        return ("received_at", "id") if "queue" in request.GET else ("-received_at", "-id")

    @admin.display(description="In full, without secrets")
    def said(self, webhook: PlaidWebhook) -> str:
        try:
            if not webhook.body:
                return "Dropped, since it is old."
            shown = json.dumps(without_secrets(json.loads(webhook.body)), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            return f"No JSON, and not shown: {len(webhook.body)} characters."
        except CannotDecrypt:
            return "None of FIELD_KEYS opens it."
        return format_html("<pre>{}</pre>", shown)
