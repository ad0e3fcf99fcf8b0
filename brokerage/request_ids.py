"""A name for each request, in every line that is logged meanwhile and in its answer. Named in MIDDLEWARE.

The name is made here: one that came from outside could carry anything into the log.
"""

import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]
HEADER = "X-Request-ID"

_current: ContextVar[tuple[str, HttpRequest] | None] = ContextVar("request", default=None)


def request_ids(answer: Answer) -> Answer:
    """Return what names a request. The name stands until the next one: an answer may be streamed after this returns."""

    def answer_by_name(request: HttpRequest) -> HttpResponse:
        name = uuid.uuid4().hex[:16]
        _current.set((name, request))
        response = answer(request)
        response[HEADER] = name
        return response

    return answer_by_name


def facts() -> dict[str, str]:
    """Return what a line of the log says of the request at hand: its name, and who asks where that is known already."""
    current = _current.get()
    if current is None:
        return {}
    name, request = current
    # What AuthenticationMiddleware keeps once somebody has asked: a line in the log must not read the database.
    user = getattr(request, "_cached_user", None)
    return {"request": name} if user is None or user.pk is None else {"request": name, "user": str(user.pk)}
