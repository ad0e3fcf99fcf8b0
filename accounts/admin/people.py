"""Who may sign in, who is ops, and in which role."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts.admin import people_deeds
from accounts.fresh_sign_in import asks_fresh
from accounts.models import Application, User
from accounts.operations import audit
from brokerage.deeds import Acting
from brokerage.desk import dangerous
from brokerage.sheets import Table
from brokerage.template_tags import moment

# Where a request keeps of whom something was changed until all is written, and what ends then.
_EDITED, _UNTIL_TOLD = "brokerage.people_edited", "brokerage.people_until_told"


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        return User.objects.normalize_email(self.cleaned_data["email"])


class UserForm(UserChangeForm):
    def clean_email(self) -> str:
        return User.objects.normalize_email(self.cleaned_data["email"])


class PasswordForm(AdminPasswordChangeForm):
    def save(self, commit: bool = True) -> Any:
        """Hash the password, which takes its time, for which no lock is held; the desk writes it after that."""
        return super().save(commit=False)


def _is_customer(person: Any) -> bool:
    return hasattr(person, "application")


def _is_superuser(request: HttpRequest) -> bool:
    return request.user.is_active and bool(getattr(request.user, "is_superuser", False))


def _kept(view: Callable[..., HttpResponse], *first: Callable[[HttpRequest], None]) -> Callable[..., HttpResponse]:
    """Return a view that changes people and tells the audit of it at the end: Django writes more after its own log.

    What is done `first` may begin the transaction; a view that hashes a password begins it afterwards.
    """

    def kept(request: HttpRequest, *args: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args)
        request.META[_EDITED] = []
        with ExitStack() as until_told:
            request.META[_UNTIL_TOLD] = until_told
            for each in first:
                each(request)
            answer = view(request, *args)
            for entry in request.META.pop(_EDITED):
                audit.record(audit.Deed.PERSON_EDITED, actor=audit.name_of(cast(User, request.user)), **entry)
        return answer

    return kept


def _as_one(request: HttpRequest) -> None:
    """Begin the transaction that ends after `_kept` has told the audit."""
    request.META[_UNTIL_TOLD].enter_context(transaction.atomic())


def _alone(request: HttpRequest) -> None:
    """Let superusers do this one after the other, for each writes about the other's row and their own session.

    Raises PermissionDenied for whoever is none any more: somebody may have changed that while they waited.
    """
    superusers = User.objects.select_for_update(no_key=True).filter(is_superuser=True).order_by("pk")
    if request.user.pk not in {each.pk for each in superusers if each.is_active and each.is_staff}:
        raise PermissionDenied


def _edited(request: HttpRequest, person: User, what: list[str]) -> None:
    """Note what `_kept` is to tell; what is changed outside of it fails here."""
    fields = [name.replace(" ", "_").lower() for name in what] or ["password"]
    request.META[_EDITED].append({"about": audit.subject(person), "fields": fields})


def _roles(person: User) -> Table:
    changes = person.role_changes.select_related("by").order_by("-at", "-id")
    rows = [
        (moment(each.at), each.before or "none", each.after or "none", each.by or "the provider", each.because)
        for each in changes
    ]
    return Table("roles", "Roles, the newest first", ("When", "From", "To", "By", "Because"), rows)


def _second_factor(person: User) -> Table:
    changes = person.second_factor_changes.select_related("by").order_by("-at", "-id")
    rows = [(moment(each.at), each.get_what_display(), each.by or "", each.because) for each in changes]
    return Table("second-factor", "Second factor, the newest first", ("When", "What", "By", "Because"), rows)


def _stops(person: User) -> Table:
    rows = [
        (moment(each.at), each, each.by, each.because)
        for each in person.sign_in_changes.select_related("by").order_by("-at", "-id")
    ]
    return Table("sign-in", "Stopped and let in again, the newest first", ("When", "What", "By", "Because"), rows)


def _identities(person: User) -> Table:
    rows = [
        (
            moment(each.created_at),
            each.issuer,
            each.sub,
            "for the password" if each.was_connected else "as somebody new",
        )
        for each in person.identities.all()
    ]
    return Table(
        "identities", "At the sign-in provider", ("Since", "Issuer", "Subject", "Came"), rows, empty="Nowhere."
    )


def _tables(person: User) -> list[Table]:
    if _is_customer(person):
        return [_second_factor(person), _identities(person)]
    return [_roles(person), _stops(person), _second_factor(person), _identities(person)]


@admin.register(User)
class UserDesk(Acting, UserAdmin):
    """Who may sign in, and who is ops. Superusers alone change it: whoever sets flags or passwords can be anybody.

    Roles are given by a deed, which takes a reason and writes who did it.
    """

    form = UserForm
    add_form = NewUserForm
    change_password_form = PasswordForm
    change_form_template = "admin/user.html"
    deeds = people_deeds.DEEDS
    ordering = ("-created_at",)
    list_display = ("email", "is_active", "is_staff", "created_at")
    list_filter = ("is_staff", "is_active")
    search_fields = ("=id", "^email")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Since", {"fields": ("created_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)
    readonly_fields = ("groups", "created_at", "last_login")  # into a group and out of it leads the deed alone
    filter_horizontal = ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out the password of a customer, with the way to set it; parts of its hash are for superusers alone."""
        if not _is_customer(obj) and _is_superuser(request):
            return super().get_fieldsets(request, obj)
        return ((None, {"fields": ("email",)}), *self.fieldsets[1:])

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show somebody to read; before anything is changed, ask who that is again."""
        person = self.get_object(request, unquote(object_id)) if self.has_view_permission(request) else None
        extra = {**(extra_context or {}), **({"tables": _tables(person)} if person else {})}
        view = _kept(super().change_view, _as_one, _alone)
        return (asks_fresh(view) if request.method == "POST" else view)(request, object_id, form_url, extra)

    @dangerous
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add somebody, whose password whoever adds them knows."""
        # Django hashes it inside a transaction of its own: no row is locked then, but on SQLite nobody else writes.
        return _kept(super().add_view, _as_one)(request, form_url, extra_context)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave a customer's address to them, and whether anybody may sign in to the deeds, which ask for a reason."""
        fixed = (*super().get_readonly_fields(request, obj), "is_active")
        return (*fixed, "email") if _is_customer(obj) else fixed

    # Django calls the person's key `id`.
    @dangerous
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Set the password of someone of ops; nobody but themselves knows, or sets, that of a customer."""
        if _is_customer(self.get_object(request, unquote(id))):  # as Django reads it
            raise PermissionDenied
        return self.looked_at(request, _kept(super().user_change_password)(request, id, form_url), "original")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Lock superusers before somebody is added: not sooner, for by now their password is hashed."""
        if not change:
            _alone(request)
        super().save_model(request, obj, form, change)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Say what was changed; of a password, which the form has only hashed, once that is written as well."""
        if isinstance(form, PasswordForm):
            _as_one(request)
            _alone(request)
            if Application.objects.filter(user=form.user).exists():  # whoever has applied meanwhile is a customer
                raise PermissionDenied
            form.user.save(update_fields=["password"])  # the rest was read before the lock and may be of yesterday
        return super().construct_change_message(request, form, formsets, add)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        _edited(request, obj, ["added"])
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Keep which fields were changed, as Django names them."""
        told = message if isinstance(message, list) else []
        _edited(request, obj, [name for each in told for name in each.get("changed", {}).get("fields", ())])
        return super().log_change(request, obj, message)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("accounts.view_user")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
