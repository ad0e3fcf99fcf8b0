"""The provider's document and keys, and what it hands out: codes for tokens, tokens for a person.

Times are real ones, not the sandbox's: the site that checks them has a clock that nobody moves.
"""

import base64
import hashlib
import hmac
import json
import secrets
import sqlite3
import time
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from brokerage.sandbox.books import Books
from brokerage.sandbox.identity import people
from brokerage.sandbox.identity.people import Person
from brokerage.sandbox.identity.requests import CLIENT_ID, CLIENT_SECRET, BadRequest, Wish
from brokerage.sandbox.wire import Answer, Request, as_json

CODE_SECONDS, TOKEN_SECONDS = 300, 3600


def issuer(request: Request) -> str:
    return f"http://{request.headers.get('host', '127.0.0.1')}/identity"


def document(books: Books, request: Request) -> Answer:
    """/.well-known/openid-configuration, with Cognito's paths."""
    base = issuer(request)
    return as_json(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/oauth2/authorize",
            "token_endpoint": f"{base}/oauth2/token",
            "userinfo_endpoint": f"{base}/oauth2/userInfo",
            "jwks_uri": f"{base}/.well-known/jwks.json",
            "end_session_endpoint": f"{base}/logout",
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "email"],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
    )


def keys(books: Books, request: Request) -> Answer:
    return as_json({"keys": [_public(row) for row in books.all("SELECT * FROM identity_keys ORDER BY seq")]})


def _present(books: Books) -> sqlite3.Row:
    """The key that signs, made when it is first wanted."""
    sql = "SELECT * FROM identity_keys ORDER BY seq DESC LIMIT 1"
    row = books.one(sql)
    if row is None:
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        books.insert("identity_keys", kid=str(uuid.uuid4()), private=pem.decode())
        row = books.one(sql)
    assert row is not None  # noqa: S101 - it was put in just now
    return row


def _public(row: sqlite3.Row) -> dict[str, Any]:
    private = serialization.load_pem_private_key(row["private"].encode(), password=None)
    assert isinstance(private, rsa.RSAPrivateKey)  # noqa: S101 - made above
    numbers = private.public_key().public_numbers()
    parts = {"n": numbers.n.to_bytes(256, "big"), "e": numbers.e.to_bytes(3, "big")}
    return {"alg": "RS256", "kid": row["kid"], "kty": "RSA", "use": "sig"} | {
        name: _base64url(raw) for name, raw in parts.items()
    }


# --- Codes ------------------------------------------------------------------------------------------------------------


def hand_out(books: Books, wish: Wish, person: Person) -> str:
    """A code for this sign-in, good once and for five minutes."""
    _present(books)
    code, now = str(uuid.uuid4()), int(time.time())
    details = {"email": person.email, "redirect_uri": wish.redirect_uri, "nonce": wish.nonce, "at": now}
    details |= {"challenge": wish.challenge}
    books.insert("identity_grants", token=code, kind="code", details=json.dumps(details), expires_at=now + CODE_SECONDS)
    return code


def trade(books: Books, request: Request) -> Answer:
    """/oauth2/token."""
    _require_secret(request)
    form = request.form()
    if form.get("grant_type") != "authorization_code":
        raise BadRequest("unsupported_grant_type")
    given = _taken(books, form.get("code", ""))
    wanted = _base64url(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
    if given["redirect_uri"] != form.get("redirect_uri") or not hmac.compare_digest(given["challenge"], wanted):
        raise BadRequest("invalid_grant")
    return as_json(_tokens(books, request, given))


def _require_secret(request: Request) -> None:
    pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    if not hmac.compare_digest(request.headers.get("authorization", ""), f"Basic {pair}"):
        raise BadRequest("invalid_client")


def _taken(books: Books, code: str) -> dict[str, Any]:
    row = books.one("SELECT * FROM identity_grants WHERE token = ? AND kind = 'code'", code)
    if row is None or row["expires_at"] < time.time():
        raise BadRequest("invalid_grant")
    books.write("DELETE FROM identity_grants WHERE token = ?", code)
    given: dict[str, Any] = json.loads(row["details"])
    return given


def _tokens(books: Books, request: Request, given: dict[str, Any]) -> dict[str, Any]:
    person, now, key = people.find(given["email"]), int(time.time()), _present(books)
    claims = {
        "iss": issuer(request),
        "sub": person.sub,
        "aud": CLIENT_ID,
        "token_use": "id",
        "auth_time": given["at"],
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "nonce": given["nonce"],
        "email": person.email,
        "email_verified": True,
        "cognito:username": person.sub,
        **({"cognito:groups": list(person.groups)} if person.groups else {}),
    }
    access = secrets.token_urlsafe(32)
    details = json.dumps({"email": person.email})
    books.insert("identity_grants", token=access, kind="access", details=details, expires_at=now + TOKEN_SECONDS)
    signed = jwt.encode(claims, key["private"], algorithm="RS256", headers={"kid": key["kid"]})
    return {"id_token": signed, "access_token": access, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}


def userinfo(books: Books, request: Request) -> Answer:
    """/oauth2/userInfo, whose true is a text."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    row = books.one("SELECT * FROM identity_grants WHERE token = ? AND kind = 'access'", token)
    if row is None or row["expires_at"] < time.time():
        raise BadRequest("invalid_token", status=401)
    person = people.find(json.loads(row["details"])["email"])
    said = {"sub": person.sub, "email_verified": "true", "email": person.email, "username": person.sub}
    return as_json(said)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
