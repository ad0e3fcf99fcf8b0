"""The settings of a second factor: setting it up, recovery codes, turning it off.

Called by the browser; calls operations.second_factor. Recovery codes are on the page that answers the form that made
them, and on no other.
"""

from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.forms.second_factor import FirstCodeForm
from accounts.fresh_sign_in import asks_fresh
from accounts.operations import second_factor, throttle
from accounts.session_store import here
from accounts.views.own import user_of
from brokerage.too_many import too_many


@login_required
@require_safe
@asks_fresh
def settings(request: HttpRequest) -> HttpResponse:
    """Show how it stands, and what can be done."""
    return _show(request, FirstCodeForm())


def _show(request: HttpRequest, form: FirstCodeForm) -> HttpResponse:
    user = user_of(request)
    factor, waiting = second_factor.of(user), second_factor.pending(user)
    context: dict[str, Any] = {"factor": factor, "is_missing": second_factor.is_missing(user), "form": form}
    if factor is not None:
        context["codes_left"] = second_factor.codes_left(factor)
    elif waiting is not None:
        picture = segno.make(second_factor.address(waiting), micro=False)
        context |= {"waiting": waiting, "picture": picture.svg_data_uri(scale=5, light="#fff")}
    return _private(render(request, "accounts/second_factor.html", context))


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
@asks_fresh
def begin(request: HttpRequest) -> HttpResponse:
    """Make the secret for the app."""
    second_factor.begin(user=user_of(request))
    return redirect("second-factor")


@sensitive_post_parameters("code")
@login_required
@require_POST
@asks_fresh
def turn_on(request: HttpRequest) -> HttpResponse:
    """Take the app's first code, and show the recovery codes."""
    form = FirstCodeForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    try:
        codes = second_factor.turn_on(user=user_of(request), code=form.cleaned_data["code"], here=here(request))
    except throttle.TooMany as many:
        return too_many(request, many.retry_at)
    except second_factor.WrongCode as wrong:
        form.add_error("code", wrong.customer_message)
        return _show(request, form)
    except second_factor.NotSetUp as changed:
        return _as_it_stands(request, changed)
    return _show_codes(request, codes)


@login_required
@require_POST
@asks_fresh
def new_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes, and show them."""
    try:
        return _show_codes(request, second_factor.new_codes(user=user_of(request)))
    except second_factor.NotSetUp as changed:
        return _as_it_stands(request, changed)


@login_required
@require_POST
@asks_fresh
def turn_off(request: HttpRequest) -> HttpResponse:
    """Ask for it no more."""
    try:
        second_factor.turn_off(user=user_of(request))
    except second_factor.NotSetUp as changed:
        return _as_it_stands(request, changed)
    messages.success(request, "Your second factor is off.")
    return redirect("second-factor")


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return _private(render(request, "accounts/recovery_codes.html", {"codes": codes}))


def _as_it_stands(request: HttpRequest, changed: second_factor.NotSetUp) -> HttpResponse:
    messages.warning(request, changed.customer_message)
    return redirect("second-factor")
