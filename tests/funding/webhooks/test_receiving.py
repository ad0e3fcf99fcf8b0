"""What Plaid has signed is written down once before it is answered, whatever it says and however it is written."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from funding.models import PlaidWebhook
from funding.models.webhooks import DONE, PARKED, RECEIVED
from funding.operations import webhooks
from tests.funding.standing import at_once, read_anew
from tests.funding.webhooks.plaid import (
    ABOUT_ITEMS,
    ITEM_ID,
    NOT_OURS,
    TOKEN,
    UNFAMILIAR,
    Plaid,
    deliver,
    message,
    pretty,
)
from tests.harness.plaid_signing import SigningKey, rewritten

pytestmark = pytest.mark.django_db
BODY = pretty(message())

WRITTEN: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "as Plaid does": pretty,
    "compact": lambda said: json.dumps(said, separators=(",", ":")).encode(),
    "in UTF-8": lambda said: json.dumps({**said, "who": "Nguyễn ♌ 💥"}, ensure_ascii=False).encode(),
    "with CRLF": lambda said: pretty(said).replace(b"\n", b"\r\n"),
    "with more": lambda said: pretty({**said, "user_id": "u", "deep": [[[]]], "n": 1e99, "none": None}),
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("words", [*ABOUT_ITEMS, *NOT_OURS, *UNFAMILIAR], ids="/".join)
def test_every_message_of_plaids_is_taken_in(key: SigningKey, words: tuple[str, str], written: str) -> None:
    said = message(*words)
    body = WRITTEN[written](said)

    assert deliver(body, key.sign(body)) == 200

    row = PlaidWebhook.objects.get()
    assert (row.kind, row.code, row.plaid_item_id) == (*words, said.get("item_id", ""))
    assert (row.status, row.deliveries, row.tries) == (RECEIVED, 1, 0)
    assert row.body == body.decode()


@pytest.mark.parametrize("age", [-50, 0, 290])
def test_clocks_may_differ_and_the_way_may_be_long(key: SigningKey, age: int) -> None:
    assert deliver(BODY, key.sign(BODY, age=age)) == 200


def test_as_long_as_it_may_be(key: SigningKey) -> None:
    body = pretty(message(more="x"))
    body = pretty(message(more="x" * (256 * 1024 - len(body) + 1)))

    assert len(body) == webhooks.LARGEST
    assert deliver(body, key.sign(body)) == 200


def test_longer_than_that_is_refused_unread_whoever_signed_it(plaid: Plaid, key: SigningKey) -> None:
    body = b"x" * (webhooks.LARGEST + 1)

    with pytest.raises(webhooks.TooLarge):
        webhooks.receive(header=key.sign(body), body=body)

    assert (plaid.asked, PlaidWebhook.objects.count()) == ([], 0)


def test_what_it_says_is_sealed(key: SigningKey) -> None:
    body = pretty(message("LINK", "SESSION_FINISHED"))
    deliver(body, key.sign(body))

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM funding_plaidwebhook")
        stored = str(cursor.fetchall())

    assert TOKEN in PlaidWebhook.objects.get().body
    assert TOKEN not in stored
    assert "link_session_id" not in stored


def test_nothing_that_it_says_is_logged(key: SigningKey, caplog: pytest.LogCaptureFixture) -> None:
    body = pretty(message("LINK", "SESSION_FINISHED"))

    with caplog.at_level(logging.DEBUG):
        deliver(body, key.sign(body))

    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"ITEM"',
        b"{}",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"9" * 10_000,
        b'{"webhook_type": "ITEM"}',
        b'{"webhook_type": null, "webhook_code": "ERROR"}',
        b'{"webhook_type": ["ITEM"], "webhook_code": {}}',
        b'{"webhook_type": "\\u0000", "webhook_code": "\\u0000"}',
        pretty(message()).decode().encode("utf-16"),
    ],
    ids=lambda body: repr(body[:30]),
)
def test_what_is_no_message_is_kept_for_a_person(key: SigningKey, body: bytes) -> None:
    assert deliver(body, key.sign(body)) == 200

    row = PlaidWebhook.objects.get()
    assert (row.status, row.due_at, row.error) == (PARKED, None, "not a message")
    assert row.body == body.decode(errors="backslashreplace")


def test_words_of_any_length_and_kind_are_kept_as_the_columns_take_them(key: SigningKey) -> None:
    body = pretty(message("K" * 100, "C\x00\ud800" + "C" * 100, item_id="i" * 100))

    assert deliver(body, key.sign(body)) == 200

    row = PlaidWebhook.objects.get()
    assert (row.kind, row.code, row.plaid_item_id) == ("K" * 40, "C?" + "C" * 58, "i" * 64)
    assert json.loads(row.body)["webhook_code"].startswith("C\x00\ud800C")


# --- Once more --------------------------------------------------------------------------------------------------------


def test_a_message_that_is_replayed_is_the_same_row(key: SigningKey) -> None:
    signature = key.sign(BODY)

    assert [deliver(BODY, signature) for _ in range(3)] == [200] * 3

    assert PlaidWebhook.objects.get().deliveries == 3


def test_a_message_that_is_replayed_under_a_rewritten_signature_is_the_same_row(key: SigningKey) -> None:
    signature = key.sign(BODY)
    deliver(BODY, signature)
    assert rewritten(signature) != signature

    assert deliver(BODY, rewritten(signature)) == 200

    assert PlaidWebhook.objects.get().deliveries == 2


def test_a_message_that_is_replayed_does_not_act_again(key: SigningKey) -> None:
    signature = key.sign(BODY)
    deliver(BODY, signature)
    PlaidWebhook.objects.update(status=DONE, due_at=None, acted_at=timezone.now())

    assert deliver(BODY, signature) == 200

    row = PlaidWebhook.objects.get()
    assert (row.status, row.deliveries) == (DONE, 2)


def test_what_plaid_repeats_before_it_was_acted_on_is_one_row(key: SigningKey) -> None:
    for age in (30, 0):
        deliver(BODY, key.sign(BODY, age=age))

    assert PlaidWebhook.objects.get().deliveries == 2


def test_what_plaid_repeats_while_it_is_acted_on_may_be_news(key: SigningKey) -> None:
    deliver(BODY, key.sign(BODY, age=30))
    PlaidWebhook.objects.update(claimed_until=timezone.now() + timedelta(minutes=1))

    deliver(BODY, key.sign(BODY))

    assert sorted(PlaidWebhook.objects.values_list("deliveries", flat=True)) == [1, 1]


@pytest.mark.parametrize("status", [DONE, PARKED])
def test_what_plaid_says_again_after_it_was_acted_on_is_news(key: SigningKey, status: str) -> None:
    deliver(BODY, key.sign(BODY, age=30))
    acted_at = timezone.now() if status == DONE else None
    PlaidWebhook.objects.update(status=status, due_at=None, acted_at=acted_at)

    deliver(BODY, key.sign(BODY))

    assert sorted(PlaidWebhook.objects.values_list("status", "deliveries")) == sorted([(status, 1), (RECEIVED, 1)])


def test_another_body_is_another_row(key: SigningKey) -> None:
    for code in ("ERROR", "LOGIN_REPAIRED", "ERROR"):
        body = pretty(message("ITEM", code))
        deliver(body, key.sign(body))

    assert sorted(PlaidWebhook.objects.values_list("code", "deliveries")) == [("ERROR", 2), ("LOGIN_REPAIRED", 1)]


@pytest.mark.django_db(transaction=True)
def test_a_crowd_of_the_same_message_is_one_row(key: SigningKey) -> None:
    signature = key.sign(BODY)
    deliver(b"{}", key.sign(b"{}"))  # the key is known

    came = at_once(*[lambda: deliver(BODY, signature)] * 12)

    assert came == [200] * 12
    assert PlaidWebhook.objects.get(kind="ITEM").deliveries == 12


@pytest.mark.django_db(transaction=True)
def test_a_first_crowd_asks_for_the_key_once(plaid: Plaid, key: SigningKey) -> None:
    plaid.takes = 0.2
    bodies = [pretty(message(number=number)) for number in range(12)]

    came = at_once(*[lambda body=body: deliver(body, key.sign(body)) for body in bodies])

    assert came == [200] * 12
    assert PlaidWebhook.objects.count() == 12
    assert plaid.asked == [key.kid]


def test_a_row_that_waits_has_a_time_and_one_that_is_done_another(key: SigningKey) -> None:
    deliver(BODY, key.sign(BODY))
    PlaidWebhook.objects.update(claimed_until=timezone.now())
    row = PlaidWebhook.objects.get()

    row.move_status(DONE, actor="a test", acted_at=timezone.now())

    assert (read_anew(row).due_at, row.claimed_until) == (None, None)
    assert [str(event) for event in row.events.all()] == ["status: RECEIVED → DONE"]
    assert row.plaid_item_id == ITEM_ID
