"""Changes of details and of e-mail addresses: how each stands, and its history. Values stay sealed."""

from django.contrib import admin

from accounts.models import DetailsChange, DetailsChangeEvent, EmailChange, EmailChangeEvent, Letter
from brokerage.desk import Facts, History, ReadOnly, customer


class DetailsHistory(History):
    model = DetailsChangeEvent


@admin.register(DetailsChange)
class DetailsChangeDesk(ReadOnly):
    list_display = ("__str__", customer, "kind", "status", "status_at", "tries", "refusal_status")
    list_filter = ("status", "kind")
    list_select_related = ("brokerage_account__user",)
    search_fields = ("=id", "^brokerage_account__user__email", "=brokerage_account__alpaca_id")
    exclude = ("before_json", "after_json", "refusal")  # the broker's prose: on the person's page, to who says why
    inlines = (DetailsHistory,)


class EmailHistory(History):
    model = EmailChangeEvent


class Letters(Facts):
    model = Letter
    fields = ("kind", "created_at", "emailed_at", "tries", "email_error", "given_up_at")
    verbose_name_plural = "letters"


@admin.register(EmailChange)
class EmailChangeDesk(ReadOnly):
    list_display = ("__str__", "user", "status", "status_at", "expires_at", "is_taken")
    list_filter = ("status", "is_taken")
    list_select_related = ("user",)
    search_fields = ("=id", "^user__email", "^old_email", "^new_email")
    inlines = (EmailHistory, Letters)
