"""The page on which an account is closed: what is left to do, the last word, and what came of it."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from funding.models import Closing, Freeze
from tests import make
from tests.funding.standing import Customer, fault, open_customer
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db
CLOSE = "POST /broker/v1/accounts/*/actions/close"
GET = "GET /broker/v1/accounts/*"


@pytest.fixture
def empty(sandbox: Sandbox, client: Client) -> Customer:
    empty = open_customer(sandbox)
    client.force_login(empty.user)
    return empty


def page(client: Client, url: str = "/settings/close/") -> str:
    came = client.get(url)
    assert came.status_code == 200, came
    return html.unescape(came.content.decode())


def form(client: Client, **changes: str) -> dict[str, str]:
    found = re.search(r'name="form_key" value="([^"]+)"', page(client))
    assert found
    return {"form_key": found[1], "understood": "on"} | changes


def confirm(client: Client, data: dict[str, str]) -> str:
    came = client.post("/settings/close/confirm/", data, follow=True)
    assert came.status_code == 200, came
    return html.unescape(came.content.decode())


def test_an_empty_account_is_closed_and_stays_readable(empty: Customer, client: Client) -> None:
    make.transfer(empty.relationship, status="COMPLETE")
    assert "All is ready" in page(client)

    assert "Your brokerage account is closed" in confirm(client, form(client))

    assert "$250.00" in re.sub("<[^>]+>", "", page(client, "/transfers/"))
    for url in ("/overview/", "/settings/", "/apply/waiting/", "/notifications/", "/bank/"):
        page(client, url)
    assert "Close my account" not in page(client, "/settings/")
    overview = page(client, "/overview/")
    assert "Your brokerage account is closed" in overview
    assert "Link your bank" not in overview


def test_each_thing_left_has_a_way_to_mend_it(sandbox: Sandbox, client: Client) -> None:
    ada = open_customer(sandbox, cash="12.50")
    client.force_login(ada.user)
    ada.ask("50.00")
    Freeze.objects.create(brokerage_account=ada.account, because="a test", frozen_by="a test")

    shown = page(client)

    for text in ("$12.50 is in your account", 'href="/withdraw/"', "/transfers/?status=moving", "Write to us"):
        assert text in shown
    assert "Close it for good" not in shown


def test_a_stranger_or_somebody_without_an_account_closes_nothing(client: Client) -> None:
    for path in ("", "confirm/", "call-off/"):
        came = client.post(f"/settings/close/{path}")
        assert came["Location"].startswith("/sign-in/")
    client.force_login(make.user())
    assert client.get("/settings/close/")["Location"] == "/settings/"
    assert client.post("/settings/close/confirm/")["Location"] == "/settings/"


def test_a_get_closes_nothing(empty: Customer, client: Client) -> None:
    page(client)

    assert client.get("/settings/close/confirm/").status_code == 405
    assert not Closing.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"understood": ""}, "Say that you understand this"),
        ({"form_key": "nonsense"}, "Please start again"),
        ({"form_key": "6f1c90ae-2b47-4c11-9d0e-5a1d7c3b8f42"}, "This page is out of date"),
    ],
)
def test_what_is_wrong_closes_nothing(empty: Customer, client: Client, wrong: dict[str, str], says: str) -> None:
    shown = confirm(client, form(client, **wrong))

    assert says in shown
    assert not Closing.objects.exists()


def test_cash_that_came_meanwhile_stops_it(empty: Customer, client: Client) -> None:
    data = form(client)
    empty.sandbox.post("/control/balances", account_id=empty.account.alpaca_id, amount="10.00")

    shown = confirm(client, data)

    assert "See below what is left to do" in shown
    assert "$10.00 is in your account" in shown


def test_a_refusal_of_the_broker_is_told(empty: Customer, client: Client) -> None:
    body = {"code": 42210000, "message": "account must have no cash balance to be closed"}
    fault(empty.sandbox, "status", CLOSE, status=422, body=body)

    shown = confirm(client, form(client))

    assert "The broker did not close your account" in shown
    assert "must have no cash" not in shown


def test_a_silent_broker_is_said_honestly(empty: Customer, client: Client) -> None:
    data = form(client)
    fault(empty.sandbox, "drop_after_commit", CLOSE)
    fault(empty.sandbox, "bad_gateway", GET)

    shown = confirm(client, data)

    assert "We are confirming this with the broker" in shown
    assert "Call it off" not in shown


def test_what_may_have_reached_the_broker_shows_no_way_to_call_it_off(empty: Customer, client: Client) -> None:
    data = form(client)
    fault(empty.sandbox, "drop_before_commit", CLOSE)

    shown = confirm(client, data)

    assert "We are confirming this with the broker" in shown
    assert "Call it off" not in shown
    shown = html.unescape(client.post("/settings/close/call-off/", follow=True).content.decode())
    assert "The broker has been asked already" in shown
    assert Closing.objects.get().status == "RESERVED"


def test_while_the_broker_is_away_it_can_be_called_off(empty: Customer, client: Client) -> None:
    data = form(client)
    fault(empty.sandbox, "rate_limited", CLOSE)
    assert "Call it off" in confirm(client, data)
    assert "Your account is being closed" in page(client, "/overview/")
    assert "Your account is being closed" in page(client, "/deposit/")

    client.post("/settings/close/call-off/")

    assert Closing.objects.get().status == "WITHDRAWN"
    assert "All is ready" in page(client)


def test_without_figures_nothing_is_ready_and_it_says_so(empty: Customer, client: Client) -> None:
    for what in ("account", "positions"):
        fault(empty.sandbox, "bad_gateway", f"GET /broker/v1/trading/accounts/*/{what}")

    shown = page(client)

    assert shown.count("The broker can’t tell right now") == 2
    assert "Close it for good" not in shown


def test_a_double_click_and_a_second_tab_make_one_closing(empty: Customer, client: Client) -> None:
    data = form(client)

    confirm(client, data)
    again: Any = confirm(client, data)

    assert "Your brokerage account is closed" in again
    assert Closing.objects.count() == 1
