"""What machines ask of this server, answered before anything that is there for people. First in MIDDLEWARE.

A load balancer asks by address and by plain HTTP: neither ALLOWED_HOSTS nor the way to HTTPS stands before these, since
they show nothing of anybody and lead nowhere. There is no session, no cookie, and nothing is kept by a cache.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from brokerage.unlogged import unlogged

Answer = Callable[[HttpRequest], HttpResponse]
URLS = "brokerage.probe_urls"
PATHS = {"/healthz", "/readyz", "/metrics"}


def probes(answer: Answer) -> Answer:
    """Return what answers machines itself, and hands everything else on."""

    def answer_machines(request: HttpRequest) -> HttpResponse:
        if request.path_info not in PATHS:
            return answer(request)
        match = resolve(request.path_info, URLS)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return unlogged(response)  # what changes is logged by health, once

    return answer_machines
