"""The one way in: whoever has shown who they are gets a session here, whichever page or provider let them show it."""

from typing import cast

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest

from accounts import fresh_sign_in
from accounts.models import User
from accounts.operations import known_browsers
from accounts.session_store import SessionStore
from brokerage import visit

LOCAL_BACKEND = "django.contrib.auth.backends.ModelBackend"
# Where a request keeps what the browser's cookie is to hold, for the middleware signed_in.
BROWSER_KEY = "brokerage.browser_key"


def enter(request: HttpRequest, user: User, *, backend: str = LOCAL_BACKEND) -> None:
    """Open a session for somebody who has just shown who they are; `backend` says how. An older one is given up."""
    came_from, session = visit.of(request), cast(SessionStore, request.session)
    shown = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    request.META[BROWSER_KEY] = known_browsers.meet(user=user, key=shown, user_agent=came_from.user_agent)
    session.flush()
    session.came_from(came_from)
    login(request, user, backend=backend)
    fresh_sign_in.stamp(request)
