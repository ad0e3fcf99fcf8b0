"""Who may sign in, and who is ops."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.http import HttpRequest

from accounts.models import User


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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave who may sign in of a customer to the deeds on their page, which ask for a reason."""
        fixed = super().get_readonly_fields(request, obj)
        return (*fixed, "is_active") if hasattr(obj, "application") else fixed

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
