"""Who is calling: a key and secret with every request, or a bearer token that was bought with them."""

import base64
import binascii
import hmac
import secrets

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker.refusal import unauthorized
from brokerage.sandbox.wire import Answer, Request, as_json

KEY = "local-broker-key"
SECRET = "local-broker-secret"
TOKEN_SECONDS = 899


def check(books: Books, request: Request) -> None:
    """Raises Refusal (401) unless the request carries good credentials."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    accepted = {"basic": _basic, "bearer": _bearer}.get(scheme.lower())
    if not accepted or not accepted(books, rest.strip()):
        raise unauthorized()


def accepts(books: Books, key: str, secret: str) -> bool:
    """Any pair will do, except a key that control has listed as bad, or the sandbox's own key with a wrong secret."""
    if not key or not secret or key in books.setting("bad_keys"):
        return False
    if key == KEY or books.setting("strict_credentials"):
        return key == KEY and hmac.compare_digest(secret.encode(), SECRET.encode())
    return True


def _basic(books: Books, encoded: str) -> bool:
    try:
        key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return accepts(books, key, secret)


def _bearer(books: Books, token: str) -> bool:
    row = books.one("SELECT expires_at FROM broker_tokens WHERE token = ?", token)
    return row is not None and row["expires_at"] > books.now()


def issue(books: Books, request: Request) -> Answer:
    """Client credentials for a token. Errors have OAuth's shape here, not the Broker API's."""
    form = request.form()
    if form.get("grant_type") != "client_credentials":
        return as_json({"error": "unsupported_grant_type", "fields": ["grant_type"]}, 400)
    if not accepts(books, form.get("client_id", ""), form.get("client_secret", "")):
        return as_json({"error": "invalid_client"}, 401)
    token = secrets.token_urlsafe(32)
    books.write("DELETE FROM broker_tokens WHERE expires_at <= ?", books.now())
    books.insert("broker_tokens", token=token, expires_at=books.now() + TOKEN_SECONDS)
    return as_json({"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"})
