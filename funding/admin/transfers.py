"""Ops' view of transfers: one page each, with all that became of it."""

from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from brokerage import money
from brokerage.desk import Facts, History, ReadOnly, amount
from funding import queues, states
from funding.models import Lookup, Reversal, RiskDecision, SendAttempt, Transfer, TransferEvent
from funding.operations import canceling, resolving


class QueueFilter(admin.SimpleListFilter):
    """The queues of the start page."""

    title = "queue"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, title) for key, (title, *_) in queues.TRANSFERS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> QuerySet[Transfer]:
        chosen = queues.TRANSFERS.get(self.value() or "")
        return queryset.filter(chosen[1]()) if chosen else queryset


class TransferHistory(History):
    model = TransferEvent


class Attempt(Facts):
    model = SendAttempt
    fields = ("sent_at", "sender", "lease_until", "answered_at", "http_status", "request_id", "answer")
    verbose_name_plural = "the one request"


class Lookups(Facts):
    model = Lookup
    fields = ("at", "complete", "rows_read", "candidates")
    verbose_name_plural = "look-ups"


class RiskDecisions(Facts):
    model = RiskDecision
    fields = ("at", "outcome", "actor", "rules_version", "reasons", "inputs")
    verbose_name_plural = "risk decisions"


class Reversals(Facts):
    model = Reversal
    fields = ("created_at", "amount", "return_code")
    verbose_name_plural = "reversal"


@admin.register(Transfer)
class TransferDesk(ReadOnly):
    """One page per transfer: what was asked, sent, answered, looked up, and all that became of it."""

    list_display = ("short_reference", "user", "direction", amount, "sending", "status", "bank", "created_at")
    list_filter = (QueueFilter, "sending", "status", "direction", "origin")
    list_select_related = ("user", "relationship__item")
    date_hierarchy = "created_at"
    search_fields = ("=id", "=alpaca_id", "user__email", "relationship__mask")
    search_help_text = "Any id, an e-mail address, the last four digits of a bank account, or an amount"
    exclude = ("form_key", "parameters_hash")
    inlines = (TransferHistory, RiskDecisions, Attempt, Lookups, Reversals)
    actions = ("read_again", "look_up")

    @admin.display(description="Bank")
    def bank(self, transfer: Transfer) -> str:
        return str(transfer.relationship or "")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Transfer], search_term: str
    ) -> tuple[QuerySet[Transfer], bool]:
        """Find by amount, too."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        with suppress(money.AmountNotUnderstood):
            found |= queryset.filter(Q(amount=money.parse(search_term)))
        return found, duplicates

    @admin.action(description="Read from the broker again")
    def read_again(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        for transfer in queryset.select_related("brokerage_account"):
            before = transfer.status
            if transfer.alpaca_id:
                canceling.read_again(transfer=transfer)
                transfer.refresh_from_db()
            moved = f"{before or 'new'} → {transfer.status}" if transfer.status != before else "as we have it"
            self.message_user(request, f"{transfer}: {moved if transfer.alpaca_id else 'not at the broker'}.")

    @admin.action(description="Look for it in the broker's list now (outcome unknown only)")
    def look_up(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        unknown = queryset.filter(sending=states.UNKNOWN).select_related("attempt", "brokerage_account", "relationship")
        for transfer in unknown:
            known = resolving.resolve(transfer=transfer)
            level = messages.SUCCESS if known else messages.WARNING
            outcome = transfer.sending if known else "not found yet; it goes on being looked for"
            self.message_user(request, f"{transfer}: {outcome}.", level)
        if passed := queryset.exclude(sending=states.UNKNOWN).count():
            self.message_user(request, f"{passed} passed over: their outcome is known.")
