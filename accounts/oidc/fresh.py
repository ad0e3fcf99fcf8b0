"""Asking for a sign-in of this minute, before what is dangerous.

Called by whatever guards such acts. Somebody who comes back as the same person finds `signed_in_at` in the session, in
seconds of the epoch: when the provider last asked them who they are.
"""

from django.http import HttpRequest, HttpResponse

from accounts.oidc.views import Begin
from brokerage import own_page


def ask(request: HttpRequest, *, back_to: str = "") -> HttpResponse:
    """Send somebody who is signed in to the provider once more, and afterwards to `back_to`, a path of this site.

    Without one they come back to the page that they asked for; after a form, to one more click that sends it on. Where
    it could not be kept they come to the page that it names as `next`, or on which it stood, and are told. Nothing of
    it goes to the provider.
    """
    asked = request.get_full_path() if request.method == "GET" else own_page.named(request) or own_page.before(request)
    view = Begin(again=True, back_to=own_page.checked(request, back_to or asked))
    view.setup(request)
    return view.get(request)
