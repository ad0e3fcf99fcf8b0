"""Dangerous acts want somebody who has just shown who they are: an open screen, or a cookie, is not enough for them.

Used by both apps' views and by the desk. Whoever signed in longer ago is asked once more before they go on. A form that
comes too late is kept: the page that asks carries it, and sends it on where it was going; on the way to a provider it
waits in the session (see late_form). Each form's own key sees to it that this does nothing twice.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from accounts.forms.proving import ProvingForm
from accounts.late_form import fields_of
from accounts.oidc import fresh as provider_fresh
from accounts.oidc.backend import is_by_provider
from accounts.operations import proving_again, second_factor, throttle
from accounts.sign_in_stamp import is_fresh, stamp
from accounts.views.own import user_of
from brokerage.too_many import too_many

View = Callable[..., HttpResponse]


def asks_fresh(view: View) -> View:
    """Return the view behind the question who it is, unless that was shown lately; stands beneath login and methods."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_fresh(request) or request.method not in ("GET", "HEAD", "POST"):
            return view(request, *args, **kwargs)
        if is_by_provider(request):
            return provider_fresh.ask(request)
        if request.method == "POST":
            return _with_the_form(request, lambda: view(request, *args, **kwargs))
        return redirect(f"{reverse('sign-in-again')}?{urlencode({'next': request.get_full_path()})}")

    return guarded


def form_for(request: HttpRequest, answer: QueryDict | None) -> ProvingForm:
    """Return the question with what was answered, if anything; whoever has a second factor is asked for a code, too."""
    return ProvingForm(answer, with_code=second_factor.is_on(user_of(request)))


def _with_the_form(request: HttpRequest, go_on: Callable[[], HttpResponse]) -> HttpResponse:
    """Ask on a page that carries the form, and let the form through with the right answer."""
    is_answered = any(name.startswith(f"{ProvingForm.prefix}-") for name in request.POST)
    form = form_for(request, request.POST if is_answered else None)
    answer = prove(request, form)
    if answer is not None:
        return answer
    if not form.is_bound or form.errors:
        return show(request, form, {"carried": fields_of(request.POST)})
    request.POST = _without_answer(request.POST)  # type: ignore[assignment]  # Django's stubs want its own subclass
    return go_on()


@sensitive_variables("form")
def prove(request: HttpRequest, form: ProvingForm) -> HttpResponse | None:
    """Take the answer; what is wrong with it stands in the form. Return a page where they have to wait."""
    if form.is_valid():
        try:
            password, code = form.cleaned_data["password"], form.cleaned_data.get("code", "")
            proving_again.prove(user=user_of(request), password=password, code=code)
            request.session.cycle_key()  # a key that was stolen before does not become a fresh one
            stamp(request)
        except throttle.TooMany as many:
            return too_many(request, many.retry_at)
        except proving_again.WrongPassword as wrong:
            form.add_error("password", wrong.customer_message)
        except second_factor.WrongCode as wrong_code:
            form.add_error("code", wrong_code.customer_message)
    return None


def show(request: HttpRequest, form: ProvingForm, context: dict[str, Any]) -> HttpResponse:
    """Show the question."""
    response = render(request, "accounts/sign_in_again.html", {"form": form, **context})
    response["Cache-Control"] = "no-store"
    return response


def _without_answer(sent: QueryDict) -> QueryDict:
    """Return the form as it was meant: who is asked after this sees no password."""
    rest = sent.copy()
    for name in list(rest):
        if name.startswith(f"{ProvingForm.prefix}-"):
            del rest[name]
    return rest
