"""A device with passkeys, in software: it answers as a phone or a security key does (WebAuthn, ES256, no attestation).

Whatever a lie changes stands in the arguments of `create` and `get`.
"""

import base64
import hashlib
import json
import secrets
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def to_text(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def to_bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """Holds one key, for whoever made it."""

    def __init__(self, *, host: str, origin: str, counts: bool = True) -> None:
        self.host, self.origin, self.counts = host, origin, counts
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.user_handle = b""
        self.used = 0

    def create(self, options: str, **lies: Any) -> str:
        """Answer a question for a new key; both are JSON."""
        asked = json.loads(options)
        self.user_handle = to_bytes(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        held = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cose
        data = self._data(WITH_KEY | lies.get("flags", PRESENT | VERIFIED), lies.get("host", self.host)) + held
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"], lies)
        return self._answer({"clientDataJSON": to_text(client), "attestationObject": to_text(attestation)})

    def get(self, options: str, **lies: Any) -> str:
        """Answer a question for any key; both are JSON."""
        self.used += self.counts
        data = self._data(lies.get("flags", PRESENT | VERIFIED), lies.get("host", self.host))
        client = self._client("webauthn.get", json.loads(options)["challenge"], lies)
        key = lies.get("key", self.key)
        signature = key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": to_text(client),
            "authenticatorData": to_text(data),
            "signature": to_text(signature),
            "userHandle": to_text(lies.get("user_handle", self.user_handle)),
        }
        if lies.get("is_silent"):  # of whose key it is, as many devices are that were asked for one by name
            del response["userHandle"]
        return self._answer(response)

    def _data(self, flags: int, host: str) -> bytes:
        return hashlib.sha256(host.encode()).digest() + struct.pack(">BI", flags, self.used)

    def _client(self, kind: str, challenge: str, lies: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | {name: lies[name] for name in said if name in lies}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        name = to_text(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
