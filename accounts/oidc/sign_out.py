"""Ending the session here, and then the one at the provider.

Called by the views that sign people out. For Cognito:
https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html; for others:
https://openid.net/specs/openid-connect-rpinitiated-1_0.html, without a hint, for we keep no ID token.
"""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.oidc import provider
from accounts.oidc.refusals import ProviderAway

_NAMES = {"cognito": "logout_uri", "standard": "post_logout_redirect_uri"}


def leave(request: HttpRequest) -> HttpResponse:
    """End the session, and send the browser where the provider ends its own."""
    logout(request)
    address = _address(request.build_absolute_uri(reverse("home")))
    if not address:
        return redirect("home")
    there = urlsplit(address)
    if f"{there.scheme}://{there.netloc}" in settings.OIDC_FORM_ORIGINS:
        return redirect(address)
    # A browser would not let the form lead there (see the policy's form-action), but follows a link.
    return render(request, "accounts/provider_sign_out.html", {"address": address})


def _address(home: str) -> str:
    """Return where the provider ends a session, to come back to `home`; nothing where it is not to, or can't be."""
    if settings.OIDC_LOGOUT == "local":
        return ""
    try:
        where = provider.endpoints().logout
    except ProviderAway:  # here the session is over all the same
        return ""
    words = urlencode({"client_id": settings.OIDC_RP_CLIENT_ID, _NAMES[settings.OIDC_LOGOUT]: home})
    return f"{where}{'&' if '?' in where else '?'}{words}" if where.startswith(("https://", "http://")) else ""
