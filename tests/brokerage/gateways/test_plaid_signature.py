"""What is believed to be Plaid's: fresh words over this very body, signed by the key that they name."""

import hashlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from brokerage.gateways.plaid_signature import BadSignature, Signature, read, verify
from tests.harness.plaid_signing import SigningKey, compact, rewritten

BODY = b'{\n  "webhook_type": "ITEM",\n  "webhook_code": "ERROR"\n}'
NOW = datetime(2026, 11, 24, 17, 0, 0, 900_000, tzinfo=UTC)
KEY, OTHER = SigningKey(), SigningKey()


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def check(header: str, body: bytes = BODY, key: dict[str, Any] | None = None) -> Signature:
    signature = read(header, body, now=NOW)
    verify(signature, KEY.jwk() if key is None else key)
    return signature


def reason(header: str, body: bytes = BODY, key: dict[str, Any] | None = None) -> str:
    """Return why it is not believed."""
    with pytest.raises(BadSignature) as refused:
        check(header, body, key)
    return refused.value.reason


def test_what_plaid_has_signed_is_believed() -> None:
    signature = check(KEY.sign(BODY))

    assert signature.key_id == KEY.kid


@pytest.mark.parametrize("age", [300, 299, 0, -59, -60])
def test_a_message_is_good_for_five_minutes_and_clocks_may_differ_by_one(age: int) -> None:
    assert check(KEY.sign(BODY, age=age))


@pytest.mark.parametrize(("age", "why"), [(301, "too old"), (10**9, "too old"), (-61, "of the future")])
def test_beyond_that_it_is_not(age: int, why: str) -> None:
    assert reason(KEY.sign(BODY, age=age)) == why


@pytest.mark.parametrize("odd", ["1764003600", 1764003600.5, True, None, [], {}], ids=repr)
def test_the_time_is_a_whole_number(odd: Any) -> None:
    assert reason(KEY.sign_oddly(BODY, iat=odd)) == "no time"


def test_a_number_of_any_size_is_only_a_number() -> None:
    assert reason(KEY.sign_oddly(BODY, iat=10**400)) == "of the future"
    assert reason(KEY.sign_oddly(BODY, iat=-(10**400))) == "too old"


@pytest.mark.parametrize("claim", ["iat", "request_body_sha256"])
def test_both_claims_are_wanted(claim: str) -> None:
    assert reason(KEY.sign_oddly(BODY, without=claim)) in ("no time", "another body")


@pytest.mark.parametrize(
    "body", [b"", BODY + b"\n", BODY[:-1], BODY.replace(b"\n  ", b"\n    "), BODY.replace(b"ERROR", b"ERR0R")]
)
def test_every_byte_of_the_body_counts(body: bytes) -> None:
    assert reason(KEY.sign(BODY), body) == "another body"


@pytest.mark.parametrize("odd", [hashlib.sha256(BODY).hexdigest().upper(), "é\ud800", "", 5, None, []])
def test_the_hash_is_taken_as_plaid_writes_it(odd: Any) -> None:
    assert reason(KEY.sign_oddly(BODY, request_body_sha256=odd)) == "another body"


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS256", "ES384", "es256", "ES256K", "EdDSA", "", 5, None])
def test_one_algorithm_is_taken(alg: Any) -> None:
    assert reason(KEY.sign_oddly(BODY, head={"alg": alg})) == "algorithm"


@pytest.mark.parametrize("kid", ["", " ", "a b", "k\n", "k\x00", "ключ", "k" * 101])
def test_the_name_of_the_key_is_short_and_printable(kid: str) -> None:
    assert reason(KEY.sign_oddly(BODY, head={"kid": kid})) == "key id"


@pytest.mark.parametrize("kid", [None, 5, [], {}])
def test_the_name_of_the_key_is_text(kid: Any) -> None:
    assert reason(KEY.sign_oddly(BODY, head={"kid": kid})) in ("key id", "not a JWT")


@pytest.mark.parametrize("kid", ["k", "k" * 100, "6c5516e1-92dc-479e-a8ff-5a51992e0001", "k/../1"])
def test_another_name_of_a_key_is_fine(kid: str) -> None:
    key = SigningKey(kid)

    assert check(key.sign(BODY), key=key.jwk()).key_id == kid


