"""The keys that webhooks are signed with, and the signature: a JWT by ES256 over the hash of the body.

https://plaid.com/docs/api/webhooks/webhook-verification/
"""

import base64
import hashlib
import hmac
import json
import sqlite3
import uuid
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.refusal import PlaidRefusal

# By this id anybody's sandbox has a key; here it is another name of the present one.
WELL_KNOWN = "6c5516e1-92dc-479e-a8ff-5a51992e0001"


def read_key(books: Books, fields: Fields) -> Fields:
    """/webhook_verification_key/get. An expired key is shown, and says since when."""
    key_id = fields["key_id"]
    row = present(books) if key_id == WELL_KNOWN else _by_kid(books, key_id)
    if row is None:
        raise PlaidRefusal("INVALID_WEBHOOK_VERIFICATION_KEY_ID", "invalid key_id provided")
    return {"key": {**_public(row), "kid": key_id}}


def present(books: Books) -> sqlite3.Row:
    """The key that signs now, made when it is first wanted."""
    sql = "SELECT * FROM webhook_keys ORDER BY seq DESC LIMIT 1"
    row = books.one(sql)
    if row is None:
        rotate(books)
        row = books.one(sql)
    assert row is not None  # noqa: S101
    return row


def rotate(books: Books) -> str:
    """The id of a new key that signs from now on; the one before can still be fetched."""
    kid, private = str(uuid.uuid4()), ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    books.insert("webhook_keys", kid=kid, private=pem.decode(), created_at=books.now())
    return kid


def expire(books: Books, kid: str) -> None:
    """Raises KeyError."""
    if not books.write("UPDATE webhook_keys SET expired_at = ? WHERE kid = ?", books.now(), kid):
        raise KeyError(kid)


def listed(books: Books) -> list[dict[str, Any]]:
    return [_public(row) for row in books.all("SELECT * FROM webhook_keys ORDER BY seq")]


def signed(key: sqlite3.Row, body: bytes, *, iat: int, kid: str = "") -> str:
    claims = {"iat": iat, "request_body_sha256": hashlib.sha256(body).hexdigest()}
    text = _unsigned("ES256", kid or key["kid"], claims)
    return f"{text}.{_base64url(_ecdsa(_private(key), text))}"


def kid_of(signature: str) -> str:
    """The id of the key that a signature names."""
    head = signature.partition(".")[0]
    kid: str = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]
    return kid


def forged(key: sqlite3.Row, body: bytes, *, iat: int) -> str:
    """Signed by nobody's key, in the name of ours."""
    other = ec.generate_private_key(ec.SECP256R1())
    text = _unsigned("ES256", key["kid"], {"iat": iat, "request_body_sha256": hashlib.sha256(body).hexdigest()})
    return f"{text}.{_base64url(_ecdsa(other, text))}"


def wrong_alg(key: sqlite3.Row, body: bytes, *, iat: int) -> str:
    """As who hopes that the public key is taken for a shared secret."""
    text = _unsigned("HS256", key["kid"], {"iat": iat, "request_body_sha256": hashlib.sha256(body).hexdigest()})
    public = _private(key).public_key()
    secret = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"{text}.{_base64url(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def _unsigned(alg: str, kid: str, claims: dict[str, Any]) -> str:
    parts = ({"alg": alg, "kid": kid, "typ": "JWT"}, claims)
    return ".".join(_base64url(json.dumps(part, separators=(",", ":")).encode()) for part in parts)


def _ecdsa(private: ec.EllipticCurvePrivateKey, text: str) -> bytes:
    r, s = decode_dss_signature(private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _private(key: sqlite3.Row) -> ec.EllipticCurvePrivateKey:
    private = serialization.load_pem_private_key(key["private"].encode(), password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)  # noqa: S101
    return private


def _public(row: sqlite3.Row) -> dict[str, Any]:
    numbers = _private(row).public_key().public_numbers()
    return {
        "alg": "ES256",
        "crv": "P-256",
        "kid": row["kid"],
        "kty": "EC",
        "use": "sig",
        "x": _base64url(numbers.x.to_bytes(32, "big")),
        "y": _base64url(numbers.y.to_bytes(32, "big")),
        "created_at": int(row["created_at"]),
        "expired_at": int(row["expired_at"]) if row["expired_at"] else None,
    }


def _by_kid(books: Books, kid: str) -> sqlite3.Row | None:
    return books.one("SELECT * FROM webhook_keys WHERE kid = ?", kid)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
