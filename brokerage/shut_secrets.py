"""The answer where a secret of ours does not open: the page says so, the log says where, and nobody is shown garbage.

Named in MIDDLEWARE. It happens where a key was taken out of FIELD_KEYS too early, or a row was altered.
"""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from brokerage.encryption import CannotDecrypt

log = logging.getLogger(__name__)

Answer = Callable[[HttpRequest], HttpResponse]


class ShutSecrets:
    """Answers 503 in the place of a view that could not open what it needs."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._answer(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, CannotDecrypt):
            return None
        log.error("a secret does not open: %s", exception)  # column, row and key, never the value
        return render(request, "503.html", status=503)
