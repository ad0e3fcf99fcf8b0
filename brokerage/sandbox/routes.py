"""Which path is whose.

A route names its method, its pattern, the function behind it and the gate in front: who may pass, and what a
refusal looks like there. To add an endpoint, add a line to its room's ROUTES.
"""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from brokerage.sandbox import broker, control, identity, moves, plaid
from brokerage.sandbox.books import Books
from brokerage.sandbox.wire import Answer, Request, as_json

log = logging.getLogger("sandbox")
Unknown = Callable[[Request], Answer]


@dataclass(frozen=True)
class Route:
    pattern: re.Pattern[str]
    method: str
    handler: Any
    gate: Callable[..., Answer]


def _compiled(pattern: str) -> re.Pattern[str]:
    """`{name}` stands for one segment of the path."""
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern))


ROOMS: tuple[Iterable[tuple[str, str, Any, Any]], ...] = (
    broker.ROUTES,
    plaid.ROUTES,
    identity.ROUTES,
    control.ROUTES,
)
TABLE = [Route(_compiled(pattern), method, handler, gate) for room in ROOMS for method, pattern, handler, gate in room]
UNKNOWN: dict[str, Unknown] = {"/broker/": broker.unknown_path, "/plaid/": plaid.unknown_path}


def dispatch(books: Books, request: Request) -> Answer:
    """The answer, with everything that was due by now already done."""
    moves.catch_up(books)
    for route in TABLE:
        if route.method == request.method and (match := route.pattern.fullmatch(request.path)):
            request.params = match.groupdict()
            return route.gate(books, request, route.handler)
    return _unknown(request)


def _unknown(request: Request) -> Answer:
    log.warning("nothing at %s", request.line)
    for prefix, answer in UNKNOWN.items():
        if request.path.startswith(prefix):
            return answer(request)
    return as_json({"error": f"nothing at {request.method} {request.path}"}, 404)
