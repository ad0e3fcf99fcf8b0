"""Signatures as Plaid makes them, and as it never would."""

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the curve P-256


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def compact(head: Any, claims: Any, sign: Callable[[bytes], bytes]) -> str:
    """Return a JWT; head and claims may be bytes that are no JSON."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (head, claims)]
    text = ".".join(base64url(part) for part in parts)
    return f"{text}.{base64url(sign(text.encode()))}"


class SigningKey:
    """A key pair such as Plaid's: the private half signs, the public one is shown by its id."""

    def __init__(self, kid: str = "") -> None:
        self.kid = kid or str(uuid.uuid4())
        self.private = ec.generate_private_key(ec.SECP256R1())

    def jwk(self, **changes: Any) -> dict[str, Any]:
        """Return the public half as Plaid shows it."""
        numbers = self.private.public_key().public_numbers()
        shown = {
            "alg": "ES256",
            "crv": "P-256",
            "kid": self.kid,
            "kty": "EC",
            "use": "sig",
            "x": base64url(numbers.x.to_bytes(32, "big")),
            "y": base64url(numbers.y.to_bytes(32, "big")),
            "created_at": 1_700_000_000,
            "expired_at": None,
        }
        return shown | changes

    def ecdsa(self, text: bytes) -> bytes:
        """Sign by ES256."""
        r, s = decode_dss_signature(self.private.sign(text, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def claims(self, body: bytes, *, age: float = 0) -> dict[str, Any]:
        return {"iat": int(time.time() - age), "request_body_sha256": hashlib.sha256(body).hexdigest()}

    def head(self) -> dict[str, Any]:
        return {"alg": "ES256", "kid": self.kid, "typ": "JWT"}

    def sign(self, body: bytes, *, age: float = 0) -> str:
        """Return what Plaid puts beside a body, `age` seconds ago."""
        return compact(self.head(), self.claims(body, age=age), self.ecdsa)

    def sign_oddly(self, body: bytes, *, head: Any = None, without: str = "", **claims: Any) -> str:
        """Return a good signature over an odd head or odd claims."""
        said = {key: value for key, value in (self.claims(body) | claims).items() if key != without}
        return compact({**self.head(), **(head or {})}, said, self.ecdsa)


def rewritten(signature: str) -> str:
    """Return another good signature over the same words, as anybody can make one who has no key."""
    words, _, last = signature.rpartition(".")
    raw = unbase64url(last)
    s = ORDER - int.from_bytes(raw[32:], "big")
    return f"{words}.{base64url(raw[:32] + s.to_bytes(32, 'big'))}"
