"""What the views of money have in common: who may be here, and which account is theirs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from accounts.models import BrokerageAccount, User

View = Callable[..., HttpResponse]


def customer(view: View) -> View:
    """Give the view the signed-in user's brokerage account (or None) as its second argument."""

    @login_required
    @wraps(view)
    def with_account(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        accounts = BrokerageAccount.objects.select_related("application")
        return view(request, accounts.filter(user=user_of(request)).first(), *args, **kwargs)

    return with_account


def user_of(request: HttpRequest) -> User:
    """Return the signed-in user of a view that lets nobody else in."""
    return cast(User, request.user)
