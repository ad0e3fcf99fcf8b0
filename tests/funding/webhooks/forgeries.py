"""Hundreds of messages that Plaid has not sent, each by another way of pretending."""

import base64
import hashlib
import hmac
import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.funding.webhooks.plaid import ITEM_ID, message, pretty
from tests.harness.plaid_signing import ORDER, SigningKey, base64url, compact, unbase64url

BODY = pretty(message("ITEM", "USER_PERMISSION_REVOKED"))
BODIES = [BODY, pretty(message("AUTH", "DEFAULT_UPDATE")), b"{}"]
TOO_LONG = 256 * 1024 + 1
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_P384, _EDWARDS = ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()


@dataclass(frozen=True)
class Forgery:
    """One request: its name in the family, and what is sent."""

    name: str
    signature: str | None
    body: bytes = BODY
    method: str = "POST"
    content_type: str = "application/json"
    environ: dict[str, str] = field(default_factory=dict)
    path: str = ""


@dataclass(frozen=True)
class Keys:
    """What a forger may know: Plaid's key signs for those who replay and alter, the others are made up."""

    plaids: SigningKey
    expired: SigningKey
    made_up: SigningKey


Family = Callable[[Keys], Iterator[Forgery]]


def nothing(keys: Keys) -> Iterator[Forgery]:
    """Let the signature away, or put it where nobody looks."""
    good = keys.plaids.sign(BODY)
    for number, body in enumerate([*BODIES, b"", b"null", b"\xff\xfe"]):
        for signature in (None, "", " "):
            yield Forgery(f"{signature!r} {number}", signature, body)
    yield Forgery("as authorization", None, environ={"HTTP_AUTHORIZATION": f"Bearer {good}"})
    yield Forgery("as a cookie", None, environ={"HTTP_COOKIE": f"Plaid-Verification={good}"})
    yield Forgery("in the address", None, path=f"?Plaid-Verification={good}")
    yield Forgery("in another header", None, environ={"HTTP_X_PLAID_VERIFICATION": good})


def no_jwt(keys: Keys) -> Iterator[Forgery]:
    """Send something else, or a signature with something before, behind or between."""
    good = keys.plaids.sign(BODY)
    head, claims, last = good.split(".")
    words = ["x", ".", "..", "...", "a.b", "a.b.c", "null", "{}", "[]", "Bearer", "0", "-1", "é", "💥", "%00", "../.."]
    odd = [f"{good}.", f".{good}", f"{good}.x", f"{head}.{claims}", f"{head}.{claims}.", f"{claims}.{head}.{last}"]
    odd += [f"{good}=", f"{good}==", f"{good} ", f" {good}", f"{good}\t", f"Bearer {good}", f'"{good}"', f"{good}\n"]
    odd += [f"{good},{good}", f"{good}, x", f"x, {good}", f"{good};{good}", good.upper(), good.swapcase(), good[::-1]]
    odd += [f"{head}..{last}", f".{claims}.{last}", f"{head}.{claims}.{last[:-1]}", f"{head}.{claims}.{last}A"]
    yield from (Forgery(f"{number}", each) for number, each in enumerate([*words, *odd]))
    for character in [*map(chr, range(32)), "\x7f", "\x85", "\xa0", "\u2028"]:
        yield Forgery(f"with {character!r}", f"{head}.{claims}{character}.{last}")
    for character in "+/=*!~":
        yield Forgery(f"with {character!r}", f"{head}.{character}{claims[1:]}.{last}")


def no_json(keys: Keys) -> Iterator[Forgery]:
    """Sign parts that hold no objects, with Plaid's own key."""
    sign, good = keys.plaids.ecdsa, keys.plaids.claims(BODY)
    broken: list[Any] = [b"", b"{", b"\xff", b"null", [], 5, "x", b"[" * 1000, b"{}{}", b'{"a": ' + b"9" * 1000 + b"}"]
    for number, part in enumerate(broken):
        yield Forgery(f"head {number}", compact(part, good, sign))
        yield Forgery(f"claims {number}", compact(keys.plaids.head(), part, sign))


