"""Ops' view of transfers: one page each, with all that became of it."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html

from brokerage import money
from brokerage.deeds import Acting
from brokerage.desk import Facts, History, amount, customer
from brokerage.template_tags import moment
from funding import queues, states, timeline
from funding.admin import broker_deeds, review, transfer_deeds
from funding.models import Case, Lookup, Reversal, RiskDecision, SendAttempt, Transfer, TransferEvent
from funding.operations import canceling, resolving
from funding.timeline.evidence import without_secrets


class QueueFilter(admin.SimpleListFilter):
    """The queues of the start page."""

    title = "queue"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, title) for key, (title, *_) in queues.TRANSFERS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> QuerySet[Transfer]:
        chosen = queues.TRANSFERS.get(self.value() or "")
        return queryset.filter(chosen[1]()) if chosen else queryset


class _ByWord(admin.SimpleListFilter):
    column = ""
    words: Sequence[str] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(word, word) for word in self.words]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> QuerySet[Transfer]:
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset


class BySending(_ByWord):
    """How far our half is."""

    title = parameter_name = column = "sending"
    words = list(states.SENDING_MOVES)


class ByStatus(_ByWord):
    """The broker's word; one that we do not know has a queue of its own."""

    title = parameter_name = column = "status"
    words = [word for word in states.RANK if word]


def _without_secrets(found: Any) -> str:
    return json.dumps(without_secrets(found), ensure_ascii=False) if found else ""


FOLDED = ("collapse",)  # what the story above tells in plain words, as it was kept: long on a phone


class TransferHistory(History):
    model = TransferEvent
    classes = FOLDED

    @admin.display(description="Evidence, without secrets")
    def kept(self, event: TransferEvent) -> str:
        return _without_secrets(event.evidence)


class Attempt(Facts):
    model = SendAttempt
    classes = FOLDED
    fields = ("sent_at", "sender", "lease_until", "answered_at", "http_status", "request_id", "raw_answer")
    verbose_name_plural = "the one request"

    @admin.display(description="Answer as it came, without secrets")
    def raw_answer(self, attempt: SendAttempt) -> str:
        return _without_secrets(attempt.answer)


class Lookups(Facts):
    model = Lookup
    classes = FOLDED
    fields = ("at", "heard", "complete", "rows_read", "candidates")
    verbose_name_plural = "look-ups"


class RiskDecisions(Facts):
    model = RiskDecision
    classes = FOLDED
    fields = ("at", "outcome", "actor", "rules_version", "reasons", "inputs")
    verbose_name_plural = "risk decisions"


class Reversals(Facts):
    model = Reversal
    fields = ("created_at", "amount", "return_code")
    verbose_name_plural = "reversal"


class Cases(Facts):
    model = Case
    fields = ("opened_at", "kind", "because", "closed_at", "outcome")
    verbose_name_plural = "cases"


def _story(transfer: Transfer) -> list[timeline.Entry]:
    """Return what the customer sees, with the facts behind it; nothing of a row that lacks its attempt."""
    try:
        return timeline.for_ops(Transfer.objects.for_timeline().get(pk=transfer.pk))
    except SendAttempt.DoesNotExist:
        return []


@admin.register(Transfer)
class TransferDesk(Acting):
    """One page per transfer: what the customer sees, and what was asked, sent, answered, looked up and decided."""

    list_display = ("short_reference", customer, "direction", amount, "sending", "status", "bank", "created_at")
    # Words are known, and not looked for in all rows; a hierarchy of dates would read them all, too.
    list_filter = (QueueFilter, BySending, ByStatus, "direction", "origin", "created_at")
    list_select_related = ("brokerage_account__user", "relationship__item")
    search_fields = (
        "=id",
        "=alpaca_id",
        "=brokerage_account__alpaca_id",
        "=relationship__alpaca_id",
        "=attempt__request_id",
        "^user__email",
        "=relationship__mask",
    )
    search_help_text = "Any id, how an e-mail address begins, the last four digits of a bank account, or an amount"
    change_form_template = "admin/transfer.html"
    fieldsets = (
        (
            "What was asked for",
            {"fields": ("id", ("direction", "amount", "origin"), ("user", "brokerage_account", "relationship"))},
        ),
        ("How it stands", {"fields": ("alpaca_id", ("sending", "status"), ("return_code", "reason"))}),
        (
            "When",
            {
                "classes": FOLDED,
                "fields": (
                    ("created_at", "accepted_at", "sent_to_bank_at"),
                    ("settled_at", "ended_at", "news_at"),
                    ("leaves_on", "expected_on"),
                    ("cancel_asked_at", "cancel_answer"),
                ),
            },
        ),
        ("Authorization", {"classes": FOLDED, "fields": ("authorized", "authorized_from")}),
    )
    readonly_fields = ("authorized", "authorized_from")
    inlines = (TransferHistory, RiskDecisions, Attempt, Lookups, Reversals, Cases)
    actions = ("read_again", "look_up")
    deeds = (*transfer_deeds.DEEDS, broker_deeds.TRANSFER)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.review)
        return [path("<uuid:pk>/review/", page, name="funding_transfer_review"), *super().get_urls()]

    def review(self, request: HttpRequest, pk: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.looked_at(request, review.page(request, pk, self.admin_site), "transfer")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """A queue begins with what has waited longest."""
        return ("created_at", "id") if "queue" in request.GET else ("-created_at", "-id")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        found = self.get_object(request, object_id)
        extra = {"entries": _story(found), "in_review": found.sending == states.REVIEW} if found else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    @admin.display(description="Bank")
    def bank(self, transfer: Transfer) -> str:
        return str(transfer.relationship or "")

    @admin.display(description="The customer’s words")
    def authorized(self, transfer: Transfer) -> str:
        given = transfer.authorization
        return f"{given.text} (version {given.version})" if given else "None: only deposits asked for here have one."

    @admin.display(description="Given")
    def authorized_from(self, transfer: Transfer) -> str:
        given = transfer.authorization
        if given is None:
            return ""
        return format_html("{} from {}, {}", moment(given.created_at), given.ip_address, given.user_agent or "unnamed")

    def ways(self, request: HttpRequest, text: str) -> list[Q]:
        """Find by amount, too."""
        found = super().ways(request, text)
        with suppress(money.AmountNotUnderstood):
            found.append(Q(amount=money.parse(text)))
        return found

    @admin.action(description="Read from the broker again", permissions=["act"])
    def read_again(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        for transfer in queryset.select_related("brokerage_account"):
            before = transfer.status
            if transfer.alpaca_id:
                canceling.read_again(transfer=transfer)
                transfer.refresh_from_db()
            moved = f"{before or 'new'} → {transfer.status}" if transfer.status != before else "as we have it"
            self.message_user(request, f"{transfer}: {moved if transfer.alpaca_id else 'not at the broker'}.")

    @admin.action(description="Look for it in the broker's list now (outcome unknown only)", permissions=["act"])
    def look_up(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        unknown = queryset.filter(sending=states.UNKNOWN).select_related("attempt", "brokerage_account", "relationship")
        for transfer in unknown:
            known = resolving.resolve(transfer=transfer)
            level = messages.SUCCESS if known else messages.WARNING
            outcome = transfer.sending if known else "not found yet; it goes on being looked for"
            self.message_user(request, f"{transfer}: {outcome}.", level)
        if passed := queryset.exclude(sending=states.UNKNOWN).count():
            self.message_user(request, f"{passed} passed over: their outcome is known.")
