"""Whether a webhook is Plaid's: the signature that it comes with, held against its body and one of Plaid's keys.

Called by operations.webhooks; calls nobody. https://plaid.com/docs/api/webhooks/webhook-verification/

    read(header, body)      it is fresh, about this body, and names a key; whether that key signed it is not known yet
    verify(signature, key)  it did

What can be refused without a key is refused first, for asking Plaid for one costs a call.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import jwt

ALGORITHM = "ES256"
LONGEST = 4096  # characters; Plaid's own has about 350
OLDEST, AHEAD = 300, 60  # seconds
# PyJWT pardons padding behind a part; Plaid writes none.
_THREE_PARTS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_KEY_ID = re.compile(r"[!-~]{1,100}")


class BadSignature(Exception):
    """Nothing shows that Plaid has said this; `reason` is a word or two, for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Signature:
    """A signature that names its key."""

    text: str = field(repr=False)  # good for five minutes for whoever holds it
    key_id: str

    @property
    def signed_hash(self) -> str:
        """Return what tells this from any other: the hash of what was signed.

        Not of the whole, for of two signatures over the same words either is good: anybody can turn one of this kind
        into the other.
        """
        return hashlib.sha256(self.text.rpartition(".")[0].encode()).hexdigest()


def read(header: str, body: bytes, *, now: datetime) -> Signature:
    """Return the signature in a Plaid-Verification header, if it can be one of these bytes at all.

    Raises BadSignature.
    """
    if not header:
        raise BadSignature("no signature")
    if len(header) > LONGEST:
        raise BadSignature("too long")
    if not _THREE_PARTS.fullmatch(header):
        raise BadSignature("not a JWT")
    head, claims = _unverified(header)
    if head.get("alg") != ALGORITHM:
        raise BadSignature("algorithm")
    key_id = head.get("kid")
    if not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
        raise BadSignature("key id")
    _require_fresh(claims.get("iat"), int(now.timestamp()))
    _require_about(body, claims.get("request_body_sha256"))
    return Signature(text=header, key_id=key_id)


def _unverified(header: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        found = jwt.decode_complete(header, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise BadSignature("not a JWT") from None
    return found["header"], found["payload"]


def _require_fresh(issued_at: Any, now: int) -> None:
    if type(issued_at) is not int:  # neither text, nor a fraction, nor true
        raise BadSignature("no time")
    if now - issued_at > OLDEST:
        raise BadSignature("too old")
    if issued_at - now > AHEAD:
        raise BadSignature("of the future")


def _require_about(body: bytes, claimed: Any) -> None:
    actual = hashlib.sha256(body).hexdigest()
    if not isinstance(claimed, str) or not hmac.compare_digest(claimed.encode(errors="replace"), actual.encode()):
        raise BadSignature("another body")


def verify(signature: Signature, key: Mapping[str, Any]) -> None:
    """Make sure that this key, a public JWK as Plaid gives it, has signed. Raises BadSignature."""
    kind = (key.get("kid"), key.get("kty"), key.get("crv"), key.get("alg", ALGORITHM))
    if kind != (signature.key_id, "EC", "P-256", ALGORITHM):
        raise BadSignature("another kind of key")
    try:
        public = jwt.PyJWK(dict(key), algorithm=ALGORITHM)
        jwt.decode(signature.text, public, algorithms=[ALGORITHM], options={"verify_iat": False})  # `read` did
    except (jwt.PyJWTError, ValueError, TypeError):
        raise BadSignature("signature") from None
