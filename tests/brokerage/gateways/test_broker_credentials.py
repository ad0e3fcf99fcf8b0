"""Both kinds of keys: sent with every request, or traded for a token that is renewed before it dies."""

import uuid
from decimal import Decimal

import pytest
from pytest_django import Settings

from brokerage.gateways import broker, broker_accounts, broker_client
from brokerage.gateways.errors import NotSent, Refused, patience
from tests.brokerage.gateways import streams
from tests.brokerage.gateways.vendor import Act, Vendor, answer, cut, silence, trickle
from tests.harness.sandbox import Sandbox

TOKEN = {"access_token": "token-canary", "expires_in": 899, "token_type": "Bearer"}
DEAD = answer(401, {"code": 40110000, "message": "request is not authorized"})


@pytest.fixture
def client_credentials(settings: Settings) -> Settings:
    """Trade the keys for tokens; each test's are its own, so that none is left from another."""
    settings.BROKER_CREDENTIALS = "client_credentials"
    settings.BROKER_API_KEY = f"client {uuid.uuid4()}"
    return settings


def post() -> broker.TransferAnswer:
    return broker.create_transfer(
        account_id="acc", relationship_id=str(uuid.uuid4()), direction="INCOMING", amount=Decimal("1.00")
    )


def paths(vendor: Vendor) -> list[str]:
    return ["token" if asked.path.endswith("token") else asked.method for asked in vendor.asked]


def test_legacy_keys_open_the_sandbox(sandbox: Sandbox) -> None:
    assert broker_accounts.find_accounts("ada@example.com") == []


def test_a_wrong_legacy_secret_is_refused(sandbox: Sandbox, settings: Settings) -> None:
    settings.BROKER_API_SECRET = "wrong"

    with pytest.raises(Refused) as refusal:
        broker_accounts.find_accounts("ada@example.com")

    assert refusal.value.http_status == 401


def test_client_credentials_open_the_sandbox(sandbox: Sandbox, client_credentials: Settings) -> None:
    assert broker_accounts.find_accounts("ada@example.com") == []


def test_a_wrong_client_secret_sends_nothing(sandbox: Sandbox, settings: Settings) -> None:
    settings.BROKER_CREDENTIALS, settings.BROKER_API_SECRET = "client_credentials", "wrong"
    settings.BROKER_TOKEN_URL += "?another"  # no token of another test is good here

    with pytest.raises(NotSent):
        broker_accounts.find_accounts("ada@example.com")


def test_one_token_serves_many_calls(vendor: Vendor, client_credentials: Settings) -> None:
    vendor.says(answer(200, TOKEN), answer(200, []))

    for _ in range(5):
        broker.list_transfers("acc")

    assert paths(vendor) == ["token", *["GET"] * 5]
    assert vendor.asked[0].body.startswith(b"grant_type=client_credentials&client_id=client+")
    assert {asked.headers["authorization"] for asked in vendor.asked[1:]} == {"Bearer token-canary"}


def test_a_token_is_renewed_before_it_dies(vendor: Vendor, client_credentials: Settings) -> None:
    dies_soon = answer(200, TOKEN | {"expires_in": broker_client.TOKEN_MARGIN_SECONDS - 1})
    vendor.says(dies_soon, answer(200, []), answer(200, TOKEN), answer(200, []))

    for _ in range(3):
        broker.list_transfers("acc")

    assert paths(vendor) == ["token", "GET", "token", "GET", "GET"]


def test_a_read_with_a_dead_token_is_repeated_once(vendor: Vendor, client_credentials: Settings) -> None:
    vendor.says(answer(200, TOKEN), DEAD, answer(200, TOKEN), answer(200, []))

    assert broker.list_transfers("acc") == []

    assert paths(vendor) == ["token", "GET", "token", "GET"]


def test_a_read_that_stays_refused_is_not_repeated_for_ever(vendor: Vendor, client_credentials: Settings) -> None:
    vendor.says(answer(200, TOKEN), DEAD, answer(200, TOKEN), DEAD)

    with pytest.raises(Refused):
        broker.list_transfers("acc")

    assert paths(vendor) == ["token", "GET", "token", "GET"]


def test_a_post_with_a_dead_token_is_not_repeated_and_the_next_has_a_new_one(
    vendor: Vendor, client_credentials: Settings
) -> None:
    vendor.says(answer(200, TOKEN), DEAD, answer(200, TOKEN), answer(200, {"id": "9f0c"}))

    with pytest.raises(Refused):
        post()
    assert paths(vendor) == ["token", "POST"]
    post()

    assert paths(vendor) == ["token", "POST", "token", "POST"]


def test_a_stream_with_a_dead_token_has_a_new_one_the_next_time(vendor: Vendor, client_credentials: Settings) -> None:
    vendor.says(answer(200, TOKEN), DEAD, answer(200, TOKEN), answer(200, b"\n", "text/event-stream"))

    with pytest.raises(Refused):
        streams.account_events(since="0" * 26, until="1" * 26)
    assert streams.account_events(since="0" * 26, until="1" * 26) == []

    assert paths(vendor) == ["token", "GET", "token", "GET"]


@pytest.mark.parametrize(
    "act",
    [
        answer(401, {"error": "invalid_client"}),
        answer(200, {"access_token": "x"}),
        answer(200, ["x"]),
        answer(200, b"[" * 200_000),
        answer(200, {"access_token": None, "expires_in": 899}),
        answer(302, "", Location="https://elsewhere.example/"),
        answer(500, "<h1>trouble</h1>"),
        cut(b""),
        silence(),
        pytest.param(trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"), marks=pytest.mark.slow),
    ],
)
def test_without_a_token_nothing_is_sent(vendor: Vendor, client_credentials: Settings, act: Act) -> None:
    vendor.says(act)

    with pytest.raises(NotSent), patience(1):
        post()

    assert paths(vendor) == ["token"]
