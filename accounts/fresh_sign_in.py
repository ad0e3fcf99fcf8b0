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

from accounts import passkey_questions
from accounts.forms.proving import PasskeyProvingForm, ProvingForm
from accounts.late_form import fields_of
from accounts.models import Passkey
from accounts.oidc import fresh as provider_fresh
from accounts.oidc.backend import is_by_provider
from accounts.operations import passkeys, proving_again, second_factor, throttle
from accounts.passkey_questions import TO_GO_ON
from accounts.session_store import here
from accounts.sign_in_stamp import is_fresh, stamp
from accounts.views.own import user_of
from accounts.wording.late_forms import sending
from brokerage.too_many import too_many

View = Callable[..., HttpResponse]
Proving = ProvingForm | PasskeyProvingForm
_BY_PASSKEY = f"{PasskeyProvingForm.prefix}-answer"


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


def form_for(request: HttpRequest, answer: QueryDict | None) -> Proving:
    """Return the question with what was answered, if anything: by a passkey, or with the password.

    Whoever has a second factor is asked for a code with the password; a passkey is two factors by itself.
    """
    if answer is not None and _BY_PASSKEY in answer:
        return PasskeyProvingForm(answer)
    return ProvingForm(answer, with_code=second_factor.is_on(user_of(request)))


def _with_the_form(request: HttpRequest, go_on: Callable[[], HttpResponse]) -> HttpResponse:
    """Ask on a page that carries the form, and let the form through with the right answer."""
    is_answered = any(name.startswith(f"{ProvingForm.prefix}-") for name in request.POST)
    form = form_for(request, request.POST if is_answered else None)
    answer = prove(request, form)
    if answer is not None:
        return answer
    if not form.is_bound or form.errors:
        carried = fields_of(request.POST)
        return show(request, form, {"carried": carried, "sends": sending(request.path_info, carried)})
    request.POST = _without_answer(request.POST)  # type: ignore[assignment]  # Django's stubs want its own subclass
    return go_on()


@sensitive_variables("form")
def prove(request: HttpRequest, form: Proving) -> HttpResponse | None:
    """Take the answer; what is wrong with it stands in the form. Return a page where they have to wait."""
    if form.is_valid():
        try:
            _check(request, form)
            stamp(request)
            request.session.cycle_key()  # a key that was stolen before does not become a fresh one
        except throttle.TooMany as many:
            return too_many(request, many.retry_at)
        except proving_again.WrongPassword as wrong:
            form.add_error("password", wrong.customer_message)
        except second_factor.WrongCode as wrong_code:
            form.add_error("code", wrong_code.customer_message)
        except passkeys.NotShown as why:
            form.add_error(None, why.customer_message)
    return None


@sensitive_variables("form")
def _check(request: HttpRequest, form: Proving) -> None:
    """Raises what either way of showing it raises."""
    user, given = user_of(request), form.cleaned_data
    if isinstance(form, PasskeyProvingForm):
        asked = passkey_questions.challenge(request, TO_GO_ON)
        passkeys.prove_again(user=user, challenge=asked, answer=given["answer"])
    else:
        password, code = given["password"], given.get("code", "")
        proving_again.prove(user=user, session_id=here(request), password=password, code=code)


def show(request: HttpRequest, answered: Proving, context: dict[str, Any]) -> HttpResponse:
    """Show the question, with what was wrong with the answer; by passkey to whoever has one."""
    form = form_for(request, None) if isinstance(answered, PasskeyProvingForm) else answered
    has_passkey = Passkey.objects.in_use().filter(user=user_of(request)).exists()
    told = {"form": form, "answered": answered, "has_passkey": has_passkey, **context}
    response = render(request, "accounts/sign_in_again.html", told)
    response["Cache-Control"] = "no-store"
    return response


def _without_answer(sent: QueryDict) -> QueryDict:
    """Return the form as it was meant: who is asked after this sees no password."""
    rest = sent.copy()
    for name in list(rest):
        if name.startswith(f"{ProvingForm.prefix}-"):
            del rest[name]
    return rest
