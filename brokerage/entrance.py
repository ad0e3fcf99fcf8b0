"""What no request may be, whatever it asks for. Named in MIDDLEWARE, before anything that reads a request.

The site reads (GET, HEAD) and takes forms (POST): other methods are for nobody, at the desk neither.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

Answer = Callable[[HttpRequest], HttpResponse]
METHODS = ("GET", "HEAD", "POST")


def entrance(answer: Answer) -> Answer:
    """Return what turns such requests away, and hands everything else on."""

    def let_in(request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return _unlogged(HttpResponseNotAllowed(METHODS))
        return answer(request)

    return let_in


def _unlogged(response: HttpResponse) -> HttpResponse:
    """Return an answer that Django writes no line about: scanners send thousands of these."""
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
