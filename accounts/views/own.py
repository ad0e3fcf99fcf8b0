"""What belongs to the person who asks, for views that let nobody else in."""

from typing import cast

from django.http import HttpRequest

from accounts.models import Application, User


def user_of(request: HttpRequest) -> User:
    """Return the signed-in user of a view that lets nobody else in."""
    return cast(User, request.user)


def application_of(request: HttpRequest) -> Application | None:
    return Application.objects.select_related("user").filter(user=user_of(request)).first()
