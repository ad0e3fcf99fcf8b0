"""What the pages share that are reached by a letter's link: asking for the letter, and a link that is over."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.forms import MailboxForm
from accounts.operations import sign_in_letters, throttle
from brokerage import visit
from brokerage.too_many import too_many


def ask(request: HttpRequest, *, write: Callable[..., None], template: str, then: str) -> HttpResponse:
    """Ask for an e-mail address and let `write` send a letter there; then show the same page, whoever has it."""
    form = MailboxForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            write(email=form.cleaned_data["email"], visit=visit.of(request))
        except throttle.TooMany as many:
            return too_many(request, many.retry_at)
        return redirect(then)
    return render(request, template, {"form": form})


def sent(request: HttpRequest, *, template: str) -> HttpResponse:
    """Tell where to look for the letter; in local mode, where no mail server is, it is a file."""
    folder = settings.EMAIL_FILE_PATH if settings.LOCAL else ""
    return render(request, template, {"mail_folder": folder})


def link_is_over(request: HttpRequest, over: sign_in_letters.LinkIsOver, *, ask_again: str) -> HttpResponse:
    context = {"text": over.customer_message, "ask_again": ask_again}
    return private(render(request, "accounts/letter_link_over.html", context, status=410))


def private(response: Any) -> Any:
    """Keep the page from caches, and the key in its address from other sites.

    To ours it has to be told: without it a browser says that it comes from nowhere, and its answer is not taken.
    """
    response["Cache-Control"], response["Referrer-Policy"] = "no-store", "same-origin"
    return response
