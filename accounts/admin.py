"""Ops' view of people, applications and brokerage accounts."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import (
    AccountEvent,
    AgreementSignature,
    Application,
    ApplicationEvent,
    BrokerageAccount,
    Notice,
    StreamCursor,
    User,
)
from accounts.models.notices import NoticeQuerySet
from accounts.operations import account_status, notices
from brokerage.desk import Facts, History, ReadOnly


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


@admin.register(User)
class UserDesk(UserAdmin):
    """Who may sign in, and who is ops."""

    add_form = NewUserForm
    ordering = ("-created_at",)
    list_display = ("email", "is_active", "is_staff", "created_at")
    list_filter = ("is_staff", "is_active")
    search_fields = ("email", "id")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Since", {"fields": ("created_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)
    readonly_fields = ("created_at", "last_login")
    filter_horizontal = ("groups",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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


@admin.register(StreamCursor)
class StreamCursorDesk(ReadOnly):
    list_display = ("name", "read_until", "ulid")


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
