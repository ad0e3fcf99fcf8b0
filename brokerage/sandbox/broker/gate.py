"""In front of every Broker endpoint: credentials, one entry in the books, refusals in the vendor's shape."""

from collections.abc import Callable

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import credentials
from brokerage.sandbox.broker.refusal import Refusal
from brokerage.sandbox.wire import Answer, Request, as_json

Handler = Callable[[Books, Request], Answer]


def guarded(books: Books, request: Request, handler: Handler) -> Answer:
    try:
        credentials.check(books, request)
    except Refusal as refusal:
        return refused(refusal)
    return signed(books, request, handler)


def signed(books: Books, request: Request, handler: Handler) -> Answer:
    """For addresses that carry their own permission; the handler looks at it."""
    try:
        with books.entry():
            return handler(books, request)
    except Refusal as refusal:
        return refused(refusal)


def unguarded(books: Books, request: Request, handler: Handler) -> Answer:
    with books.entry():
        return handler(books, request)


def refused(refusal: Refusal) -> Answer:
    return as_json({"code": refusal.code, "message": refusal.message}, refusal.status)
