"""Pages of local accounts, which lead to the provider where there is one: nobody gets past it by a password of ours.

Used by urls.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

View = Callable[..., HttpResponse]


def local_only(view: View) -> View:
    """Return the view, in whose place the provider's sign-in stands where one is configured; it leads to the start."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if settings.OIDC_ISSUER and request.user.is_authenticated:
            return redirect("overview")
        if settings.OIDC_ISSUER:
            return redirect(f"{reverse('sign-in')}?{urlencode({'next': reverse('apply')})}")
        return view(request, *args, **kwargs)

    return guarded
