"""How ops see rows in the admin: to read, to search, to act on through operations; never to edit or delete.

Used by both apps' admin modules.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from brokerage import desk_record, finding, money
from brokerage.desk_csv import Downloadable

MOST_NAMED = 100  # as many rows as a list shows, and more
View = TypeVar("View", bound=Callable[..., Any])

PROSE = "reason"  # under which a history row keeps what a vendor wrote (see gateways.errors)


OWN = "This is about yourself: someone else has to see to it."
# By which of its columns a row leads to whose it is, the shortest way first.
_WAYS = ("user", "brokerage_account", "account", "item", "transfer", "person")

# By what else than its filters a list is asked for: from the page of whose rows they are.
OWNERS = ("brokerage_account__id__exact", "relationship__id__exact")


def _is_asked_exactly(lookup: str, names: Iterable[str]) -> bool:
    """Say whether a lookup is one of these fields, compared whole: not by its beginning or its parts."""
    name, _, how = lookup.partition("__")
    return name in names and how in ("", "exact", "in", "isnull", "isempty", "gte", "gt", "lte", "lt", "id__exact")


def whose(row: Any) -> object:
    """Return the key of the person whose row it is; None where it is nobody's, such as a brake."""
    if isinstance(row, AbstractBaseUser):
        return row.pk
    nexts = (getattr(row, way, None) for way in _WAYS)
    return next((found for each in nexts if each is not None and (found := whose(each)) is not None), None)


def _told(answer: HttpResponse) -> dict[str, Any]:
    """Return what a page is made of; nothing, where the answer leads elsewhere."""
    return getattr(answer, "context_data", None) or {}


def dangerous(view: View) -> View:
    """Mark a view of the desk: whoever did not sign in just now shows once more who they are (see funding.desk)."""
    view.__dict__["is_dangerous"] = True
    return view


class ReadOnly(Downloadable):
    """A model whose rows the site or a vendor writes."""

    actions_on_bottom = True
    list_per_page = 50
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let lists be asked by their filters alone: by a column that is not shown, its text could be guessed."""
        named = [entry[0] if isinstance(entry, tuple) else entry for entry in self.get_list_filter(request)]
        filters = [name if isinstance(name, str) else getattr(name, "parameter_name", "") for name in named]
        if lookup in OWNERS or _is_asked_exactly(lookup, filters):
            return True
        days = self.date_hierarchy or ""
        return lookup in {f"{days}__{part}" for part in ("year", "month", "day", "gte", "lt")} and bool(days)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return what a list is made of; days that no calendar has lead back to the whole list."""
        try:
            return super().get_changelist_instance(request)
        except (ValueError, OverflowError) as odd:
            if f"{self.date_hierarchy}__year" not in request.GET:
                raise
            raise IncorrectLookupParameters(odd) from None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find rows through indexes alone (see finding): Django's own search reads all tables that it joins."""
        text = search_term.strip()
        return (finding.any_of(queryset, self.ways(request, text)) if text else queryset), False

    def ways(self, request: HttpRequest, text: str) -> list[Q]:
        """Return each way in which what is typed may lead to a row."""
        return finding.ways(self.model, self.get_search_fields(request), text)

    def whose(self, row: Any) -> object:
        """Return the key of whose row it is; one that names its person in another way than others has its own."""
        return whose(row)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a row; who looks at one that is about somebody is kept before they see it."""
        return self.looked_at(request, super().change_view(request, object_id, form_url, extra_context), "original")

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what Django wrote down of a row, whose head names whose it is."""
        return self.looked_at(request, super().history_view(request, object_id, extra_context), "object")

    def looked_at(self, request: HttpRequest, page: HttpResponse, row_is: str) -> HttpResponse:
        """Return a page about a row, once it is kept that somebody looks at it; nothing is where it is about nobody."""
        row = _told(page).get(row_is)
        if row is not None and self.whose(row) is not None:
            desk_record.keep("opened", person=request.user, row=row)
        return page

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show a list; who sees which rows of people on this page of it is kept before they do."""
        answer = super().changelist_view(request, extra_context)
        shown = _told(answer).get("cl")
        if shown is not None and self.lists_people:
            rows = [str(row.pk) for row in shown.result_list]
            facts = {"of": self.opts.model_name, "page": shown.page_num, "searched": bool(shown.query)}
            desk_record.keep_list(person=request.user, rows=rows, **facts)
        return answer

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *more: Any) -> HttpResponse | None:
        """Do to all rows that are chosen what a list offers, but for those of whoever asks; their `user` says so."""
        chosen, action = request.POST.getlist(ACTION_CHECKBOX_NAME), self._action(request)
        if action == "":
            return super().response_action(request, queryset.none(), *more)
        if not self._are_keys(chosen) or action not in self.get_actions(request):
            # Typed by somebody: our lists offer the keys of rows, and what may be done to them.
            self.message_user(request, "Nothing was done: what was chosen is not of this list.", messages.ERROR)
            return None
        is_of_all = forms.BooleanField(required=False).to_python(request.POST.get("select_across"))
        rows = queryset if is_of_all else queryset.filter(pk__in=chosen)
        if rows.filter(user=request.user).exists():
            self.message_user(request, f"Passed over what is yours. {OWN}", messages.WARNING)
        rows = rows.exclude(user=request.user)
        named = [str(key) for key in rows.values_list("pk", flat=True)[:MOST_NAMED]]
        facts = {"name": action, "of": self.opts.model_name, "rows": named, "chosen": rows.count()}
        desk_record.keep("action", person=request.user, **facts)
        return super().response_action(request, queryset.exclude(user=request.user), *more)

    def _action(self, request: HttpRequest) -> str | None:
        """Return what was chosen beside the button that was pushed, as Django finds it; None for no button of ours."""
        choices, button = request.POST.getlist("action"), request.POST.get("index", "0")
        if not choices:
            return ""
        return choices[int(button)] if button in ("0", "1")[: len(choices)] else None  # above the list, and below

    def _are_keys(self, chosen: Iterable[str]) -> bool:
        try:
            for key in chosen:
                self.opts.pk.to_python(key)
        except ValidationError:
            return False
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Say whether this person may do more than read: what Django calls the permission to change."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")


class Facts(admin.TabularInline):
    """Rows that are only ever added to, under the row they tell of."""

    extra = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Name every field: one that the model calls not editable cannot stand in a form otherwise."""
        return self.fields or ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class History(Facts):
    """The history rows of a status, oldest first, without the vendor's prose: it may quote what a person answered."""

    fields = ("at", "field", "before", "after", "actor", "because", "kept")
    verbose_name_plural = "history"

    @admin.display(description="Evidence")
    def kept(self, event: Any) -> str:
        told = event.evidence if isinstance(event.evidence, dict) else {}
        return "; ".join(
            f"{name}: {value}" for name, value in sorted(told.items()) if name != PROSE and value not in ("", None)
        )


@admin.display(description="Amount", ordering="amount")
def amount(row: Any) -> SafeString:
    return format_html('<span class="amount">{}</span>', money.show(row.amount))


@admin.display(description="Customer", ordering="brokerage_account__user__email")
def customer(row: Any) -> SafeString:
    """Return whose a row is, with the way to the page of that person."""
    account = row.brokerage_account
    url = reverse("admin:accounts_application_change", args=[account.application_id])
    return format_html('<a href="{}">{}</a>', url, account.user.email)
