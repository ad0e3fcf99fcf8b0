"""What browsers report that the Content-Security-Policy kept from loading: counted, one line each, and forgotten.

Named in MIDDLEWARE, before sessions and the tokens of forms. A browser sends these by itself: it has no token, and a
cookie that it may send along is never read. So this is no view, no view is spared the token of forms for it, and
nothing here can act for anybody. Whoever likes can send what looks like a report: one costs no query, each process
takes only so many a minute, and of what it says only words of ours and the host that was blocked are kept.
"""

import json
import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from brokerage import metrics, visit
from brokerage.unlogged import unlogged

log = logging.getLogger(__name__)

Answer = Callable[[HttpRequest], HttpResponse]
PATH = "/csp-reports/"
GROUP = "csp"  # what the policy's report-to names; the header below says where it is
LARGEST = 16 * 1024
PER_MINUTE, PER_MINUTE_AND_ADDRESS = 120, 20
# The old form, which Firefox and Safari send, and the new one: https://www.w3.org/TR/CSP3/#reporting
_OLD, _NEW = "application/csp-report", "application/reports+json"
_LOADED = ("child", "connect", "default", "font", "frame", "img", "manifest", "media", "object", "worker")
_RUN = ("script-src", "script-src-attr", "script-src-elem", "style-src", "style-src-attr", "style-src-elem")
DIRECTIVES = {*_RUN, *(f"{what}-src" for what in _LOADED), "base-uri", "form-action", "frame-ancestors"}
OTHER = "other"
# What stands for an origin where there is none: https://www.w3.org/TR/CSP3/#violation-resource
_WORDS = frozenset({"inline", "eval", "wasm-eval", "self", "data", "blob", "about", "filesystem"})
_EXTENSIONS = frozenset({"chrome-extension", "moz-extension", "safari-extension", "safari-web-extension"})
_HOST = re.compile(r"[a-z0-9.-]{1,100}", re.ASCII)


class NotReadable(Exception):
    """It is no report, or it breaks off."""


class TooLarge(Exception):
    """It is longer than any browser's report."""


class Turnstile:
    """Lets through so many in a minute, of one address and of all. It keeps no more addresses than it lets through."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute, self._taken = 0, Counter[str]()

    def lets_through(self, address: str) -> bool:
        minute = int(time.monotonic() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._taken = minute, Counter()
            if self._taken[address] >= PER_MINUTE_AND_ADDRESS or self._taken.total() >= PER_MINUTE:
                return False
            self._taken[address] += 1
            return True


turnstile = Turnstile()


def csp_reports(answer: Answer) -> Answer:
    """Return what takes reports itself, and tells browsers with every other answer where they go."""

    def take_or_answer(request: HttpRequest) -> HttpResponse:
        if request.path_info == PATH:
            return _take(request)
        response = answer(request)
        response["Reporting-Endpoints"] = f'{GROUP}="{PATH}"'
        return response

    return take_or_answer


def _take(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _say(405, Allow="POST")
    if request.content_type not in (_OLD, _NEW):
        return _say(415)
    if not turnstile.lets_through(visit.of(request).ip_address):
        return _say(429, **{"Retry-After": "60"})
    try:
        for directive, origin in _told(request.content_type, _body(request)):
            metrics.csp_reported(directive)
            log.info("csp: %s blocked %s", directive, origin)
    except TooLarge:
        return _say(413)
    except NotReadable:
        return _say(400)
    return _say(204)


def _body(request: HttpRequest) -> bytes:
    """Return the body; a long one is not even read. Raises TooLarge, NotReadable."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
            raise TooLarge
        return request.body
    except RequestDataTooBig:
        raise TooLarge from None
    except (UnreadablePostError, ValueError):
        raise NotReadable from None


def _told(kind: str, body: bytes) -> Iterator[tuple[str, str]]:
    """Yield the directive and the origin of what was blocked, for each of a few reports. Raises NotReadable."""
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise NotReadable from None
    if kind == _OLD:
        reports = [said.get("csp-report")] if isinstance(said, dict) else []
        directive, blocked = "effective-directive", "blocked-uri"
    else:
        found = [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []
        reports = [each.get("body") for each in found if each.get("type") == "csp-violation"]
        directive, blocked = "effectiveDirective", "blockedURL"
    for report in reports[:10]:
        if isinstance(report, dict):
            # Older browsers name the whole directive, and only as the one that was violated.
            name = report.get(directive) or report.get("violated-directive")
            yield _directive(name), _origin(report.get(blocked))


def _directive(name: object) -> str:
    """Return a word of ours, whatever was sent."""
    first = name.split(" ", 1)[0] if isinstance(name, str) else ""
    return first if first in DIRECTIVES else OTHER


def _origin(url: object) -> str:
    """Return scheme and host alone: a path or a query may be about somebody."""
    if not isinstance(url, str) or len(url) > LARGEST:
        return OTHER
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return OTHER
    if parts.scheme in _EXTENSIONS:
        return "an extension of the browser"
    if parts.scheme in ("http", "https", "ws", "wss") and _HOST.fullmatch(host):
        return f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    word = parts.scheme or url
    return word if word in _WORDS else OTHER


def _say(status: int, **headers: str) -> HttpResponse:
    return unlogged(HttpResponse(status=status, headers={"Cache-Control": "no-store", **headers}))
