"""In front of every Plaid endpoint, in Plaid's order: the body, the credentials, the fields, then the work."""

import hmac
import json
import secrets
import string
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import limits
from brokerage.sandbox.plaid.refusal import CountedRefusal, PlaidRefusal, invalid_field, missing_fields
from brokerage.sandbox.wire import Answer, Request, as_json

CLIENT_ID = "local-plaid-id"
SECRET = "local-plaid-secret"
OBJECTS = {
    "user", "options", "account_filters", "auth", "update", "hosted_link", "institution_data", "transactions",
    "user_auth", "device", "eu_config", "investments", "investments_auth", "identity",
}  # fmt: skip
LISTS = {
    "products", "initial_products", "country_codes", "accounts", "answers", "access_tokens",
    "required_if_supported_products", "optional_products", "additional_consented_products",
    "webhook_types", "webhook_codes", "item_ids", "delivery_statuses",
}  # fmt: skip
NUMBERS = {"amount", "amount_instantly_available"}
WHOLE_NUMBERS = {"count", "offset", "days_funds_on_hold"}
BOOLEANS = {"initiated", "user_present", "is_recurring"}
FREE = {"enable_multi_item_link", "events", "error"}
# Required all the same: an empty list of products means all of them, and a webhook of null means none.
MAY_BE_EMPTY = {("processor/token/permissions/set", "products"), ("processor/token/webhook/update", "webhook")}
LETTERS = string.ascii_letters + string.digits

Fields = dict[str, Any]


@dataclass(frozen=True)
class Endpoint:
    """What is done, and which fields it needs and knows.

    `pause` names the setting that says for how many seconds the bank behind it keeps everybody waiting.
    """

    work: Callable[[Books, Fields], Fields]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    pause: str = ""


def guarded(books: Books, request: Request, endpoint: Endpoint) -> Answer:
    try:
        fields = _parsed(request)
        _check_credentials(books, request, fields)
        return as_json(_done(books, fields, endpoint, request.path.removeprefix("/plaid/")))
    except PlaidRefusal as refusal:
        return refused(refusal)
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return refused(PlaidRefusal("INTERNAL_SERVER_ERROR"))


def from_frame(books: Books, request: Request, endpoint: Endpoint) -> Answer:
    """Link's own frame has no credentials; it has a link token or the session that one began.

    A wrong password is an answer here and not an HTTP error, which browsers would print on the console.
    """
    try:
        return as_json(_done(books, _parsed(request), endpoint, ""))
    except PlaidRefusal as refusal:
        return as_json({"error": refusal.shown(), "request_id": request_id()})


def public(books: Books, request: Request, handler: Callable[[Request], Answer]) -> Answer:
    return handler(request)


def _done(books: Books, fields: Fields, endpoint: Endpoint, path: str) -> Fields:
    fields = {name: value for name, value in fields.items() if name not in ("client_id", "secret")}
    _check_names(fields, endpoint, path)
    for name, value in fields.items():
        _check_shape(name, value)
    limits.count(books, path, fields)
    if endpoint.pause:
        time.sleep(float(books.setting(endpoint.pause)))
    with books.entry():
        try:
            return {**endpoint.work(books, fields), "request_id": request_id()}
        except CountedRefusal as refusal:
            counted = refusal
    raise counted


def refused(refusal: PlaidRefusal) -> Answer:
    return as_json({**refusal.shown(), "request_id": request_id()}, refusal.status)


def request_id() -> str:
    return random_id(15)


def random_id(length: int = 37) -> str:
    """The shape of Plaid's ids: long, and upper and lower case matter."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def _parsed(request: Request) -> Fields:
    try:
        fields = json.loads(request.body, parse_constant=_no_constant)
        json.dumps(fields, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        raise PlaidRefusal("INVALID_BODY", "body could not be parsed as JSON") from None
    if not isinstance(fields, dict):
        raise PlaidRefusal("INVALID_BODY", "body must be a JSON object")
    return fields


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _check_credentials(books: Books, request: Request, fields: Fields) -> None:
    given = {
        "client_id": request.headers.get("plaid-client-id") or fields.get("client_id"),
        "secret": request.headers.get("plaid-secret") or fields.get("secret"),
    }
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise missing_fields(missing)
    if not _accepts(books, str(given["client_id"]), str(given["secret"])):
        raise PlaidRefusal("INVALID_API_KEYS", "invalid client_id or secret provided")


def _accepts(books: Books, client_id: str, secret: str) -> bool:
    """As at the Broker API: any pair, but no listed one and not our own id with a wrong secret."""
    if client_id in books.setting("bad_keys"):
        return False
    if client_id == CLIENT_ID or books.setting("strict_credentials"):
        return client_id == CLIENT_ID and hmac.compare_digest(secret.encode(), SECRET.encode())
    return True


def _check_names(fields: Fields, endpoint: Endpoint, path: str) -> None:
    missing = [name for name in endpoint.required if not _is_given(fields, name, path)]
    if missing:
        raise missing_fields(missing)
    unknown = sorted(set(fields) - set(endpoint.required) - set(endpoint.optional))
    if unknown:
        raise PlaidRefusal("UNKNOWN_FIELDS", f"fields not recognized by this endpoint: {', '.join(unknown)}")


def _is_given(fields: Fields, name: str, path: str) -> bool:
    if (path, name) in MAY_BE_EMPTY:
        return name in fields
    return fields.get(name) not in (None, "", [], {})


def _check_shape(name: str, value: Any) -> None:
    if value is None or name in FREE:
        return
    for names, holds, kind in _SHAPES:
        if name in names:
            if not holds(value):
                raise invalid_field(f"{name} must be {kind}")
            return
    if not isinstance(value, str):
        raise invalid_field(f"{name} must be a string")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_SHAPES: tuple[tuple[set[str], Callable[[Any], bool], str], ...] = (
    (OBJECTS, lambda value: isinstance(value, dict), "an object"),
    (LISTS, lambda value: is_words(value), "an array of strings"),
    (NUMBERS, _is_number, "a number"),
    (WHOLE_NUMBERS, lambda value: isinstance(value, int) and not isinstance(value, bool), "an integer"),
    (BOOLEANS, lambda value: isinstance(value, bool), "a boolean"),
)


def is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
