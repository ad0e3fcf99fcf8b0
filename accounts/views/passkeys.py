"""A person's passkeys, and signing in with one, or showing again who one is.

Called by the browser, whose script asks for the question and sends the form with the device's answer. Calls
operations.passkeys.
"""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import passkey_questions
from accounts.forms.passkeys import NewPasskeyForm, PasskeyAnswerForm
from accounts.fresh_sign_in import asks_fresh
from accounts.models import Passkey
from accounts.operations import passkeys, throttle
from accounts.passkey_questions import TO_ADD, TO_ENTER, TO_GO_ON
from accounts.session_store import here
from accounts.views import entering
from accounts.views.own import user_of
from brokerage import own_page, visit
from brokerage.too_many import too_many


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@asks_fresh
def of_mine(request: HttpRequest) -> HttpResponse:
    """Show somebody's passkeys, and take a new one."""
    form = NewPasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            passkeys.add(
                user=user_of(request), challenge=passkey_questions.challenge(request, TO_ADD), **form.cleaned_data
            )
            return redirect("passkeys")
        except (passkeys.NotAdded, passkeys.TooManyPasskeys) as why:
            form.add_error(None, why.customer_message)
    context = {"form": form, "passkeys": Passkey.objects.in_use().filter(user=user_of(request))}
    return render(request, "accounts/passkeys.html", context)


@login_required
@require_POST
@asks_fresh
def question(request: HttpRequest) -> HttpResponse:
    """Tell the script what to ask the device for."""
    try:
        return passkey_questions.put(request, TO_ADD, passkeys.ask_for_new(user=user_of(request)))
    except passkeys.TooManyPasskeys as why:
        return JsonResponse({"error": why.customer_message}, status=409)
    except throttle.TooMany as many:
        return too_many(request, many.retry_at)


@login_required
@require_POST
@asks_fresh
def remove(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    """Take a passkey away; one that is gone already stays gone."""
    passkeys.remove(passkey=get_object_or_404(Passkey, user=user_of(request), pk=passkey_id))
    return redirect("passkeys")


@require_POST
def sign_in_question(request: HttpRequest) -> HttpResponse:
    """Tell the script what to ask the device of somebody who wants to come in."""
    try:
        return passkey_questions.put(request, TO_ENTER, passkeys.ask_who(visit=visit.of(request)))
    except throttle.TooMany as many:
        return too_many(request, many.retry_at)


@never_cache
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Let in whoever's device has answered."""
    form = PasskeyAnswerForm(request.POST)
    if form.is_valid():
        try:
            user = passkeys.prove(challenge=passkey_questions.challenge(request, TO_ENTER), **form.cleaned_data)
        except passkeys.NotKnown as why:
            form.add_error(None, why.customer_message)
        else:
            entering.enter(request, user)
            return redirect(own_page.named(request) or "overview")
    return render(request, "accounts/passkey_not_known.html", {"form": form})


@login_required
@require_POST
def question_again(request: HttpRequest) -> HttpResponse:
    """Tell the script what to ask a device of whoever is signed in; fresh_sign_in takes the answer."""
    try:
        asked = passkeys.ask_again(user=user_of(request), session_id=here(request))
        return passkey_questions.put(request, TO_GO_ON, asked)
    except throttle.TooMany as many:
        return too_many(request, many.retry_at)
