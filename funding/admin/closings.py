"""Ops' view of accounts that their owners close: how each closing stands, and its history."""

from django.contrib import admin

from brokerage.desk import History, ReadOnly, customer
from funding.models import Closing, ClosingEvent


class ClosingHistory(History):
    model = ClosingEvent


@admin.register(Closing)
class ClosingDesk(ReadOnly):
    list_display = ("__str__", customer, "status", "status_at", "created_at", "tries", "answer_status")
    list_filter = ("status",)
    list_select_related = ("brokerage_account__user",)
    search_fields = ("=id", "^brokerage_account__user__email", "=brokerage_account__alpaca_id")
    inlines = (ClosingHistory,)
