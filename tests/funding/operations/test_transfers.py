"""From the intent to the broker's answer, whatever the answer is."""

import math
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from brokerage.gateways.errors import patience
from funding import states
from funding.models import Transfer
from funding.operations import left_behind, transfers
from tests.funding.standing import POST, Customer, fault, read_anew
from tests.harness.sandbox import Sandbox

HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
ERROR = {"code": 40010001, "message": "request is not valid"}


def fails(status: int, body: Any = HTML, **more: Any) -> dict[str, Any]:
    return {"kind": "status", "status": status, "body": body, **more}


def fails_late(status: int, body: Any = HTML, **more: Any) -> dict[str, Any]:
    return fails(status, body, **more) | {"kind": "status_after_commit"}


# What happens to the POST: what we then say of it, and how many transfers the broker holds.
OUTCOMES: dict[str, tuple[dict[str, Any], str, int]] = {
    "answer dropped after the commit": ({"kind": "drop_after_commit"}, states.UNKNOWN, 1),
    "dropped before the commit": ({"kind": "drop_before_commit"}, states.UNKNOWN, 0),
    "silence after the commit": ({"kind": "hang_after_commit", "seconds": 3}, states.UNKNOWN, 1),
    "silence before the commit": ({"kind": "hang_before_commit", "seconds": 3}, states.UNKNOWN, 0),
    "500": (fails(500, {"code": 50010000, "message": "internal server error occurred"}), states.UNKNOWN, 0),
    "500 after the commit": (fails_late(500, {"code": 50010000, "message": "oh"}), states.UNKNOWN, 1),
    "502 HTML": (fails(502), states.UNKNOWN, 0),
    "502 HTML after the commit": (fails_late(502), states.UNKNOWN, 1),
    "503 after the commit": (fails_late(503, "busy"), states.UNKNOWN, 1),
    "504 HTML": (fails(504), states.UNKNOWN, 0),
    "504 HTML after the commit": (fails_late(504), states.UNKNOWN, 1),
    "408": (fails(408, ERROR), states.UNKNOWN, 0),
    "409": (fails(409, ERROR), states.UNKNOWN, 0),
    "409 after the commit": (fails_late(409, ERROR), states.UNKNOWN, 1),
    "425": (fails(425, ERROR), states.UNKNOWN, 0),
    "301": (fails(301, "", headers={"Location": "/broker/v1/elsewhere"}), states.UNKNOWN, 0),
    "307 after the commit": (fails_late(307, "", headers={"Location": "/broker/v1/elsewhere"}), states.UNKNOWN, 1),
    "half of the JSON": ({"kind": "garbage_after_commit"}, states.UNKNOWN, 1),
    "an empty 200": ({"kind": "empty_after_commit"}, states.UNKNOWN, 1),
    "an HTML 200": (fails_late(200), states.UNKNOWN, 1),
    "a list": (fails_late(200, [1, 2]), states.UNKNOWN, 1),
    "null": (fails_late(200, None), states.UNKNOWN, 1),
    "no id": ({"kind": "patch_after_commit", "drop": ["id"]}, states.UNKNOWN, 1),
    "204": (fails_late(204, ""), states.UNKNOWN, 1),
    "400": (fails(400, ERROR), states.REFUSED, 0),
    "401": (fails(401, ERROR), states.REFUSED, 0),
    "403": (fails(403, ERROR), states.REFUSED, 0),
    "404": (fails(404, ERROR), states.REFUSED, 0),
    "405": (fails(405, ERROR), states.REFUSED, 0),
    "422": (fails(422, ERROR), states.REFUSED, 0),
    "400 in letters that no column takes": (
        fails(400, {"code": 1, "message": "\x00 \ud800 \\\x00"}),
        states.REFUSED,
        0,
    ),
    "400 without the broker's body": (fails(400), states.UNKNOWN, 0),
    "401 without the broker's body": (fails(401), states.UNKNOWN, 0),
    "403 without the broker's body": (fails(403), states.UNKNOWN, 0),
    "422 without the broker's body": (fails(422, {"detail": "no"}), states.UNKNOWN, 0),
    "403 of a firewall after the commit": (fails_late(403), states.UNKNOWN, 1),
    "418": (fails(418, ERROR), states.UNKNOWN, 0),
    "429": (fails(429, {"code": 42910000, "message": "too many requests"}), states.NOT_SENT, 0),
    "429 without a body": (fails(429, "", headers={"X-RateLimit-Reset": "0"}), states.NOT_SENT, 0),
    "a slow yes": ({"kind": "slow", "seconds": 0.2}, states.ACCEPTED, 1),
    "a word we don't know": ({"kind": "patch_after_commit", "patch": {"status": "TELEPORTED"}}, states.ACCEPTED, 1),
    "nothing but an id": (
        {"kind": "patch_after_commit", "drop": ["status", "amount", "requested_amount", "direction", "account_id"]},
        states.ACCEPTED,
        1,
    ),
    "a status as long as a novel": ({"kind": "patch_after_commit", "patch": {"status": "X" * 500}}, states.ACCEPTED, 1),
    "letters that no column takes": (
        {"kind": "patch_after_commit", "patch": {"reason": "\x00 \ud800 \\\x00", "status": "\x00\ud800"}},
        states.ACCEPTED,
        1,
    ),
    "a number that is none": ({"kind": "patch_after_commit", "patch": {"fee": math.nan}}, states.ACCEPTED, 1),
    "fields we don't know": ({"kind": "patch_after_commit", "patch": {"colour": "blue"}}, states.ACCEPTED, 1),
}


