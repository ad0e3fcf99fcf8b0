"""Notes of each page when its reader was last there, and gives a browser the cookie that it is known by again.

Named in MIDDLEWARE, after Django's own for sessions; entering says which cookie that is. Django tells a browser of no
session behind a fault of ours; one that has another key since is told here, or its owner would be signed out by it.
"""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.session_store import SessionStore
from accounts.views.entering import BROWSER_KEY

# Pages ask these by themselves: that an open window asks does not mean that somebody sits before it.
ASKED_BY_PAGES = frozenset({"apply-waiting-status", "bank-status", "transfer-status"})
KNOWN_FOR = 400 * 24 * 3600  # seconds; browsers keep no cookie for longer

Answer = Callable[[HttpRequest], HttpResponse]


def signed_in(answer: Answer) -> Answer:
    """Return what does it once a view has answered."""

    def answer_once(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        asked = request.resolver_match.url_name if request.resolver_match else ""
        session = cast(SessionStore, request.session)
        if session.accessed and asked not in ASKED_BY_PAGES:
            session.seen()
        if key := request.META.get(BROWSER_KEY):
            _set(response, settings.BROWSER_COOKIE_NAME, key, max_age=KNOWN_FOR)
        if session.has_new_key and session.session_key and response.status_code >= 500:
            _set(response, settings.SESSION_COOKIE_NAME, session.session_key, max_age=settings.SESSION_COOKIE_AGE)
        return response

    return answer_once


def _set(response: HttpResponse, name: str, key: str, *, max_age: int) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, key, max_age=max_age, secure=secure, httponly=True, samesite="Lax")
