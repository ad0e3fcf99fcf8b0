"""Ops' view of the books: runs of reconciliation, and the broker's rows of cash. All to read."""

from contextlib import suppress
from datetime import timedelta

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from brokerage import money
from brokerage.deeds import Acting
from brokerage.desk import History, ReadOnly, amount
from brokerage.sheets import link_to
from brokerage.template_tags import day, moment
from funding import break_kinds
from funding.admin import match_deeds
from funding.admin.break_filters import AREAS, Filter
from funding.models import Break, CashActivity, CashActivityEvent, ReconciliationRun
from funding.operations import cash_findings

# --- Runs -------------------------------------------------------------------------------------------------------------


class Finished(Filter):
    title, parameter_name = "how it ended", "ended"
    answers = {
        "finished": "Finished",
        "not": "Not finished",
        "uncompared": "Something was not compared",
    }

    def queryset(self, request: HttpRequest, queryset: QuerySet[ReconciliationRun]) -> QuerySet[ReconciliationRun]:
        if self.value() == "uncompared":
            return queryset.filter(uncompared__gt=0)
        if self.value():
            return queryset.filter(finished_at__isnull=self.value() == "not")
        return queryset


class OfBook(Filter):
    title, parameter_name = "book", "book"
    answers = AREAS

    def queryset(self, request: HttpRequest, queryset: QuerySet[ReconciliationRun]) -> QuerySet[ReconciliationRun]:
        return queryset.filter(area=self.value()) if self.value() else queryset


@admin.register(ReconciliationRun)
class RunDesk(ReadOnly):
    """When each book was gone through, how far, and what was found."""

    lists_people = False
    list_display = ("book", "range", "began", "took", "compared", "rows", "calls", "found", "healed", "not_compared")
    list_filter = (OfBook, Finished)
    search_fields = ("=id", "scope", "holder")
    search_help_text = "A run’s id, an account’s id, or who ran it"
    date_hierarchy = "began_at"
    fieldsets = (
        ("What was gone through", {"fields": ("book", "range", "holder", "id")}),
        ("When", {"fields": ("began", "took", "ended", "position")}),
        ("What came of it", {"fields": (("compared", "rows", "calls"), ("found", "healed", "uncompared"))}),
    )
    readonly_fields = ("book", "range", "began", "took", "ended")

    @admin.display(description="Book", ordering="area")
    def book(self, run: ReconciliationRun) -> str:
        return AREAS.get(run.area, run.area)

    @admin.display(description="What was asked for", ordering="scope")
    def range(self, run: ReconciliationRun) -> str:
        return {"": "what is open", "full": "all", "due": "what moves"}.get(run.scope, run.scope)

    @admin.display(description="Began", ordering="began_at")
    def began(self, run: ReconciliationRun) -> SafeString | str:
        return moment(run.began_at)

    @admin.display(description="Took")
    def took(self, run: ReconciliationRun) -> str:
        return _in_words(run.finished_at - run.began_at) if run.finished_at else "not finished"

    @admin.display(description="Ended")
    def ended(self, run: ReconciliationRun) -> SafeString | str:
        return moment(run.finished_at) if run.finished_at else "it was stopped, or goes on still"

    @admin.display(description="Not compared", ordering="uncompared")
    def not_compared(self, run: ReconciliationRun) -> SafeString | str:
        return format_html("<strong>{}</strong>", run.uncompared) if run.uncompared else "0"