@pytest.mark.parametrize(("what", "sending", "committed"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_every_answer_leads_to_its_state(
    ada: Customer, sandbox: Sandbox, what: dict[str, Any], sending: str, committed: int
) -> None:
    sandbox.post("/control/faults", route=POST, times=1, **what)

    with patience(1):
        transfer = ada.move("50.00")

    assert transfer.sending == sending
    assert len(ada.at_the_broker()) == committed
    assert bool(transfer.alpaca_id) == (sending == states.ACCEPTED)
    assert transfer.attempt.answered_at is not None
    assert [fault["fired"] for fault in sandbox.get("/control/faults")] == [1]


@pytest.mark.parametrize(("what", "sending", "committed"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_no_answer_is_followed_by_a_second_request(
    ada: Customer, sandbox: Sandbox, what: dict[str, Any], sending: str, committed: int
) -> None:
    sandbox.post("/control/faults", route=POST, times=1, **what)
    with patience(1):
        transfer = ada.move("50.00")
    sandbox.post("/control/faults", route=POST, kind="status", times=99, status=500)

    for stale in (transfer, Transfer.objects.get(pk=transfer.pk), Transfer(pk=transfer.pk, sending=states.RESERVED)):
        stale.brokerage_account_id = ada.account.pk
        transfers.send(transfer=stale, sender="someone else")
    left_behind.send_reserved(sender="worker")
    Transfer.objects.update(created_at=timezone.now() - timedelta(days=1))
    left_behind.send_reserved(sender="worker")

    assert sandbox.get("/control/faults")[-1]["fired"] == 0
    assert read_anew(transfer).sending == sending


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/broker", "http://no-such-host.invalid/broker"])
def test_what_never_left_the_house_was_not_sent(ada: Customer, settings: Settings, url: str) -> None:
    settings.BROKER_BASE_URL = url

    transfer = ada.move("50.00")

    assert transfer.sending == states.NOT_SENT
    assert transfer.ended_at is not None
    assert ada.at_the_broker() == []


def test_a_server_that_nobody_vouches_for_gets_nothing(ada: Customer, sandbox: Sandbox, settings: Settings) -> None:
    settings.BROKER_BASE_URL = f"{sandbox.url.replace('http:', 'https:')}/broker"

    transfer = ada.move("50.00")

    assert transfer.sending in (states.NOT_SENT, states.UNKNOWN)
    assert ada.at_the_broker() == []


def test_a_yes_is_kept_word_for_word(ada: Customer) -> None:
    transfer = ada.move("50.00")

    [theirs] = ada.at_the_broker()
    assert transfer.attempt.answer == theirs
    assert transfer.attempt.http_status == 200
    assert (transfer.alpaca_id, transfer.status) == (theirs["id"], states.QUEUED)


@pytest.mark.parametrize(
    "patch",
    [
        {"requested_amount": "51.00"},
        {"amount": "49.99", "requested_amount": None},
        {"account_id": "7d9f5958-2be1-4fb4-a64a-75dff364c2e7"},
        {"relationship_id": "7d9f5958-2be1-4fb4-a64a-75dff364c2e7"},
        {"direction": "OUTGOING"},
    ],
    ids=str,
)
def test_an_answer_that_differs_is_bound_and_looked_at(
    ada: Customer, sandbox: Sandbox, patch: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    fault(sandbox, "patch_after_commit", patch=patch)

    transfer = ada.move("50.00")

    assert transfer.sending == states.REVIEW
    assert transfer.alpaca_id == ada.at_the_broker()[0]["id"]
    assert any(record.levelname == "ERROR" and str(transfer.pk) in record.message for record in caplog.records)
    with pytest.raises(transfers.TransferInDoubt):
        ada.ask("10.00")


@pytest.mark.parametrize("amount", ["1e30", "1e400", "NaN", "Infinity", "-50.00", "fifty", "", [], {}, None, True])
def test_an_amount_that_is_none_leaves_no_doubt_about_the_yes(ada: Customer, sandbox: Sandbox, amount: object) -> None:
    fault(sandbox, "patch_after_commit", patch={"amount": amount, "requested_amount": amount})

    transfer = ada.move("50.00")

    assert transfer.sending in (states.ACCEPTED, states.REVIEW)
    assert transfer.alpaca_id


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_of_our_keys_raises_an_alarm(
    ada: Customer, sandbox: Sandbox, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    fault(sandbox, "status", status=status, body={"code": 40110000, "message": "request is not authorized"})

    ada.move("50.00")

    assert any(record.levelname == "ERROR" for record in caplog.records)


def test_a_refusal_of_a_permission_raises_none(
    ada: Customer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    fault(sandbox, "status", status=403, body={"code": 40310000, "message": "deposits are not permitted"})

    assert ada.move("50.00").sending == states.REFUSED
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
