"""In front of control: no credentials, but no other site's page may press its buttons through a visitor's browser."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker.refusal import Refusal
from brokerage.sandbox.wire import Answer, Request, as_json


class BadControl(Exception):
    """What was asked of control makes no sense; the text says why."""


def json_gate(books: Books, request: Request, handler: Callable[[Books, Request, dict[str, Any]], Any]) -> Answer:
    if not _is_from_here(request):
        return as_json({"error": "requests from other sites are refused"}, 403)
    try:
        with books.entry():
            return as_json(handler(books, request, _fields(request)))
    except BadControl as problem:
        return as_json({"error": str(problem)}, 400)
    except KeyError as problem:
        return as_json({"error": f"unknown: {problem.args[0] if problem.args else problem}"}, 404)
    except Refusal as refusal:
        return as_json({"error": refusal.message, "code": refusal.code}, 400)
    except (TypeError, ValueError) as problem:
        return as_json({"error": f"a field has the wrong type: {problem}"}, 400)


def page_gate(books: Books, request: Request, handler: Callable[[Books, Request], Answer]) -> Answer:
    if not _is_from_here(request):
        return as_json({"error": "requests from other sites are refused"}, 403)
    try:
        with books.entry():
            return handler(books, request)
    except KeyError:
        return as_json({"error": "no such thing"}, 404)


def _fields(request: Request) -> dict[str, Any]:
    if not request.body:
        return {}
    try:
        fields = request.json()
    except ValueError:
        raise BadControl("the body is not JSON") from None
    if isinstance(fields, list):
        return {"rows": fields}
    if not isinstance(fields, dict):
        raise BadControl("the body is not a JSON object")
    return fields


def _is_from_here(request: Request) -> bool:
    """Reading is free. A browser that posts says where from; what says nothing is no browser."""
    if request.method in ("GET", "HEAD"):
        return True
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
