"""Another password: asked for by letter, where it is forgotten, or changed in the settings."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import fresh_sign_in
from accounts.forms import ChangePasswordForm, NewPasswordForm
from accounts.models import SignInLetter, User
from accounts.operations import new_passwords, second_factor, sign_in_letters, sign_ins
from accounts.session_store import here
from accounts.views import by_letter, entering
from accounts.views.own import user_of


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the address of somebody who has forgotten their password."""
    write = sign_in_letters.ask_for_password
    return by_letter.ask(request, write=write, template="accounts/password_forgotten.html", then="password-sent")


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Say the same to everybody: look in your mailbox."""
    return by_letter.sent(request, template="accounts/password_sent.html")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest, key: str) -> HttpResponse:
    """Take a new password from whoever followed the link."""
    try:
        letter = sign_in_letters.of_link(kind=SignInLetter.Kind.PASSWORD, key=key)
        form = NewPasswordForm(request.POST or None, user=sign_in_letters.whose(letter))
        if request.method == "POST" and form.is_valid():
            return _set(request, new_passwords.set_by_letter(letter=letter, password=form.cleaned_data["password"]))
    except sign_in_letters.LinkIsOver as over:
        return by_letter.link_is_over(request, over, ask_again="password-forgotten")
    return by_letter.private(render(request, "accounts/password_new.html", {"form": form, "email": letter.email}))


def _set(request: HttpRequest, user: User) -> HttpResponse:
    """Lead to the sign-in, where the new password and any second factor are asked for.

    The browser is known from here on, so that strangers who try the name do not keep its owner out.
    """
    messages.success(request, "Your password is changed. Sign in with the new one.")
    entering.know_again(request, user)
    return redirect("sign-in")


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Ask for the present password and another one; whoever does it here stays signed in, and nobody else does."""
    user = user_of(request)
    has_one, with_code = user.has_usable_password(), second_factor.is_on(user)
    form = ChangePasswordForm(request.POST if request.method == "POST" else None, user=user, with_code=with_code)
    if has_one:
        wait = fresh_sign_in.prove(request, form)
        if wait is not None:
            return wait
        if form.is_valid():
            return _change(request, user, form.cleaned_data["new_password"])
    context = {"form": form, "email": user.email, "has_one": has_one}
    return render(request, "accounts/settings_password.html", context)


def _change(request: HttpRequest, user: User, password: str) -> HttpResponse:
    changed = new_passwords.change(user=user, password=password)
    sign_ins.end_others(user=changed, but=here(request))
    update_session_auth_hash(request, changed)
    messages.success(request, "Your password is changed. Everybody else is signed out.")
    return redirect("settings")
