"""A sign-in provider in the shape of a pool of AWS Cognito, below /identity. Whoever comes chooses who they are.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-userpools-server-contract-reference.html
"""

from collections.abc import Callable

from brokerage.sandbox.books import Books
from brokerage.sandbox.identity import pages, tokens
from brokerage.sandbox.identity.requests import BadRequest
from brokerage.sandbox.wire import Answer, Request, as_json


def json_gate(books: Books, request: Request, handler: Callable[[Books, Request], Answer]) -> Answer:
    try:
        with books.entry():
            return handler(books, request)
    except BadRequest as problem:
        return as_json({"error": problem.code}, problem.status)


def page_gate(books: Books, request: Request, handler: Callable[[Books, Request], Answer]) -> Answer:
    """A page says what is wrong; a post from another site's page gets nothing."""
    if request.method == "POST" and request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return pages.wrong("This form was sent from another site.", status=403)
    try:
        with books.entry():
            return handler(books, request)
    except BadRequest as problem:
        return pages.wrong(problem.sentence, status=400)


ROUTES = [
    ("GET", "/identity/.well-known/openid-configuration", tokens.document, json_gate),
    ("GET", "/identity/.well-known/jwks.json", tokens.keys, json_gate),
    ("GET", "/identity/oauth2/authorize", pages.ask, page_gate),
    ("POST", "/identity/oauth2/authorize", pages.decide, page_gate),
    ("POST", "/identity/oauth2/token", tokens.trade, json_gate),
    ("GET", "/identity/oauth2/userInfo", tokens.userinfo, json_gate),
    ("GET", "/identity/logout", pages.leave, page_gate),
]
