"""The desk's proof of what was purged, what is kept by order, and who looked at what is hidden."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts.models import FieldReveal, LegalHold, PurgeRecord
from accounts.operations.retention_rules import BY_NAME
from brokerage.desk import ReadOnly
from brokerage.sheets import link_to


@admin.display(description="Person", ordering="person__email")
def person(row: Any) -> SafeString | str:
    """Return the way to the page of whom a row is about."""
    return link_to(getattr(row.person, "application", None), row.person.email)


@admin.register(PurgeRecord)
class PurgeRecordDesk(ReadOnly):
    """What was purged, batch by batch: by which rule, how much, and the digest of which rows."""

    lists_people = False
    list_display = ("at", "what", "count", "cutoff", "by")
    list_filter = ("rule",)
    date_hierarchy = "at"
    ordering = ("-at", "id")
    fields = ("at", "what", "rule", "count", "cutoff", "digest", "by")

    @admin.display(description="What")
    def what(self, record: PurgeRecord) -> str:
        rule = BY_NAME.get(record.rule)
        return rule.label if rule else record.rule.capitalize()  # the other app’s: see closing_retention


class Standing(admin.SimpleListFilter):
    title = "hold"
    parameter_name = "hold"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("standing", "Standing"), ("lifted", "Lifted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LegalHold]) -> QuerySet[LegalHold]:
        match self.value():
            case "standing":
                return queryset.filter(lifted_at=None)
            case "lifted":
                return queryset.exclude(lifted_at=None)
        return queryset


@admin.register(LegalHold)
class LegalHoldDesk(ReadOnly):
    """Orders to keep everything of a person; placed and lifted on that person's page."""

    list_display = ("__str__", person, "placed_at", "placed_by", "because", "lifted_at", "lifted_by")
    list_filter = (Standing,)
    list_select_related = ("person__application", "placed_by", "lifted_by")
    search_fields = ("=id", "=person__id", "^person__email")
    ordering = ("-placed_at", "id")


@admin.register(FieldReveal)
class FieldRevealDesk(ReadOnly):
    """Who was shown what the desk hides, of whom, and why."""

    list_display = ("at", "by", "field", person, "because", "ip_address")
    list_filter = ("field",)
    list_select_related = ("person__application", "by")
    search_fields = ("=id", "=person__id", "^person__email", "^by__email")
    date_hierarchy = "at"
    ordering = ("-at", "id")
