"""How far the broker's news was read, and what people were told."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Notice, ParkedEvent, StreamCursor
from accounts.models.notices import NoticeQuerySet
from accounts.operations import notices
from brokerage.desk import ReadOnly


@admin.register(StreamCursor)
class StreamCursorDesk(ReadOnly):
    list_display = ("name", "read_until", "ulid")


@admin.register(ParkedEvent)
class ParkedEventDesk(ReadOnly):
    """News that we could not apply, or whose kind we do not know. The body may tell of a person, and is not shown."""

    list_display = ("__str__", "state", "why", "account_id", "tries", "first_at", "last_at")
    list_filter = ("state", "stream")
    date_hierarchy = "first_at"
    ordering = ("-first_at", "-id")
    search_fields = ("=event_id", "=account_id")
    exclude = ("body",)


class NotDelivered(admin.SimpleListFilter):
    """E-mails that nobody will get unless a person sees to them."""

    title = "e-mail"
    parameter_name = "email"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("not-delivered", "Not delivered"), ("waiting", "Waiting or being tried")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        match self.value():
            case "not-delivered":
                return queryset.exclude(given_up_at=None)
            case "waiting":
                return queryset.filter(emailed_at=None, given_up_at=None)
        return queryset


@admin.register(Notice)
class NoticeDesk(ReadOnly):
    """What people were told, and whether the e-mail went out."""

    list_display = ("title", "user", "kind", "created_at", "emailed_at", "tries", "email_error", "read_at")
    list_filter = (NotDelivered, "kind")
    list_select_related = ("user",)
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    search_fields = ("=id", "key", "user__email")
    actions = ("try_again",)

    @admin.action(description="Try to e-mail it again (not delivered only)")
    def try_again(self, request: HttpRequest, queryset: NoticeQuerySet) -> None:
        again = notices.try_again(notices=queryset)
        self.message_user(request, f"{again} to be sent within seconds.", messages.SUCCESS)
