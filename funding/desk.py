"""The admin as a desk: its start page with what waits for a person, and the search that finds anything.

Called by the browser of a person of ops; reads alone.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.decorators.http import require_safe

from accounts.fresh_sign_in import asks_fresh
from accounts.oidc.backend import is_by_provider
from accounts.operations import second_factor
from accounts.views import signing
from accounts.views.own import user_of
from brokerage import desk_record, money, own_page
from funding import desk_search, desk_strip, queues
from funding.desk_kinds import KINDS
from funding.models import Brake
from funding.operations import return_rates
from funding.operations.return_rates import Rate
from funding.queues import Subject


def _with_second_factor(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lead who has none, where one is demanded, to setting it up; a provider demands its own of whom it signs in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if second_factor.is_missing(user_of(request)) and not is_by_provider(request):
            return redirect("second-factor")
        return view(request, *args, **kwargs)

    return guarded


class Desk(admin.AdminSite):
    """Django's admin, with queues."""

    index_template = "admin/desk.html"
    site_title = "Operations"
    index_title = "Operations"
    enable_nav_sidebar = False

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Let in who may be here, with a second factor; before what is marked as dangerous, ask who that is again."""
        asked = asks_fresh(view) if getattr(view, "is_dangerous", False) else view
        return super().admin_view(asked if view == self.logout else _with_second_factor(asked), cacheable)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        rates = return_rates.rates()
        shown = {**_waiting(request), "rates": _rates(rates), "signs": desk_strip.signs(rates=rates)}
        return super().index(request, {**(extra_context or {}), **shown})

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the sign-in that everybody uses, where tries are counted. Who is in, and not of ops, is told so."""
        wanted = own_page.named(request) or reverse("admin:index")
        if self.has_permission(request):
            return redirect(wanted)
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(wanted)

    def password_change(  # type: ignore[override]  # the stubs know a page here, Django takes any response
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the page where everybody changes theirs, and is told so by e-mail."""
        return redirect("settings-password")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign out as everybody does."""
        return signing.sign_out(request)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Look nobody up while somebody types: no form of ours asks for it, and people would be read off unseen."""
        raise Http404

    def get_urls(self) -> list[URLPattern | URLResolver]:
        page = self.admin_view(require_safe(self.search))
        return [path("search/", page, name="search"), *super().get_urls()]

    def search(self, request: HttpRequest) -> HttpResponse:
        """Show what was found, or go straight to the one row that has this id."""
        asked = request.GET.get("q", "")
        context = {**self.each_context(request), "title": "Search", "asked": asked[: desk_search.LONGEST]}
        try:
            sought = desk_search.read(asked)
        except desk_search.NotUnderstood as why:
            return TemplateResponse(request, "admin/search.html", {**context, "hindrance": str(why)})
        found = desk_search.find(sought, kinds=KINDS, may=request.user.has_perm, person=request.user.pk)
        only = desk_search.the_one(found, sought)
        if only is not None:
            return redirect(desk_search.address(only))
        desk_record.keep_list(person=request.user, of="search", rows=desk_search.names(found), searched=True)
        return TemplateResponse(request, "admin/search.html", {**context, "tables": desk_search.tables(found, sought)})


def _waiting(request: HttpRequest) -> dict[str, Any]:
    """Return what waits for this person, by what it is about, and the queues in which nothing does."""
    mine = [
        Subject(each.title, [queue for queue in each.queues if request.user.has_perm(queue.permission)])
        for each in queues.by_subject()
    ]
    clear = [queue for subject in mine for queue in subject.queues if not queue.count]
    return {"subjects": [subject for subject in mine if subject.waiting], "clear": clear}


def _rates(rates: list[Rate]) -> list[dict[str, Any]]:
    engaged = {brake.rate: brake for brake in Brake.objects.filter(lifted_at=None)}
    return [_shown(rate, engaged.get(rate.name)) for rate in rates]


def _shown(rate: Rate, brake: Brake | None) -> dict[str, Any]:
    return {
        "label": rate.name.capitalize(),
        "returned": rate.returned,
        "debits": rate.debits,
        "percent": _percent(rate.rate),
        "limit_percent": _percent(rate.limit),
        "warn_percent": _percent(rate.limit * return_rates.WARN_AT),
        "word": rate.word,
        "brake": brake,
    }


def _percent(share: Decimal) -> Decimal:
    return (share * 100).quantize(money.CENT)
