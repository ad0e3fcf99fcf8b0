"""Asking for another e-mail address to sign in with, and the pages that the letters' links lead to.

Called by the browser; calls operations.email_change. Following a link changes nothing: the page has a button.
"""

from typing import cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import states
from accounts.forms.new_email import EmailForm
from accounts.fresh_sign_in import asks_fresh
from accounts.models import EmailChange, Letter
from accounts.operations import change_hindrances, email_change, throttle
from accounts.session_store import SessionStore
from accounts.views.own import user_of
from brokerage import visit
from brokerage.too_many import too_many


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@asks_fresh
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the new address, and say that both addresses get a letter."""
    user = user_of(request)
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            email_change.ask(user=user, visit=visit.of(request), **form.cleaned_data)
            return redirect("settings-email")
        except throttle.TooMany as many:
            return too_many(request, many.retry_at)
        except email_change.SameAddress as same:
            form.add_error("new_email", same.customer_message)
        except (email_change.EmailChangeNotPossible, change_hindrances.ChangeNotPossible) as why:
            form.add_error(None, why.customer_message)
    context = {"form": form, "standing": email_change.standing(user), "hinders": email_change.hinders(user=user)}
    return render(request, "accounts/settings_email.html", context)


@login_required
@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """Call off what waits for an answer."""
    standing = email_change.standing(user_of(request))
    if standing is not None:
        email_change.cancel(change=standing, actor=f"customer {user_of(request).pk}")
        if standing.status != states.CANCELED:
            messages.warning(request, email_change.BeingChanged.customer_message)
    return redirect("settings-email")


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a letter asks, and take the answer; for whoever reads that mailbox, signed in or not."""
    try:
        letter = email_change.letter_of(token)
        if request.method != "POST":
            return _show(request, letter)
        if "cancel" in request.POST:
            email_change.cancel(change=letter.change, actor="whoever reads that mailbox")
            return _done(request, letter.change)
        is_mine = request.user.pk == letter.change.user_id  # asked now: afterwards this session is over, too
        done = email_change.confirm(letter=letter)
    except email_change.LinkIsOver as over:
        context = {"text": over.customer_message}
        return _private(render(request, "accounts/email_link_over.html", context, status=410))
    if is_mine and done.status == states.DONE:
        cast(SessionStore, request.session).begin_anew()
        update_session_auth_hash(request, done.user)  # whoever does it here stays signed in; nobody else does
    return _done(request, done)


def _show(request: HttpRequest, letter: Letter) -> HttpResponse:
    is_old = letter.kind == Letter.Kind.CONFIRM_OLD
    context = {"change": letter.change, "is_old": is_old}
    return _private(render(request, "accounts/email_confirm.html", context))


def _done(request: HttpRequest, change: EmailChange) -> HttpResponse:
    return _private(render(request, "accounts/email_confirmed.html", {"change": change}))


def _private(response: HttpResponse) -> HttpResponse:
    """Keep the page from caches, and the token in its address from other sites.

    To ours it has to be told: without it a browser says that it comes from nowhere, and its answer is not taken.
    """
    response["Cache-Control"], response["Referrer-Policy"] = "no-store", "same-origin"
    return response