SHAPES: dict[str, Callable[[str], str]] = {
    "empty": lambda good: "",
    "one part": lambda good: "x",
    "two parts": lambda good: good.rpartition(".")[0],
    "four parts": lambda good: f"{good}.x",
    "an empty first part": lambda good: f".{good.partition('.')[2]}",
    "padded": lambda good: f"{good}==",
    "with a space before": lambda good: f" {good}",
    "with a line behind": lambda good: f"{good}\n",
    "twice": lambda good: f"{good},{good}",
    "with a word before": lambda good: f"Bearer {good}",
    "not base64url": lambda good: good.replace(".", ".!", 1),
    "five kilobytes": lambda good: good + "A" * 5000,
    "no JSON": lambda good: compact(b"{", KEY.claims(BODY), KEY.ecdsa),
    "a list": lambda good: compact([], KEY.claims(BODY), KEY.ecdsa),
    "claims in a list": lambda good: compact(KEY.head(), [], KEY.ecdsa),
    "claims that are no text": lambda good: compact(KEY.head(), b"\xff\xfe", KEY.ecdsa),
    "nested without end": lambda good: compact(b"[" * 1500, b"[" * 900, KEY.ecdsa),
    "claims nested without end": lambda good: compact(KEY.head(), b"[" * 2500, KEY.ecdsa),
    "a number without end": lambda good: compact(KEY.head(), b'{"iat": ' + b"9" * 2000 + b"}", KEY.ecdsa),
    "something critical": lambda good: KEY.sign_oddly(BODY, head={"crit": ["b64"], "b64": False}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_no_jwt_of_plaids_is_refused(shape: str) -> None:
    assert reason(SHAPES[shape](KEY.sign(BODY)))


def test_a_long_one_is_not_even_read() -> None:
    assert check(KEY.sign_oddly(BODY, more="x" * 2500))
    assert reason(KEY.sign_oddly(BODY, more="x" * 3000)) == "too long"


def test_another_key_has_not_signed_it() -> None:
    OTHER.kid = KEY.kid

    assert reason(OTHER.sign(BODY)) == "signature"


def test_a_signature_that_was_changed_is_none() -> None:
    good = KEY.sign(BODY)

    for part in range(len(good) - 86, len(good) - 1, 5):
        changed = "A" if good[part] != "A" else "B"
        assert reason(good[:part] + changed + good[part + 1 :]) == "signature"


NO_KEYS: dict[str, dict[str, Any]] = {
    "of another name": {"kid": "another"},
    "of another kind": {"kty": "RSA"},
    "on a larger curve": {"crv": "P-384"},
    "on another curve": {"crv": "secp256k1"},
    "for another algorithm": {"alg": "HS256"},
    "empty": {"x": ""},
    "not base64url": {"x": "!!"},
    "a number": {"x": 5},
    "half a character": {"x": "\ud800"},
    "half another key": {"x": OTHER.jwk()["x"]},
    "half a key": {"y": None},
    "one half twice": {"y": KEY.jwk()["x"]},
}


@pytest.mark.parametrize("name", NO_KEYS)
def test_a_key_that_is_none_verifies_nothing(name: str) -> None:
    assert reason(KEY.sign(BODY), key=KEY.jwk(**NO_KEYS[name])) in ("another kind of key", "signature")


@pytest.mark.parametrize(
    "changes", [{"expired_at": None}, {"created_at": "?", "moon": "full"}, {"use": "enc"}], ids=str
)
def test_what_else_is_said_of_a_key_does_not_matter(changes: dict[str, Any]) -> None:
    assert check(KEY.sign(BODY), key=KEY.jwk(**changes))


def test_one_signature_rewritten_by_somebody_without_a_key_is_the_same_one() -> None:
    good = KEY.sign(BODY)
    twin = rewritten(good)
    assert twin != good

    assert check(twin).signed_hash == check(good).signed_hash


def test_another_second_or_body_makes_another_signature() -> None:
    said = {check(KEY.sign(body, age=age), body).signed_hash for body in (BODY, b"{}") for age in (0, 1)}

    assert len(said) == 4


def test_a_signature_is_not_shown() -> None:
    good = KEY.sign(BODY)

    assert good.split(".")[1] not in repr(check(good))


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for shape in SHAPES:
            reason(SHAPES[shape](KEY.sign(BODY)))

    assert not caplog.records


def test_our_own_clock_decides() -> None:
    good = KEY.sign(BODY)

    with pytest.raises(BadSignature, match="too old"):
        read(good, BODY, now=NOW + timedelta(seconds=301))
