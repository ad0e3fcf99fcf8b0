"""When somebody last showed who they are, kept in their session.

Set by whatever opens a session or asks again; read by fresh_sign_in.
"""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

STAMP = "signed_in_at"  # seconds since 1970


def stamp(request: HttpRequest) -> None:
    """Note that somebody has just shown who they are."""
    request.session[STAMP] = int(timezone.now().timestamp())


def is_fresh(request: HttpRequest) -> bool:
    age = timezone.now().timestamp() - request.session.get(STAMP, 0)
    return bool(age <= settings.FRESH_SIGN_IN_MINUTES * 60)
