"""What goes out to the vendors appears in no log and in no error, whatever comes back; at DEBUG, of any logger."""

import base64
import logging
import traceback
import uuid
from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from brokerage.gateways import broker, broker_accounts, plaid
from brokerage.gateways.errors import VendorError
from tests.brokerage.gateways.vendor import Act, Vendor, answer, cut, reset

SSN, SECRET, TOKEN = "444554321", "canary-secret", "canary-token"
BASIC = base64.b64encode(f"canary-key:{SECRET}".encode()).decode()
CANARIES = [SSN, "444-55-4321", "1991-03-09", "canary", BASIC]
SAYS_IT_BACK = {"code": 42210000, "message": f"tax_id {SSN}", "error_code": "INVALID_REQUEST", "access_token": TOKEN}

CALLS: dict[str, Callable[[], object]] = {
    "account": lambda: broker_accounts.create_account(
        {
            "contact": {
                "email_address": "a@example.com",
                "phone_number": "+12015550143",
                "street_address": ["84 Willow Terrace"],
                "city": "Hoboken",
            },
            "identity": {
                "given_name": "Ada",
                "family_name": "Okafor",
                "date_of_birth": "1991-03-09",
                "tax_id": SSN,
                "tax_id_type": "USA_SSN",
                "country_of_tax_residence": "USA",
                "funding_source": ["savings"],
            },
            "disclosures": {
                "is_control_person": False,
                "is_affiliated_exchange_or_finra": False,
                "is_politically_exposed": False,
                "immediate_family_exposed": False,
            },
            "agreements": [
                {"agreement": "customer_agreement", "signed_at": "2026-11-22T00:00:00Z", "ip_address": "203.0.113.7"}
            ],
        }
    ),
    "relationship": lambda: broker.create_relationship(account_id="acc", processor_token=TOKEN),
    "stream": lambda: list(broker.account_events(since="0" * 26, until="1" * 26)),
    "exchange": lambda: plaid.exchange_public_token(TOKEN),
    "accounts": lambda: plaid.get_accounts(TOKEN, plaid_item_id="an item"),
    "processor": lambda: plaid.create_processor_token(access_token=TOKEN, plaid_account_id="x"),
    "remove": lambda: plaid.remove_item(TOKEN),
    "webhook key": lambda: plaid.get_webhook_key(TOKEN),
    "link": lambda: plaid.create_link_token(user_id=str(uuid.UUID(int=1)), client_name="Northfield"),
}
ANSWERS: dict[str, Act] = {
    "yes": answer(200, {"id": "x", **SAYS_IT_BACK}),
    "odd yes": answer(200, f"<h1>{TOKEN}</h1>"),
    "refusal": answer(422, SAYS_IT_BACK),
    "keys refused": answer(401, SAYS_IT_BACK),
    "trouble": answer(500, SAYS_IT_BACK),
    "redirect": answer(307, "", Location=f"http://127.0.0.1:1/{TOKEN}"),
    "cut": cut(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + TOKEN.encode()),
    "reset": reset(),
}


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture, settings: Settings) -> Iterator[pytest.LogCaptureFixture]:
    """Let every logger speak at the levels that the settings give it, the rest at DEBUG."""
    settings.BROKER_API_KEY, settings.BROKER_API_SECRET = "canary-key", SECRET
    settings.PLAID_CLIENT_ID, settings.PLAID_SECRET = "canary-id", SECRET
    with caplog.at_level(logging.DEBUG):
        yield caplog


@pytest.mark.parametrize("credentials", ["legacy", "client_credentials"])
@pytest.mark.parametrize("act", ANSWERS)
@pytest.mark.parametrize("call", CALLS)
def test_nothing_secret_is_told(
    vendor: Vendor,
    settings: Settings,
    everything_logged: pytest.LogCaptureFixture,
    call: str,
    act: str,
    credentials: str,
) -> None:
    settings.BROKER_CREDENTIALS = credentials
    vendor.says(ANSWERS[act])
    told = ""

    try:
        CALLS[call]()
    except VendorError as fault:
        told = "".join(traceback.format_exception(fault))

    told += "".join(f"{record.getMessage()} {record.exc_text} {record.args}" for record in everything_logged.records)
    assert [canary for canary in CANARIES if canary in told] == []
    assert vendor.asked
