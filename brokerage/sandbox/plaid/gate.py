"""In front of every Plaid endpoint, in Plaid's order: the body, the credentials, the fields, then the work."""

import hmac
import json
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field
from brokerage.sandbox.wire import Answer, Request, as_json

CLIENT_ID = "local-plaid-id"
SECRET = "local-plaid-secret"
OBJECTS = {"user", "options", "account_filters", "auth", "update", "hosted_link", "institution_data", "transactions"}
LISTS = {
    "products", "initial_products", "country_codes", "accounts",
    "required_if_supported_products", "optional_products", "additional_consented_products",
}  # fmt: skip
FREE = {"enable_multi_item_link"}
LETTERS = string.ascii_letters + string.digits

Fields = dict[str, Any]


@dataclass(frozen=True)
class Endpoint:
    """What is done, and which fields it needs and knows."""

    work: Callable[[Books, Fields], Fields]
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


def guarded(books: Books, request: Request, endpoint: Endpoint) -> Answer:
    try:
        fields = _parsed(request)
        _check_credentials(books, request, fields)
        return as_json(_done(books, fields, endpoint))
    except PlaidRefusal as refusal:
        return refused(refusal)


def from_frame(books: Books, request: Request, endpoint: Endpoint) -> Answer:
    """Link's own frame has no credentials; it has a link token or the session that one began.

    A wrong password is an answer here and not an HTTP error, which browsers would print on the console.
    """
    try:
        return as_json(_done(books, _parsed(request), endpoint))
    except PlaidRefusal as refusal:
        return as_json({"error": refusal.shown(), "request_id": request_id()})


def public(books: Books, request: Request, handler: Callable[[Request], Answer]) -> Answer:
    return handler(request)


def _done(books: Books, fields: Fields, endpoint: Endpoint) -> Fields:
    fields = {name: value for name, value in fields.items() if name not in ("client_id", "secret")}
    _check_names(fields, endpoint)
    for name, value in fields.items():
        _check_shape(name, value)
    with books.entry():
        return {**endpoint.work(books, fields), "request_id": request_id()}


def refused(refusal: PlaidRefusal) -> Answer:
    return as_json({**refusal.shown(), "request_id": request_id()}, refusal.status)


def request_id() -> str:
    return random_id(15)


def random_id(length: int = 37) -> str:
    """The shape of Plaid's ids: long, and upper and lower case matter."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def _parsed(request: Request) -> Fields:
    try:
        fields = json.loads(request.body)
    except ValueError:
        raise PlaidRefusal("INVALID_BODY", "body could not be parsed as JSON") from None
    if not isinstance(fields, dict):
        raise PlaidRefusal("INVALID_BODY", "body must be a JSON object")
    return fields


def _check_credentials(books: Books, request: Request, fields: Fields) -> None:
    given = {
        "client_id": request.headers.get("plaid-client-id") or fields.get("client_id"),
        "secret": request.headers.get("plaid-secret") or fields.get("secret"),
    }
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise _missing(missing)
    if not _accepts(books, str(given["client_id"]), str(given["secret"])):
        raise PlaidRefusal("INVALID_API_KEYS", "invalid client_id or secret provided")


def _accepts(books: Books, client_id: str, secret: str) -> bool:
    """As at the Broker API: any pair, but no listed one and not our own id with a wrong secret."""
    if client_id in books.setting("bad_keys"):
        return False
    if client_id == CLIENT_ID or books.setting("strict_credentials"):
        return client_id == CLIENT_ID and hmac.compare_digest(secret.encode(), SECRET.encode())
    return True


def _check_names(fields: Fields, endpoint: Endpoint) -> None:
    missing = [name for name in endpoint.required if fields.get(name) in (None, "", [], {})]
    if missing:
        raise _missing(missing)
    unknown = sorted(set(fields) - set(endpoint.required) - set(endpoint.optional))
    if unknown:
        raise PlaidRefusal("UNKNOWN_FIELDS", f"fields not recognized by this endpoint: {', '.join(unknown)}")


def _check_shape(name: str, value: Any) -> None:
    if value is None:
        return
    if name in OBJECTS and not isinstance(value, dict):
        raise invalid_field(f"{name} must be an object")
    if name in LISTS and not (isinstance(value, list) and all(isinstance(word, str) for word in value)):
        raise invalid_field(f"{name} must be an array of strings")
    if name not in OBJECTS | LISTS | FREE and not isinstance(value, str):
        raise invalid_field(f"{name} must be a string")


def _missing(names: list[str]) -> PlaidRefusal:
    return PlaidRefusal("MISSING_FIELDS", f"the following required fields are missing: {', '.join(names)}")
