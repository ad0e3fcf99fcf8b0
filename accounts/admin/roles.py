"""The roles, to read: what each is for, what it may do, and how many have it. They come with the code."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse

from brokerage.desk import ReadOnly
from brokerage.roles import ROLES
from brokerage.sheets import Table

admin.site.unregister(Group)  # Django's own desk lets whoever may change a group widen it


def _may(group: Group) -> Table:
    found = group.permissions.select_related("content_type").order_by("content_type__app_label", "name")
    rows = [(each.name, f"{each.content_type.app_label}.{each.codename}") for each in found]
    return Table("may", "What it may do", ("In words", "Permission"), rows, empty="Nothing.")


@admin.register(Group)
class RoleDesk(ReadOnly):
    """What a role may do is written in migrations (see brokerage.roles); who has one, on the page of a person."""

    lists_people = False
    list_display = ("name", "purpose", "people")
    ordering = ("name",)
    fields = ("name", "purpose", "people")
    readonly_fields = ("purpose", "people")
    change_list_template = "admin/roles.html"
    change_form_template = "admin/role.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(people=Count("user"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        group = self.get_object(request, object_id) if self.has_view_permission(request) else None
        extra = {"tables": [_may(group)]} if group else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    @admin.display(description="What it is for")
    def purpose(self, group: Group) -> str:
        return ROLES.get(group.name, "no role of the code’s")

    @admin.display(description="People", ordering="people")
    def people(self, group: Any) -> int:
        return int(group.people)
