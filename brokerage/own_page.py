"""Which page somebody wanted to see before they had to sign in: one of ours, or none.

Used by both doors: the sign-in, and the way from the desk to it.
"""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def named(request: HttpRequest) -> str:
    """Return the page that `next` names; nothing where it leads anywhere else, or hides something."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    here = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=here, require_https=request.is_secure())
    return wanted if is_ours and wanted.startswith("/") and wanted.isprintable() else ""