def other_algorithms(keys: Keys) -> Iterator[Forgery]:
    """Choose the algorithm, so that the public key or nothing at all is enough."""
    public, claims_of = keys.plaids.private.public_key(), keys.plaids.claims
    encoding, kind = serialization.Encoding, serialization.PublicFormat.SubjectPublicKeyInfo
    secrets = {
        "PEM": public.public_bytes(encoding.PEM, kind),
        "DER": public.public_bytes(encoding.DER, kind),
        "JWK": json.dumps(keys.plaids.jwk()).encode(),
        "x": keys.plaids.jwk()["x"].encode(),
        "point": public.public_bytes(encoding.X962, serialization.PublicFormat.UncompressedPoint),
        "nothing": b"",
    }
    for body in BODIES:
        forge = partial(_with_algorithm, keys, claims_of(body), body)
        for alg in ("none", "None", "NONE", "nOnE", "", "null"):
            yield forge(alg, lambda text: b"")
            yield forge(alg, keys.made_up.ecdsa, "signed")
        for bits in (256, 384, 512):
            for name, secret in secrets.items():
                yield forge(f"HS{bits}", partial(_hmac, secret, f"sha{bits}"), name)
        yield forge("RS256", lambda text: _RSA.sign(text, padding.PKCS1v15(), hashes.SHA256()))
        yield forge(
            "PS256", lambda text: _RSA.sign(text, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        )
        yield forge("ES384", lambda text: _P384.sign(text, ec.ECDSA(hashes.SHA384())))
        yield forge("EdDSA", _EDWARDS.sign)
        for alg in ("es256", "ES256K", "ES512", "ES256 ", "ES256\x00"):
            yield forge(alg, keys.plaids.ecdsa)


def _with_algorithm(
    keys: Keys, claims: Any, body: bytes, alg: str, sign: Callable[[bytes], bytes], name: str = ""
) -> Forgery:
    return Forgery(f"{alg!r} {name} {len(body)}", compact({**keys.plaids.head(), "alg": alg}, claims, sign), body)


def _hmac(secret: bytes, digest: str, text: bytes) -> bytes:
    return hmac.new(secret, text, digest).digest()


def other_keys(keys: Keys) -> Iterator[Forgery]:
    """Name a key that is none of Plaid's, or bring one along."""
    ours = keys.made_up
    odd: list[Any] = ["", " ", "a b", "k\n", "é", "k" * 101, "\x00", None, 5, [], {}, True]
    for kid in odd:
        yield Forgery(f"kid {kid!r:.20}", ours.sign_oddly(BODY, head={"kid": kid}))
    for number in range(20):
        yield Forgery(f"nobody's {number}", SigningKey().sign(BODY))
    known = keys.plaids.kid
    close = [
        "../../etc/passwd",
        "'OR_1=1--",
        "http://127.0.0.1/key",
        f"{known}x",
        known[:-1],
        known[::-1],
        f"{known},x",
    ]
    for number, kid in enumerate(close):
        yield Forgery(f"close to it {number}", ours.sign_oddly(BODY, head={"kid": kid}))
    brought = {"jwk": ours.jwk(kid=known), "jku": "http://127.0.0.1/keys", "x5c": ["x"], "x5u": "x"}
    for name, value in brought.items():
        yield Forgery(name, ours.sign_oddly(BODY, head={"kid": known, name: value}))
    for body in BODIES:
        yield Forgery(f"expired {len(body)}", keys.expired.sign(body), body)


def other_signatures(keys: Keys) -> Iterator[Forgery]:
    """Keep head and claims, and change what vouches for them."""
    words, _, last = keys.plaids.sign(BODY).rpartition(".")
    raw, another = unbase64url(last), keys.plaids.sign(b"another body").rpartition(".")[2]
    order, zero = ORDER.to_bytes(32, "big"), bytes(32)
    made: dict[str, bytes] = {
        "by another key": keys.made_up.ecdsa(words.encode()),
        "of zeros": zero + zero,
        "r zero": zero + raw[32:],
        "s zero": raw[:32] + zero,
        "of the order": order + order,
        "halves changed": raw[32:] + raw[:32],
        "as DER": encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")),
        "of the same words in capitals": keys.plaids.ecdsa(words.upper().encode()),
        "of words and a full stop": keys.plaids.ecdsa(words.encode() + b"."),
        "too short": raw[:-1],
        "too long": raw + b"\x00",
        "doubled": raw + raw,
    }
    yield from (Forgery(name, f"{words}.{base64url(signature)}") for name, signature in made.items())
    yield Forgery("of another message", f"{words}.{another}")
    for place in range(64):
        flipped = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        yield Forgery(f"byte {place}", f"{words}.{base64url(flipped)}")


def other_times(keys: Keys) -> Iterator[Forgery]:
    """Come too late, too early, or at no time."""
    key = keys.plaids
    for body in BODIES:
        for minutes in (6, 5.1, 60, 60 * 24 * 365, -10, -1.1, -60):
            yield Forgery(f"{minutes} {len(body)}", key.sign(body, age=minutes * 60), body)
        now = key.claims(body)["iat"]
        odd: list[Any] = [str(now), now + 0.5, float(now), True, None, [now], {}, 0, -now, now * 1000, 10**300, "now"]
        for each in odd:
            yield Forgery(f"{each!r:.20} {len(body)}", key.sign_oddly(body, iat=each), body)
        yield Forgery(f"none {len(body)}", key.sign_oddly(body, without="iat"), body)
        yield Forgery(f"over {len(body)}", key.sign_oddly(body, exp=now - 3600), body)
        yield Forgery(f"not yet {len(body)}", key.sign_oddly(body, nbf=now + 3600), body)


def other_bodies(keys: Keys) -> Iterator[Forgery]:
    """Take Plaid's own signature over another body."""
    good, said = keys.plaids.sign(BODY), json.loads(BODY)
    made = {
        "compact": json.dumps(said, separators=(",", ":")).encode(),
        "on one line": json.dumps(said).encode(),
        "indented by four": json.dumps(said, indent=4).encode(),
        "sorted": json.dumps(said, indent=2, sort_keys=True).encode(),
        "another item": BODY.replace(ITEM_ID.encode(), ITEM_ID.swapcase().encode()),
        "another code": BODY.replace(b"USER_PERMISSION_REVOKED", b"LOGIN_REPAIRED"),
        "with a line behind": BODY + b"\n",
        "with a mark before": b"\xef\xbb\xbf" + BODY,
        "in UTF-16": BODY.decode().encode("utf-16"),
        "with CRLF": BODY.replace(b"\n", b"\r\n"),
        "twice": BODY + BODY,
        "empty": b"",
    }
    yield from (Forgery(name, good, body) for name, body in made.items())
    for length in range(1, len(BODY), max(1, len(BODY) // 30)):
        yield Forgery(f"cut at {length}", good, BODY[:length])
    for place in range(0, len(BODY), max(1, len(BODY) // 50)):
        yield Forgery(f"byte {place}", good, BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :])


def other_hashes(keys: Keys) -> Iterator[Forgery]:
    """Have Plaid's key sign a hash that is not the body's."""
    for body in BODIES:
        digest = hashlib.sha256(body)
        odd = {
            "in capitals": digest.hexdigest().upper(),
            "in base64": base64.b64encode(digest.digest()).decode(),
            "short": digest.hexdigest()[:-1],
            "with a space": f"{digest.hexdigest()} ",
            "with a prefix": f"sha256={digest.hexdigest()}",
            "by SHA-1": hashlib.sha1(body).hexdigest(),  # noqa: S324
            "by SHA-512": hashlib.sha512(body).hexdigest(),
            "of another body": hashlib.sha256(body + b" ").hexdigest(),
            "empty": "",
            "no ASCII": "é" * 64,
            "none": None,
            "a number": 5,
            "a list": [digest.hexdigest()],
            "true": True,
        }
        for name, value in odd.items():
            yield Forgery(f"{name} {len(body)}", keys.plaids.sign_oddly(body, request_body_sha256=value), body)
        yield Forgery(f"missing {len(body)}", keys.plaids.sign_oddly(body, without="request_body_sha256"), body)


def other_requests(keys: Keys) -> Iterator[Forgery]:
    """Send what is signed well in another way, or too much of it, or with a length that is none."""
    good = keys.plaids.sign(BODY)
    for method in ("GET", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "TRACE"):
        yield Forgery(method, good, method=method)
    kinds = ("", "text/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "x", "text/html")
    yield from (Forgery(f"as {kind}", keys.made_up.sign(BODY)[:-2], content_type=kind) for kind in kinds)
    long = b"[" + b"1," * (TOO_LONG // 2) + b"1]"
    for body in (long[:TOO_LONG], long[:TOO_LONG] * 4):
        yield Forgery(f"{len(body)} bytes", keys.plaids.sign(body), body)
    for length in ("x", "1e3", "0x10", "-1", "1", str(2**70), "٣"):
        yield Forgery(f"length {length:.10}", good, environ={"CONTENT_LENGTH": length})
    for size in (4097, 5000, 5 * 1024, 100_000):
        yield Forgery(f"{size} letters", good + "A" * size)
        yield Forgery(f"{size} more claims", keys.plaids.sign_oddly(BODY, x="A" * size))


def noise(keys: Keys) -> Iterator[Forgery]:
    """Throw the dice, always alike."""
    dice = random.Random(7)  # noqa: S311
    for number in range(60):
        letters = dice.choices(string.printable + "é\x00", k=dice.randint(1, 300))
        yield Forgery(f"{number}", "".join(letters), dice.randbytes(dice.randint(0, 500)))


FAMILIES: dict[str, Family] = {
    each.__name__.replace("_", " "): each
    for each in (
        nothing,
        no_jwt,
        no_json,
        other_algorithms,
        other_keys,
        other_signatures,
        other_times,
        other_bodies,
        other_hashes,
        other_requests,
        noise,
    )
}
