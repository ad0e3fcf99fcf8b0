"""The mark of a browser that somebody has signed in with: strangers' tries at their name don't keep it out.

Used by the views that let people in. The cookie says nothing but a number and a digest of the name, and is signed, so
that nobody makes one for another's name. It opens nothing: a try with it is still a try, and counted.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from accounts.models import User
from accounts.operations import throttle

KEPT = timedelta(days=365)
_SIGNER = signing.TimestampSigner(salt="accounts.known_browser")


def _name() -> str:
    return "__Host-known" if settings.HTTPS else "known"


def of(request: HttpRequest, *, email: str) -> str:
    """Return the mark that this browser has for a name; nothing where it has none."""
    try:
        mark, _, whose = _SIGNER.unsign(request.COOKIES.get(_name(), ""), max_age=KEPT).partition(".")
    except signing.BadSignature:
        return ""
    return mark if whose == _digest(email) else ""


def remember(request: HttpRequest, response: HttpResponseBase, *, user: User) -> None:
    """Let this browser be known for somebody who has just shown in it who they are."""
    mark = of(request, email=user.email) or secrets.token_urlsafe(16)
    response.set_cookie(
        _name(),
        _SIGNER.sign(f"{mark}.{_digest(user.email)}"),
        max_age=KEPT,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _digest(email: str) -> str:
    return throttle.unnamed(f"browser of {User.objects.normalize_email(email)}")