def _in_words(took: timedelta) -> str:
    minutes, seconds = divmod(int(took.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    told = [(hours, "h"), (minutes, "min"), (seconds, "s")]
    return " ".join(f"{number} {unit}" for number, unit in told if number) or "less than a second"


# --- Cash -------------------------------------------------------------------------------------------------------------


class Matched(Filter):
    title, parameter_name = "match", "match"
    answers = {
        "matched": "Matched with a transfer",
        "unmatched": "Not matched",
        "offset": "Cancels out with another",
        "void": "Taken back by the broker",
    }

    def queryset(self, request: HttpRequest, queryset: QuerySet[CashActivity]) -> QuerySet[CashActivity]:
        void = Q(status__in=CashActivity.VOID)
        asked = {
            "matched": Q(transfer__isnull=False),
            "unmatched": Q(role="") & ~void,
            "offset": Q(role=CashActivity.OFFSET),
            "void": void,
        }
        return queryset.filter(asked[self.value() or ""]) if self.value() in asked else queryset


class CashHistory(History):
    model = CashActivityEvent


@admin.register(CashActivity)
class CashDesk(Acting):
    """The broker's rows of cash as it booked them, and the transfers that they were booked for."""

    key = "int"
    list_display = ("broker_says", "booked", "kind", amount, "customer", "status", "matched_with", "as_its")
    list_filter = (Matched, "kind")
    list_select_related = ("brokerage_account__user", "transfer")
    date_hierarchy = "booked_on"
    search_fields = (
        "=alpaca_id",
        "=alpaca_account_id",
        "=brokerage_account__id",
        "=transfer__id",
        "=transfer__alpaca_id",
        "^brokerage_account__user__email",
    )
    search_help_text = "Any id of ours or the broker’s, how an e-mail address begins, or an amount"
    fieldsets = (
        ("As the broker booked it", {"fields": ("alpaca_id", ("kind", "amount"), ("booked", "status"), "made")}),
        ("Whose it is", {"fields": ("customer", "account", "alpaca_account_id")}),
        ("What it was booked for", {"fields": ("matched_with", "as_its", "matched", "cancels", "broken")}),
        ("Here", {"fields": ("seen", "id")}),
    )
    readonly_fields = (
        *("booked", "made", "customer", "account", "matched_with"),
        *("as_its", "matched", "cancels", "broken", "seen"),
    )
    inlines = (CashHistory,)
    deeds = (match_deeds.UNMATCH,)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("-booked_on", "-id")

    def ways(self, request: HttpRequest, text: str) -> list[Q]:
        """Find by amount, too, whichever way it went."""
        found = super().ways(request, text)
        with suppress(money.AmountNotUnderstood):
            size = money.parse(text.lstrip(f"-+{money.MINUS}"))
            found.append(Q(amount__in=[size, -size]))
        return found

    @admin.display(description="The broker’s id", ordering="alpaca_id")
    def broker_says(self, cash: CashActivity) -> str:
        return cash.alpaca_id if len(cash.alpaca_id) <= 12 else f"…{cash.alpaca_id[-8:]}"  # it begins with the time

    @admin.display(description="Booked on", ordering="booked_on")
    def booked(self, cash: CashActivity) -> SafeString | str:
        return day(cash.booked_on)

    @admin.display(description="Made by the broker")
    def made(self, cash: CashActivity) -> SafeString | str:
        return moment(cash.created_at)

    @admin.display(description="First read")
    def seen(self, cash: CashActivity) -> SafeString | str:
        return moment(cash.seen_at)

    @admin.display(description="Customer", ordering="brokerage_account__user__email")
    def customer(self, cash: CashActivity) -> str:
        return cash.brokerage_account.user.email if cash.brokerage_account else "not ours"

    @admin.display(description="Brokerage account")
    def account(self, cash: CashActivity) -> SafeString | str:
        return link_to(cash.brokerage_account) or "none that we hold"

    @admin.display(description="Transfer", ordering="transfer")
    def matched_with(self, cash: CashActivity) -> SafeString | str:
        if cash.transfer is None:
            return "cancels out" if cash.role == CashActivity.OFFSET else "none"
        return link_to(cash.transfer)

    @admin.display(description="As its", ordering="role")
    def as_its(self, cash: CashActivity) -> str:
        return cash.role.lower() or "not matched"

    @admin.display(description="Matched")
    def matched(self, cash: CashActivity) -> SafeString | str:
        return moment(cash.matched_at) if cash.matched_at else "not yet"

    @admin.display(description="Cancels out with")
    def cancels(self, cash: CashActivity) -> SafeString | str:
        other = cash.offsets or CashActivity.objects.filter(offsets=cash).first()
        return link_to(other, other and match_deeds.cash_in_words(other)) or "none"

    @admin.display(description="Open breaks")
    def broken(self, cash: CashActivity) -> SafeString | str:
        subject = cash_findings.subject_of(
            alpaca_id=cash.alpaca_id, account=cash.brokerage_account_id, alpaca_account_id=cash.alpaca_account_id
        )
        found = Break.objects.filter(subject=subject, kind__in=break_kinds.codes(break_kinds.CASH), ended_at=None)
        return format_html_join("; ", "{}", ((link_to(each),) for each in found)) or "none"
