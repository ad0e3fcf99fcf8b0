"""What goes out to the vendors appears in no log and in no error, whatever comes back; at DEBUG, of any logger."""

import base64
import io
import logging
import traceback
import uuid
from collections.abc import Callable, Iterator
from typing import BinaryIO

import pytest
from pytest_django import Settings

from brokerage.gateways import broker, broker_accounts, broker_documents, broker_portfolio, plaid
from brokerage.gateways.errors import VendorError
from tests.brokerage.gateways import applications, streams
from tests.brokerage.gateways.vendor import Act, Vendor, answer, cut, reset

SSN, SECRET, TOKEN = "444554321", "canary-secret", "canary-token"
BASIC = base64.b64encode(f"canary-key:{SECRET}".encode()).decode()
CANARIES = [
    SSN,
    "444-55-4321",
    "1991-03-09",
    "Willow",
    "Chidi",
    "5550143",
    "canary",
    base64.b64encode(TOKEN.encode()).decode(),
    BASIC,
]
SAYS_IT_BACK = {"code": 42210000, "message": f"tax_id {SSN}", "error_code": "INVALID_REQUEST", "access_token": TOKEN}


def upload(content: BinaryIO) -> None:
    broker_documents.upload_document(
        "acc", kind="canary", sub_kind="canary", content=content, size=len(TOKEN), mime_type="image/png"
    )


def fetch() -> bytes:
    with broker_documents.open_document("x", "y") as file:
        return b"".join(file.pieces)


CALLS: dict[str, Callable[[], object]] = {
    "account": lambda: broker_accounts.create_account(applications.APPLICATION),
    "change": lambda: broker_accounts.update_account("acc", applications.APPLICATION),
    "told account": lambda: broker_accounts.get_account("x"),
    "found accounts": lambda: broker_accounts.find_accounts(f"{TOKEN}@example.com"),
    "balances": lambda: broker_accounts.get_balances("x"),
    "upload": lambda: upload(io.BytesIO(TOKEN.encode())),
    "documents": lambda: broker_documents.list_documents("x"),
    "document": fetch,
    "history": lambda: broker_portfolio.value_history("x"),
    "relationship": lambda: broker.create_relationship(account_id="acc", processor_token=TOKEN),
    "stream": lambda: streams.account_events(since="0" * 26, until="1" * 26),
    "exchange": lambda: plaid.exchange_public_token(TOKEN),
    "accounts": lambda: plaid.get_accounts(TOKEN, plaid_item_id="an item"),
    "processor": lambda: plaid.create_processor_token(access_token=TOKEN, plaid_account_id="x"),
    "remove": lambda: plaid.remove_item(TOKEN),
    "webhook key": lambda: plaid.get_webhook_key(TOKEN),
    "link": lambda: plaid.create_link_token(user_id=str(uuid.UUID(int=1)), client_name="Northfield"),
}
ANSWERS: dict[str, Act] = {
    "yes": answer(200, {"id": "x", **SAYS_IT_BACK, **applications.APPLICATION}),
    "odd yes": answer(200, f"<h1>{TOKEN}</h1>"),
    "refusal": answer(422, SAYS_IT_BACK),
    "keys refused": answer(401, SAYS_IT_BACK),
    "trouble": answer(500, SAYS_IT_BACK),
    "signed": answer(301, "", Location=f"/{TOKEN}"),
    "signed elsewhere": answer(302, "", Location=f"https://{TOKEN}.invalid/{TOKEN}?signature={TOKEN}"),
    "signed oddly": answer(302, "", Location=f"https://10.0.0.7/{TOKEN}"),
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
