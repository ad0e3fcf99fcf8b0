"""The one way in: whoever has shown who they are gets a session here, whichever page or provider let them show it."""

from django.contrib.auth import login
from django.http import HttpRequest

from accounts.models import User
from accounts.operations import audit

LOCAL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def enter(request: HttpRequest, user: User, *, backend: str = LOCAL_BACKEND) -> None:
    """Open a session for somebody who has just shown who they are; `backend` says how. An older one is given up."""
    login(request, user, backend=backend)
    audit.record(audit.Deed.SIGNED_IN, actor=audit.name_of(user), about=audit.subject(user), by=backend.split(".")[-1])
