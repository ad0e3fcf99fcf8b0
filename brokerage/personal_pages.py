"""Nothing that somebody sees while they are signed in is kept by a browser or a proxy, unless a view says otherwise.

The back button after signing out, on a computer that others use, must show no account. Named in MIDDLEWARE.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

Answer = Callable[[HttpRequest], HttpResponse]


def personal_pages(answer: Answer) -> Answer:
    """Return what puts `private, no-store` on answers to people who are signed in."""

    def answer_once(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        # A page that never asked who it is for is nobody's; asking here would read the session for a webhook.
        personal = request.session.accessed and request.user.is_authenticated
        if personal and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response

    return answer_once
