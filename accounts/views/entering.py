"""The one way in: whoever has shown who they are gets a session here, whichever page or provider let them show it."""

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User

LOCAL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def enter(request: HttpRequest, user: User, *, backend: str = LOCAL_BACKEND) -> None:
    """Open a session for somebody who has just shown who they are; `backend` says how. An older one is given up."""
    login(request, user, backend=backend)


def where_to(request: HttpRequest) -> str:
    """Return the page that somebody wanted before they were asked who they are, if it is one of ours."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)
