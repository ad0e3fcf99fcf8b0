"""Asking for a sign-in of this minute, before what is dangerous.

Called by whatever guards such acts. Somebody who comes back as the same person finds `signed_in_at` in the session, in
seconds of the epoch: when the provider last asked them who they are.
"""

from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.oidc.views import Begin


def ask(request: HttpRequest, *, back_to: str = "") -> HttpResponse:
    """Send somebody who is signed in to the provider once more, and afterwards to `back_to`, a path of this site.

    Without one they come back to the page that they asked for; after a form, to the one that it names as `next`.
    """
    wanted = back_to or (request.get_full_path() if request.method == "GET" else request.POST.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    view = Begin(again=True, back_to=wanted if is_ours else "")
    view.setup(request)
    return view.get(request)
