"""Applications, and the brokerage accounts that came of them."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import AccountEvent, AgreementSignature, Application, ApplicationEvent, BrokerageAccount
from accounts.operations import account_status
from brokerage.desk import Facts, History, ReadOnly


class ApplicationHistory(History):
    model = ApplicationEvent


class Signatures(Facts):
    model = AgreementSignature
    fields = ("agreement", "revision", "signed_at", "ip_address")
    verbose_name_plural = "agreements"


@admin.register(Application)
class ApplicationDesk(ReadOnly):
    """An application without its secrets: neither date of birth nor tax id is shown."""

    list_display = ("short_reference", "user", "full_name", "status", "status_at", "sent_at")
    list_filter = ("status",)
    list_select_related = ("user",)
    search_fields = ("=id", "user__email", "family_name", "given_name", "tax_id_last4")
    exclude = ("date_of_birth", "tax_id", "tax_id_hash")
    inlines = (ApplicationHistory, Signatures)


class AccountHistory(History):
    model = AccountEvent


@admin.register(BrokerageAccount)
class BrokerageAccountDesk(ReadOnly):
    list_display = ("__str__", "user", "status", "status_at", "cash", "cash_withdrawable", "cash_as_of")
    list_filter = ("status",)
    list_select_related = ("user", "application")
    search_fields = ("=id", "=alpaca_id", "account_number", "user__email")
    inlines = (AccountHistory,)
    actions = ("read_again",)

    @admin.action(description="Read status and cash from the broker again", permissions=["act"])
    def read_again(self, request: HttpRequest, queryset: QuerySet[BrokerageAccount]) -> None:
        for account in queryset:
            findings = list(account_status.reconcile_one(account=account))
            answered = account_status.refresh_cash(account=account)
            what = "; ".join(finding.what for finding in findings) or "status as we have it"
            cash = "cash read" if answered else "the broker did not tell the cash"
            self.message_user(request, f"{account}: {what}; {cash}.", messages.INFO if answered else messages.WARNING)
