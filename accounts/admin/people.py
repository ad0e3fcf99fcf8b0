"""Who may sign in, and who is ops."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.models import User


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


def _is_customer(person: Any) -> bool:
    return hasattr(person, "application")


def _is_superuser(request: HttpRequest) -> bool:
    return request.user.is_active and bool(getattr(request.user, "is_superuser", False))


@admin.register(User)
class UserDesk(UserAdmin):
    """Who may sign in, and who is ops. Superusers alone change it: whoever sets flags or passwords can be anybody."""

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

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out the password of a customer, with the way to set it."""
        if not _is_customer(obj):
            return super().get_fieldsets(request, obj)
        return ((None, {"fields": ("email",)}), *self.fieldsets[1:])

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave a customer's address to them, and whether they may sign in to the deeds, which ask for a reason."""
        fixed = super().get_readonly_fields(request, obj)
        return (*fixed, "email", "is_active") if _is_customer(obj) else fixed

    # Django calls the person's key `id`.
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Set the password of someone of ops; nobody but themselves knows, or sets, that of a customer."""
        if _is_customer(self.get_object(request, id)):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("accounts.view_user")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
