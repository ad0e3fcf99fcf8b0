"""From the sandbox's courier over a real socket to a running site, whatever mischief is ordered on the way."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from funding.models import PlaidItem, PlaidWebhook
from funding.models.webhooks import DONE
from funding.operations import webhooks
from tests import make
from tests.brokerage.sandbox import plaid_client
from tests.funding.standing import fault
from tests.funding.webhooks.plaid import URL, as_another_process, message, pretty, running_plaid
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


class Line:
    """The way from an item at Plaid to our door."""

    def __init__(self, sandbox: Sandbox, door: str) -> None:
        self._sandbox, self._api = sandbox, plaid_client.client(sandbox.url)
        self._access = plaid_client.item(self._api, webhook=door)
        self.item_id: str = self._api.item_get(self._access)["item"]["item_id"]
        PlaidItem.objects.create(user=make.user(), plaid_item_id=self.item_id, **self._access)

    def say(self, code: str = "NEW_ACCOUNTS_AVAILABLE", *, mischief: str = "") -> None:
        self._sandbox.post("/control/settings", webhook_mischief=[mischief] if mischief else [])
        self._api.sandbox_item_fire_webhook({**self._access, "webhook_code": code, "webhook_type": "ITEM"})

    def answered(self, attempts: int = 1) -> int:
        """Return what the last message was answered with, once so many attempts at it are over."""
        status: int = eventually(lambda: self._last(attempts), 15, because="no answer yet")["last_status"]
        return status

    def _last(self, attempts: int) -> Any:
        last = self._sandbox.get("/control/plaid/webhooks")["messages"][-1]
        return last if last["attempts"] == attempts else None

    def pass_time(self, seconds: int) -> None:
        self._sandbox.post("/control/clock", advance_seconds=seconds)


@pytest.fixture
def line(sandbox: Sandbox, live_server: LiveServer) -> Iterator[Line]:
    yield Line(sandbox, f"{live_server.url}{URL}")
    sandbox.post("/control/reset")  # whose courier would go on knocking


def test_what_plaid_says_is_acted_on_once(line: Line) -> None:
    heard: list[str] = []

    line.say("LOGIN_REPAIRED", mischief="duplicate")
    assert line.answered() == 200
    eventually(lambda: PlaidWebhook.objects.filter(deliveries=2).exists())
    for _ in range(2):
        webhooks.act_on_due(sender="a test", hear=lambda *, item, code, **more: heard.append(f"{item.pk} {code}"))

    row = PlaidWebhook.objects.get()
    assert (row.kind, row.code, row.status) == ("ITEM", "LOGIN_REPAIRED", DONE)
    assert row.item
    assert row.item.plaid_item_id == line.item_id
    assert heard == [f"{row.item.pk} LOGIN_REPAIRED"]


@pytest.mark.parametrize(
    "mischief",
    [
        "stale_iat",
        "future_iat",
        "wrong_alg",
        "unknown_kid",
        "forged_signature",
        "no_signature",
        "tampered_body",
        "reformatted_body",
    ],
)
def test_what_is_not_plaids_is_turned_away_and_comes_again_sound(line: Line, mischief: str) -> None:
    line.say(mischief=mischief)
    assert line.answered() == 401
    assert not PlaidWebhook.objects.exists()

    line.pass_time(30)

    assert line.answered(attempts=2) == 200
    assert PlaidWebhook.objects.get().plaid_item_id == line.item_id


def test_messages_may_overtake_each_other(line: Line) -> None:
    line.say("LOGIN_REPAIRED", mischief="out_of_order")
    line.say()

    eventually(lambda: PlaidWebhook.objects.count() == 2)

    assert {row.code for row in PlaidWebhook.objects.all()} == {"LOGIN_REPAIRED", "NEW_ACCOUNTS_AVAILABLE"}


def test_a_new_key_is_taken_at_once_and_an_expired_one_is_not(line: Line, sandbox: Sandbox) -> None:
    line.say()
    assert line.answered() == 200
    sandbox.post("/control/plaid/webhook-keys", action="rotate")
    line.say("LOGIN_REPAIRED")
    assert line.answered() == 200

    sandbox.post("/control/plaid/webhook-keys", action="rotate")
    sandbox.post("/control/plaid/webhook-keys", action="expire")
    line.say("PENDING_DISCONNECT")

    assert line.answered() == 401
    assert PlaidWebhook.objects.count() == 2


def test_while_keys_cannot_be_had_plaid_comes_again(line: Line, sandbox: Sandbox) -> None:
    fault(sandbox, "status", "POST /plaid/webhook_verification_key/get", status=500)

    line.say()
    assert line.answered() == 503
    line.pass_time(30)

    assert line.answered(attempts=2) == 200
    assert PlaidWebhook.objects.count() == 1


def test_two_signatures_are_none(live_server: LiveServer, settings: Any) -> None:
    body = pretty(message())
    with running_plaid() as plaid:
        settings.PLAID_BASE_URL = plaid.url
        good = plaid.new_key().sign(body)
        as_another_process()

        assert _post(live_server, body, good, good) == 401
        assert _post(live_server, body, good, "x") == 401
        assert _post(live_server, body, "x", good) == 401
        assert _post(live_server, body, good) == 200


def _post(server: LiveServer, body: bytes, *signatures: str) -> int:
    with closing(http.client.HTTPConnection(server.thread.host, server.thread.port, timeout=10)) as connection:
        connection.putrequest("POST", URL)
        connection.putheader("Content-Length", str(len(body)))
        for signature in signatures:
            connection.putheader("Plaid-Verification", signature)
        connection.endheaders(body)
        return connection.getresponse().status
