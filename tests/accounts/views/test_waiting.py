"""The waiting room: what the broker decides, in plain words."""

import html

import pytest
from django.test import Client

from accounts.models import BrokerageAccount, User
from tests import make
from tests.accounts.hearing import hear
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    """Sign Ada in."""
    user = make.user()
    client.force_login(user)
    return user


def page(client: Client, url: str) -> str:
    came = client.get(url)
    assert came.status_code == 200, came
    return html.unescape(came.content.decode())


@pytest.mark.parametrize(
    ("status", "says", "moves"),
    [
        ("SUBMITTED", "The broker is checking your application", True),
        ("ACTION_REQUIRED", "The broker needs one more thing", False),
        ("APPROVAL_PENDING", "A person at the broker is looking at your application", True),
        ("APPROVED", "Your application is approved", True),
        ("ACTIVE", "Your brokerage account is open", False),
        ("REJECTED", "The broker did not approve your application", False),
        ("ACCOUNT_UPDATED", "The broker is reviewing a change to your details", False),
        ("ACCOUNT_CLOSED", "Your brokerage account is closed", False),
        ("LEVITATING", "The broker is looking at your account", True),
    ],
)
def test_the_waiting_room_says_it_in_plain_words(
    client: Client, ada: User, status: str, says: str, moves: bool
) -> None:
    make.account(ada, status=status)

    for url in ("/apply/waiting/", "/apply/waiting/status/"):
        text = page(client, url)
        assert says in text
        assert ("hx-get" in text) is moves
        assert status not in text or status == "ACTIVE"


@pytest.mark.parametrize(
    ("family_name", "says"),
    [
        ("Actionrequired", "The broker needs to see a document"),
        ("Rejected", "did not approve"),
        ("Pending", "A person at the broker"),
    ],
)
def test_the_brokers_decision_reaches_the_waiting_room(
    client: Client, ada: User, sandbox: Sandbox, family_name: str, says: str
) -> None:
    make.application(ada, family_name=family_name)
    client.post("/apply/check/")
    account = BrokerageAccount.objects.get()
    outcome = {"Actionrequired": "ACTION_REQUIRED", "Rejected": "REJECTED", "Pending": "APPROVAL_PENDING"}[family_name]

    sandbox.post(f"/control/accounts/{account.alpaca_id}", status=outcome)
    hear(sandbox)

    assert says in page(client, "/apply/waiting/")


def test_what_the_broker_checked_is_shown(client: Client, ada: User) -> None:
    kyc = {
        "accept": {"IDENTITY_VERIFICATION": {}, "HOROSCOPE": {}},
        "indeterminate": {"ADDRESS_VERIFICATION": {}},
        "reject": 7,
    }
    make.account(ada, status="ACTION_REQUIRED", kyc_results=kyc)

    text = page(client, "/apply/waiting/")

    assert "Identity" in text
    assert "Home address" in text
    assert "HOROSCOPE" not in text


def test_there_is_no_waiting_room_before_anything_was_sent(client: Client, ada: User) -> None:
    assert client.get("/apply/waiting/")["Location"] == "/apply/"
    assert client.get("/apply/waiting/status/").status_code == 404
    make.application(ada)
    assert client.get("/apply/waiting/")["Location"] == "/apply/"
    assert client.get("/apply/waiting/status/").status_code == 404
