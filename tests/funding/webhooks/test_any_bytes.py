"""Whatever bytes Plaid may sign: one row, read or parked, and acting on it comes to one of its documented ends.

body_corpus holds bytes that once mattered.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funding.models import ACHRelationship, PlaidWebhook
from funding.models.webhooks import DONE, IGNORED, PARKED, RECEIVED, UNFAMILIAR, UNMATCHED
from funding.operations import webhooks
from tests.funding.life import rolled_back
from tests.funding.webhooks.hearing import Hearing, act
from tests.funding.webhooks.plaid import ITEM_ID, deliver, message, pretty
from tests.harness.plaid_signing import SigningKey

pytestmark = pytest.mark.django_db
CORPUS = sorted(Path(__file__).with_name("body_corpus").glob("*.bytes"))
# What is an object that names our item, in words that we know, once NULs are left out and the last of two keys counts.
READ_AGAIN = {"plain", "not-a-number", "half-a-character-as-a-key", "nul-escaped", "twice-the-same-key"}
# As long as it is not known what it is about, it waits.
ENDS = {DONE, IGNORED, UNFAMILIAR, UNMATCHED, PARKED}


def taken_in(body: bytes, key: SigningKey) -> PlaidWebhook:
    """Take in what Plaid has signed, act on it, and return the one row that this made."""
    with_signature = key.sign(body)
    webhooks.receive(header=with_signature, body=body)
    row = PlaidWebhook.objects.get()
    assert row.body == body.decode(errors="backslashreplace")
    assert (row.status, row.error) in {(RECEIVED, ""), (PARKED, "not a message")}
    assert (row.status == PARKED) == (not (row.kind and row.code))

    act(Hearing())

    row.refresh_from_db()
    assert row.status in ENDS
    return row


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_what_is_kept_has_an_end(key: SigningKey, bank: ACHRelationship, path: Path) -> None:
    row = taken_in(path.read_bytes(), key)

    assert (row.status == DONE) == (path.stem in READ_AGAIN)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_what_nobody_signed_writes_nothing(key: SigningKey, path: Path) -> None:
    body = path.read_bytes()

    assert deliver(body, key.sign(body + b" ")) == 401
    assert not PlaidWebhook.objects.exists()


MESSAGE = pretty(message("ITEM", "ERROR"))
WORDS = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b",",
        b":",
        b"\\",
        b"\\u0000",
        b"\\ud800",
        b"\x00",
        b"\xff",
        b"null",
        b"1e999",
        b"-0",
    ]
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Return a message with a few bytes replaced, or none at all."""
    body = draw(st.sampled_from([MESSAGE, MESSAGE.replace(ITEM_ID.encode(), b"another"), b""]))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(body)))
        body = body[:start] + draw(WORDS | st.binary(max_size=8)) + body[start + draw(st.integers(0, 12)) :]
    return body


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(body=bodies())
def test_whatever_is_signed_has_an_end(key: SigningKey, bank: ACHRelationship, body: bytes) -> None:
    with rolled_back():
        taken_in(body, key)
