"""Which page of ours somebody is to come to: the one they wanted before they had to sign in, or were on, or none.

Used by both doors: the sign-in, and the way from the desk to it.
"""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def named(request: HttpRequest) -> str:
    """Return the page that `next` names; nothing where it leads anywhere else, or hides something."""
    return checked(request, request.POST.get("next", request.GET.get("next", "")))


def checked(request: HttpRequest, path: str) -> str:
    """Return a path where it is one of ours; nothing otherwise."""
    is_ours = _is_here(request, path) and path.startswith("/") and path.isprintable()
    return path if is_ours else ""


def before(request: HttpRequest) -> str:
    """Return the page of ours on which a form stood; nothing where the browser does not say, or it was another site."""
    came_from = request.headers.get("Referer", "")
    return checked(request, urlsplit(came_from).path) if _is_here(request, came_from) else ""


def _is_here(request: HttpRequest, address: str) -> bool:
    here = {request.get_host()}
    return url_has_allowed_host_and_scheme(address, allowed_hosts=here, require_https=request.is_secure())
