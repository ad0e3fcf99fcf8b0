"""What a page's live part says once nobody is signed in any more.

Used by both apps' views, outermost. htmx would follow the way to the sign-in again and again, and leave on the screen
what nobody is to see there: it gets a part that says so and asks for nothing. Others are shown the way to the sign-in.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

View = Callable[..., HttpResponse]


def live_part(element: str, *, of: str, heading: str) -> Callable[[View], View]:
    """Return a decorator for the view of an `element` of the page named `of`, whose first heading is h1 or h2."""

    def with_an_end(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.headers.get("HX-Request") != "true" or request.user.is_authenticated:
                return view(request, *args, **kwargs)
            context = {"element": element, "heading": heading, "page_url": reverse(of, args=args, kwargs=kwargs)}
            ended = render(request, "_signed_out.html", context)
            ended["Cache-Control"] = "no-store"
            return ended

        return answer

    return with_an_end
