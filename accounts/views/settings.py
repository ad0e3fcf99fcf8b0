"""A customer's settings, and changing what the broker holds of them: type, check old against new, send.

Called by the browser; calls operations.details. What is typed travels in forms and never in an address.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import change_notices, change_page, change_refusals, kept_details, settings_page, states
from accounts.forms.change_form import ChangeForm
from accounts.forms.changes import FORMS
from accounts.fresh_sign_in import asks_fresh
from accounts.models import BrokerageAccount, DetailsChange
from accounts.operations import change_hindrances, details
from accounts.views.own import user_of


@login_required
@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """Show what we and the broker have of a person."""
    return render(request, "accounts/settings.html", {"page": settings_page.of(user_of(request))})


@dataclass(frozen=True)
class _Desk:
    """Whose details of which kind are to be changed, and what keeps them as they are."""

    account: BrokerageAccount
    kind: str
    present: dict[str, Any]
    hinders: str

    @property
    def words(self) -> change_page.Words:
        return change_page.WORDS[self.kind]

    def form(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> ChangeForm:
        return FORMS[self.kind](data, initial=initial, present=self.present)


def _desk(request: HttpRequest, kind: str) -> _Desk:
    """Raises Http404 where nobody has opened an account for this person."""
    accounts = BrokerageAccount.objects.select_related("application__user")
    account = get_object_or_404(accounts, user=user_of(request))
    return _Desk(account, kind, kept_details.read(account.application, kind), _hinders(account, kind))


def _hinders(account: BrokerageAccount, kind: str) -> str:
    try:
        change_hindrances.require_possible(account=account)
    except change_hindrances.ChangeNotPossible as why:
        return why.customer_message
    under_way = DetailsChange.objects.open().filter(brokerage_account=account, kind=kind).exists()
    return details.ChangeUnderWay.customer_message if under_way else ""


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@asks_fresh
def change(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for the new details, and show old and new before anything is sent."""
    desk = _desk(request, kind)
    if request.method != "POST":
        return _show(request, desk, _after_refusal(request, desk) or desk.form(initial=_initial(desk)))
    form = desk.form(request.POST)
    if desk.hinders or not form.is_valid() or not _differs(desk, form):
        return _show(request, desk, form)
    return _show_review(request, desk, form)


def _initial(desk: _Desk) -> dict[str, Any]:
    typed = FORMS[desk.kind].typed(desk.present) if desk.present else {}
    return typed | {"form_key": details.next_form_key(account=desk.account, kind=desk.kind)}


def _after_refusal(request: HttpRequest, desk: _Desk) -> ChangeForm | None:
    """Return the form as it was sent, with the broker's objection beside the field; for the latest change alone."""
    latest = DetailsChange.objects.filter(brokerage_account=desk.account, kind=desk.kind).first()
    asked_for = request.GET.get("refused", "")
    if latest is None or latest.status != states.REFUSED or asked_for != str(latest.pk):
        return None
    key = details.next_form_key(account=desk.account, kind=desk.kind)
    form = desk.form(FORMS[desk.kind].typed(latest.after) | {"form_key": key})
    field, sentence = change_refusals.of(latest)
    if form.is_valid():
        form.add_error(field if field in form.fields else None, sentence)
    return form


def _differs(desk: _Desk, form: ChangeForm) -> bool:
    if form.values == desk.present:
        form.add_error(None, details.NothingChanged.customer_message)
    return not form.errors


def _show(request: HttpRequest, desk: _Desk, form: ChangeForm) -> HttpResponse:
    context = {"words": desk.words, "hinders": desk.hinders, "form": form, "kind": desk.kind}
    return _private(render(request, "accounts/settings_change.html", context))


def _show_review(request: HttpRequest, desk: _Desk, form: ChangeForm) -> HttpResponse:
    context = {
        "words": desk.words,
        "kind": desk.kind,
        "form": form,
        "rows": change_page.differences(desk.kind, desk.present, form.values),
        "can_review": change_page.can_review(desk.kind, desk.present, form.values),
    }
    return _private(render(request, "accounts/settings_review.html", context))


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


@sensitive_post_parameters()
@login_required
@require_POST
@asks_fresh
def confirm(request: HttpRequest, kind: str) -> HttpResponse:
    """Reserve the change and send it; again and again the same one."""
    desk = _desk(request, kind)
    form = desk.form(request.POST)
    if not form.is_valid() or "edit" in request.POST:
        return _show(request, desk, form)
    sender = f"customer {user_of(request).pk}"
    try:
        made = details.request_change(
            account=desk.account, kind=desk.kind, after=form.values, form_key=form.key, actor=sender
        )
    except change_hindrances.ChangeNotPossible as why:
        messages.warning(request, why.customer_message)
        return redirect("settings")
    details.send(change=made, sender=sender)
    return _after(request, made)


def _after(request: HttpRequest, made: DetailsChange) -> HttpResponse:
    """Lead on from what came of it: back to the form where the broker said no, or to the settings."""
    made.refresh_from_db()
    if made.status == states.REFUSED:
        return redirect(f"{reverse('settings-change', args=[made.kind])}?refused={made.pk}")
    if made.status == states.ACCEPTED:
        messages.success(request, f"{change_notices.title_of(made)}.")
    return redirect("settings")


@login_required
@require_POST
def call_off(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Drop a change of which nothing can have reached the broker."""
    mine = DetailsChange.objects.exclude(kind=DetailsChange.Kind.EMAIL)
    made = mine.filter(brokerage_account__user=user_of(request), pk=change_id).first()
    if made is None:
        raise Http404
    if not details.call_off(change=made, actor=f"customer {user_of(request).pk}"):
        messages.warning(request, "This change may be with the broker already, so it can’t be called off.")
    return redirect("settings")
