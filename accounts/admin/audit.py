"""The audit, to read. `manage.py verify_audit` checks its chain; nobody adds, changes or deletes an entry."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import AuditEntry
from accounts.operations.audit import keep_of_desk
from brokerage import desk_record
from brokerage.desk import ReadOnly

FEW = 2  # rows that an entry may name in one line

desk_record.kept_by(keep_of_desk)


class DeedFilter(admin.SimpleListFilter):
    title = "deed"
    parameter_name = "deed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(AuditEntry.Deed.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(deed=self.value()) if self.value() else queryset


class ActorFilter(admin.SimpleListFilter):
    """Who did it, by kind; one person's entries are found by typing their id."""

    title = "actor"
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("ops", "People of ops"), ("customer", "Customers"), ("process", "Workers and commands")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        people = {"ops": "ops ", "customer": "customer "}
        match self.value():
            case "process":
                return queryset.exclude(actor__begins="ops ").exclude(actor__begins="customer ")
            case kind if kind in people:
                return queryset.filter(actor__begins=people[kind])
        return queryset


@admin.register(AuditEntry)
class AuditDesk(ReadOnly):
    """What was done, the newest first: by whom, about what. Ids alone: the rows they name tell the rest."""

    lists_people = False
    list_display = ("number", "at", "what", "actor", "about", "told")
    list_filter = (DeedFilter, ActorFilter)
    search_fields = ("=number", "=actor", "=about")
    date_hierarchy = "at"
    ordering = ("-number",)
    fields = ("number", "at", "what", "deed", "actor", "about", "facts", "previous", "hash")

    def ways(self, request: HttpRequest, text: str) -> list[Q]:
        """Find what somebody did, and what was done to them, by their id alone."""
        person = text.lower()
        named = Q(actor__in=[f"ops {person}", f"customer {person}"]), Q(about=f"user {person}")
        return [*super().ways(request, text), *named]

    @admin.display(description="What")
    def what(self, entry: AuditEntry) -> str:
        return entry.says

    @admin.display(description="Facts")
    def told(self, entry: AuditEntry) -> SafeString | str:
        """Return the facts; where they name the rows of a whole list, how many, and all of it when that is opened."""
        text, rows = json.dumps(entry.facts, ensure_ascii=False), entry.facts.get("ids", entry.facts.get("rows"))
        if not isinstance(rows, list) or len(rows) <= FEW:
            return text
        return format_html("<details><summary>{} of {}</summary> {}</details>", len(rows), entry.facts.get("of"), text)
