"""What no request may be, whatever it asks for. Both are named in MIDDLEWARE; `not_understood` in urls, as handler400.

The site reads (GET, HEAD) and takes forms (POST): other methods are for nobody, at the desk neither. A form says each
thing once: of two amounts, or an id in the address and another one in the form, nobody can tell which was meant.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from brokerage.unlogged import unlogged

Answer = Callable[[HttpRequest], HttpResponse]
METHODS = ("GET", "HEAD", "POST")
# Fields that take several answers, and the one that says itself, beside it, that it takes no two.
MANY = {"funding_sources", "amount"}
# Lists of the desk have their buttons above and below; the others stand on pages of Django's that refuse whoever asks.
MANY_AT_THE_DESK = {"_selected_action", "action", "select_across", "permissions", "groups", "user_permissions"}


def entrance(answer: Answer) -> Answer:
    """Return what turns other methods away, and hands everything else on."""

    def let_in(request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return unlogged(HttpResponseNotAllowed(METHODS))  # scanners send thousands of these
        return answer(request)

    return let_in


class OneOfEach:
    """Refuses a form that says a thing twice, and an address that no database could look up.

    Behind CSRF, so that a form of ours has been read already.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._answer(request)

    def process_view(self, request: HttpRequest, view: Any, *args: Any) -> HttpResponse | None:
        if "\0" in request.path_info:  # PostgreSQL takes none in text, and some rows of the desk have text for a key
            return not_understood(request)
        if request.method != "POST" or getattr(view, "csrf_exempt", False):  # that one reads its body itself
            return None
        return not_understood(request) if _doubled(request) else None


def _doubled(request: HttpRequest) -> bool:
    match = request.resolver_match
    many = MANY | MANY_AT_THE_DESK if match and "admin" in match.app_names else MANY
    return any(
        (len(said) > 1 and name not in many) or (name in request.GET and request.GET.getlist(name) != said)
        for name, said in request.POST.lists()
    )


def not_understood(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Show the page that says so: 413 for what was too long, 400 for anything else."""
    status = 413 if isinstance(exception, RequestDataTooBig | TooManyFilesSent) else 400
    return render(request, f"{status}.html", status=status)
