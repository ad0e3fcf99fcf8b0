"""The one way in: whoever has shown who they are gets a session here, whichever page or provider let them show it.

A session is opened, or ended by its owner, together with its entry in the audit: neither is there without the other.
"""

from typing import cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import Session, User
from accounts.operations import audit, known_browsers, second_factor
from accounts.session_store import SessionStore, here
from accounts.sign_in_stamp import stamp
from brokerage import visit

LOCAL_BACKEND = "django.contrib.auth.backends.ModelBackend"
# Where a request keeps what the browser's cookie is to hold, for the middleware signed_in.
BROWSER_KEY = "brokerage.browser_key"
# What a session holds between the password and the code, and the seconds that it is good for.
HALF, HALF_FOR = "half_in", 300


def enter(request: HttpRequest, user: User, *, backend: str = LOCAL_BACKEND) -> None:
    """Open a session for somebody who has just shown who they are; `backend` says how. An older one is given up."""
    before = request.user if request.user.is_authenticated else None
    with transaction.atomic():
        _lock(user)
        key = _met(request, user)
        _begin_anew(request)
        login(request, user, backend=backend)
        stamp(request)
        request.session.save()  # whoever locks the person next ends all their sessions, and has to find this one
        if before is not None:
            _keep_end(before)
        by = backend.split(".")[-1]
        audit.record(audit.Deed.SIGNED_IN, actor=audit.name_of(user), about=audit.subject(user), by=by)
    request.META[BROWSER_KEY] = key


def _lock(user: User) -> None:
    """Lock a person before their sessions, as whoever stops them does, and whoever turns on a second factor."""
    if not User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True):
        raise PermissionDenied  # stopped at this very moment


def end(request: HttpRequest, user: User) -> None:
    """End the session in which this is asked, if it stands; that the browser forgets it comes after."""
    with transaction.atomic():
        if Session.objects.filter(pk=here(request)).delete()[0]:
            _keep_end(user)


def _keep_end(user: User) -> None:
    audit.record(audit.Deed.SIGNED_OUT, actor=audit.name_of(user), about=audit.subject(user))


def browser_key(request: HttpRequest) -> str:
    """Return the key that this browser is known by, if it has one."""
    return request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")


def know_again(request: HttpRequest, user: User) -> None:
    """Let this browser be known for somebody who has just shown in it who they are."""
    request.META[BROWSER_KEY] = _met(request, user)


def _met(request: HttpRequest, user: User) -> str:
    agent = visit.of(request).user_agent
    return known_browsers.meet(user=user, key=browser_key(request), user_agent=agent)


def after_password(request: HttpRequest, user: User, *, then: str) -> HttpResponse:
    """Let somebody in whose password was right, or ask for the code where they have a second factor."""
    with transaction.atomic():
        _lock(user)  # so that nobody turns it on meanwhile
        is_enough = not second_factor.is_on(user)
        if is_enough:
            enter(request, user)
    if is_enough:
        return redirect(then)
    _begin_anew(request)
    now = int(timezone.now().timestamp())
    request.session[HALF] = {"user": str(user.pk), "at": now, "hash": user.get_session_auth_hash()}
    return redirect(f"{reverse('sign-in-code')}?{urlencode({'next': then})}")


def half_in(request: HttpRequest) -> User | None:
    """Return whose password was right a moment ago, and who has still to show a code."""
    half = request.session.get(HALF, {})
    if not half or timezone.now().timestamp() - half["at"] > HALF_FOR:
        return None
    user = User.objects.filter(pk=half["user"], is_active=True).first()
    # A new password or address since then: that of before is not right any more.
    return user if user and constant_time_compare(half["hash"], user.get_session_auth_hash()) else None


def _begin_anew(request: HttpRequest) -> None:
    session = cast(SessionStore, request.session)
    session.flush()
    session.came_from(visit.of(request))
