"""Applications, with one page for each person; and the brokerage accounts that came of them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse

from accounts import application_queues, finding_people
from accounts.admin import handling_deeds, person_answers, person_deeds, person_file
from accounts.admin.application_filters import SeenToBy, Waited, WaitsFor
from accounts.models import AccountEvent, Application, Assignment, BrokerageAccount, User
from accounts.models.brokerage import NEVER
from accounts.operations import account_status
from brokerage import money, questions
from brokerage.deeds import Acting, Deed, NotDone, Nothing, Told
from brokerage.desk import History
from brokerage.template_tags import moment


@admin.register(Application)
class ApplicationDesk(Acting):
    """The list of applications by whom each waits for, and the page of each person: what is theirs alone is hidden."""

    list_display = ("short_reference", "user", "full_name", "stands", "waits_for", "waits_since", "seen_to_by")
    list_filter = (WaitsFor, SeenToBy, Waited)
    list_select_related = ("user", "brokerage_account")
    search_fields = (
        "=id",
        "=brokerage_account__id",
        "=brokerage_account__alpaca_id",
        "=brokerage_account__account_number",
        "^user__email",
        "=tax_id_last4",
    )
    search_help_text = "Any id, reference or account number, how an e-mail address begins, a name, a tax id’s last four"
    fields = ("status",)  # what is read is on the sheets
    change_form_template = "admin/person.html"
    deeds = (*handling_deeds.DEEDS, *person_deeds.DEEDS)

    def ways(self, request: HttpRequest, text: str) -> list[Q]:
        """Find by name, too."""
        return [*super().ways(request, text), *finding_people.by_name(text)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        standing = Assignment.objects.filter(person=OuterRef("user"), ended_at=None)
        rows = application_queues.with_since(
            super().get_queryset(request).defer("date_of_birth", "tax_id", "tax_id_hash")
        )
        return rows.annotate(assignee=Subquery(standing.values("to__email")[:1]))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return questions.order(application_queues.QUESTIONS, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if self.has_view_permission(request) else None
        extra = self._told(handling_deeds.rows().get(pk=row.pk), request.user) if row else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def _told(self, application: Application, person: Any) -> dict[str, Any]:
        may_look = person.has_perm(person_deeds.MAY_LOOK) and application.user != person
        return {
            "title": "Person",
            "words": person_file.words(application),
            "purged_at": application.purged_at,
            "groups": person_file.groups(application, may_look=may_look),
            "tables": person_file.tables(application, may_look=may_look),
        }

    @admin.display(description="The customer reads")
    def stands(self, application: Application) -> str:
        return person_file.words(application).word

    @admin.display(description="Waits for")
    def waits_for(self, application: Application) -> str:
        return application_queues.waits_for(application)

    @admin.display(description="Since", ordering="since")
    def waits_since(self, application: Any) -> object:
        return moment(application.since)

    @admin.display(description="Seen to by", ordering="assignee")
    def seen_to_by(self, application: Any) -> str:
        return application.assignee or "nobody"


class AccountHistory(History):
    model = AccountEvent

    @admin.display(description="Evidence")
    def kept(self, event: AccountEvent) -> str:
        """Leave out which checks came to what: see person_file."""
        return "" if event.field == "kyc" else super().kept(event)


def _accounts() -> QuerySet[BrokerageAccount]:
    return BrokerageAccount.objects.select_related("user", "application")


def _not_hindered(account: BrokerageAccount, person: User) -> str:
    return ""


def _account_facts(account: BrokerageAccount, asked: Mapping[str, str]) -> Told:
    read = moment(account.cash_as_of) if account.cash_as_of else "never"
    return [("Customer", account.user.email), ("Status", account.status), ("Cash read last", read)]


def _read(account: BrokerageAccount, person: User) -> str:
    findings = list(account_status.reconcile_one(account=account))
    if any(not finding.mended for finding in findings):
        raise NotDone("; ".join(finding.what for finding in findings))
    account.refresh_from_db()
    before = account.cash
    if not account_status.refresh_cash(account=account):
        raise NotDone("the broker told the status, and not the cash. Try it again in a minute.")
    told = [finding.what for finding in findings]
    if account.cash != before:
        told.append(f"cash {_dollars(before)} → {_dollars(account.cash)}")
    return f"Read: {'; '.join(told)}." if told else "The broker says what we have."


def _dollars(amount: Decimal | None) -> str:
    return "not known" if amount is None else money.show(amount)


READ = Deed(
    name="read",
    label="Read it from the broker again",
    says="Status, findings, blocks and cash are read, and taken over where they differ. Nothing is sent.",
    permission="accounts.change_brokerageaccount",
    rows=_accounts,
    hinders=_not_hindered,
    facts=_account_facts,
    act=_read,
    form=Nothing,
)


@admin.register(BrokerageAccount)
class BrokerageAccountDesk(Acting):
    list_display = ("__str__", "user", "status", "status_at", "cash", "cash_withdrawable", "cash_as_of")
    list_filter = ("status",)
    list_select_related = ("user", "application")
    search_fields = ("=id", "=alpaca_id", "=account_number", "^user__email")
    # Number and findings are hidden: the person's page shows them, to who says why.
    fieldsets = (
        (
            "At the broker",
            {"fields": ("alpaca_id", "number", "checks", ("status", "status_at"), "blocks", "only_sells")},
        ),
        ("Whose it is", {"fields": ("user", "application", "created_at", "id")}),
        ("Cash", {"fields": (("cash", "cash_withdrawable", "equity"), ("cash_as_of", "cash_asked_at"))}),
        ("When it was heard of", {"fields": ("news_at", "told_at", "compared_at", "last_checked")}),
    )
    readonly_fields = ("number", "checks", "only_sells", "last_checked")
    inlines = (AccountHistory,)
    actions = ("read_again",)
    change_form_template = "admin/account.html"
    deeds = (READ,)

    @admin.display(description="Account number")
    def number(self, account: BrokerageAccount) -> str:
        return f"{person_answers.HIDDEN}{account.number_mask}" if account.account_number else "not known yet"

    @admin.display(description="What the broker checked")
    def checks(self, account: BrokerageAccount) -> str:
        return "; ".join(f"{count} {verdict}" for verdict, count in person_file.verdicts(account)) or "nothing told"

    @admin.display(description="Liquidation only")
    def only_sells(self, account: BrokerageAccount) -> str:
        return ", ".join(account.liquidation_only) or "no"

    @admin.display(description="Checked at")
    def last_checked(self, account: BrokerageAccount) -> str:
        return "not yet; it is read first" if account.checked_at == NEVER else moment(account.checked_at)

    @admin.action(description="Read status and cash from the broker again", permissions=["act"])
    def read_again(self, request: HttpRequest, queryset: QuerySet[BrokerageAccount]) -> None:
        for account in queryset:
            findings = list(account_status.reconcile_one(account=account))
            answered = account_status.refresh_cash(account=account)
            what = "; ".join(finding.what for finding in findings) or "status as we have it"
            cash = "cash read" if answered else "the broker did not tell the cash"
            self.message_user(request, f"{account}: {what}; {cash}.", messages.INFO if answered else messages.WARNING)
