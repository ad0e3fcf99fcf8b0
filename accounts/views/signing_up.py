"""Signing up: an e-mail address, a letter, a password."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import NewPasswordForm
from accounts.models import SignInLetter, User
from accounts.operations import people, sign_in_letters
from accounts.views import by_letter, entering


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the address that somebody wants to sign in with."""
    if request.user.is_authenticated:
        return redirect("overview")
    write = sign_in_letters.ask_to_sign_up
    return by_letter.ask(request, write=write, template="accounts/sign_up.html", then="sign-up-sent")


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Say the same to everybody: look in your mailbox."""
    return by_letter.sent(request, template="accounts/sign_up_sent.html")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest, key: str) -> HttpResponse:
    """Take a password from whoever followed the link, sign them in, and begin their application."""
    try:
        letter = sign_in_letters.of_link(kind=SignInLetter.Kind.SIGN_UP, key=key)
        form = NewPasswordForm(request.POST or None, user=User(email=letter.email))
        if request.method == "POST" and form.is_valid():
            return _signed_up(request, people.sign_up(letter=letter, password=form.cleaned_data["password"]))
    except sign_in_letters.LinkIsOver as over:
        return by_letter.link_is_over(request, over, ask_again="sign-up")
    except people.EmailTaken as taken:
        form.add_error(None, taken.customer_message)
    return by_letter.private(render(request, "accounts/sign_up_finish.html", {"form": form, "email": letter.email}))


def _signed_up(request: HttpRequest, user: User) -> HttpResponse:
    entering.enter(request, user)
    return redirect("apply")
