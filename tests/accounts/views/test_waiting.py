"""The waiting room: what the broker decides, in plain words."""

import html
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import states
from accounts.models import BrokerageAccount, DocumentUpload, User
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


def test_the_brokers_own_words_are_text_and_named_as_theirs(client: Client, ada: User) -> None:
    prose = "Send <script>alert(1)</script> page 2"
    make.account(
        ada, status="ACTION_REQUIRED", kyc_results={"indeterminate": {"OTHER": {}}, "additional_information": prose}
    )

    source = client.get("/apply/waiting/").content.decode()

    assert "In the broker’s own words" in source
    assert "Send &lt;script&gt;alert(1)&lt;/script&gt; page 2" in source


def test_nobody_learns_here_that_they_are_looked_at(client: Client, ada: User) -> None:
    kyc: dict[str, Any] = {
        "indeterminate": {"WATCHLIST_HIT": {}, "OTHER": {}},
        "additional_information": "Resembles somebody sought.",
    }
    make.account(ada, status="ACTION_REQUIRED", kyc_results=kyc)

    text = page(client, "/apply/waiting/").lower()

    assert not any(word in text for word in ("watch", "sought", "resembles"))


@pytest.mark.parametrize("status", ["REJECTED", "SUBMISSION_FAILED", "DISABLED", "LEVITATING"])
def test_who_is_stuck_can_write_to_us_with_the_reference(client: Client, ada: User, status: str) -> None:
    account = make.account(ada, status=status)

    text = page(client, "/apply/waiting/")

    assert f'href="mailto:help@example.com?subject=My%20application%20{account.application.short_reference}"' in text


def test_what_the_broker_has_blocked_is_said_here_too(client: Client, ada: User) -> None:
    make.account(ada, blocks=["outgoing_transfers_blocked"])

    assert "Withdrawals are blocked" in page(client, "/apply/waiting/")


def test_the_number_of_queries_does_not_grow_with_what_was_sent(client: Client, ada: User) -> None:
    account = make.account(ada, status="ACTION_REQUIRED", kyc_results={"indeterminate": {"ADDRESS_VERIFICATION": {}}})

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(client, "/apply/waiting/")
        return len(asked)

    few = queries()
    for _ in range(9):
        sent(account)

    assert queries() == few


# --- Documents, followed ----------------------------------------------------------------------------------------------

ADDRESS = "ADDRESS_VERIFICATION"


def sent(account: BrokerageAccount, status: str = states.ACCEPTED, **more: Any) -> DocumentUpload:
    values = {"form_key": uuid.uuid4(), "asked_for": ADDRESS, "kind": "address_verification", "sub_kind": "lease",
              "sha256": "0" * 64, "size": 1, "content_type": "image/jpeg", "actor": "Ada"}  # fmt: skip
    return DocumentUpload.objects.create(account=account, status=status, **(values | more))


@pytest.mark.parametrize(
    ("upload", "account", "says"),
    [
        ({}, {"status": "SUBMITTED"}, "With the broker"),
        ({}, {"status": "ACTION_REQUIRED"}, "With the broker"),
        ({}, {"status": "ACTION_REQUIRED", "later": True}, "Not enough"),
        ({}, {"status": "ACTIVE", "kyc_results": {"accept": {ADDRESS: {}}}}, "Confirmed"),
        ({}, {"status": "REJECTED", "kyc_results": {"reject": {ADDRESS: {}}}}, "Not confirmed"),
        ({}, {"status": "ACTIVE", "kyc_results": {}}, "Received"),
        ({"asked_for": ""}, {"status": "SUBMITTED"}, "With the broker"),
        ({"status": states.SENDING}, {"status": "ACTION_REQUIRED"}, "Being sent"),
        ({"status": states.RESERVED}, {"status": "ACTION_REQUIRED"}, "Being sent"),
        ({"status": states.NOT_SENT}, {"status": "ACTION_REQUIRED"}, "Choose the file again"),
        ({"status": states.UNKNOWN}, {"status": "ACTION_REQUIRED"}, "Sending it again does no harm"),
        ({"status": states.REFUSED}, {"status": "ACTION_REQUIRED"}, "The broker did not take this file"),
        ({"status": states.REFUSED, "our_fault": True}, {"status": "ACTION_REQUIRED"}, "A fault of ours"),
    ],
)
def test_a_document_that_was_sent_is_followed(
    client: Client, ada: User, upload: dict[str, Any], account: dict[str, Any], says: str
) -> None:
    later = account.get("later", False)
    asked = {"kyc_results": {"indeterminate": {ADDRESS: {}}}} | {k: v for k, v in account.items() if k != "later"}
    made = make.account(ada, status_at=timezone.now() + timedelta(minutes=5 if later else -5), **asked)
    sent(made, **upload)

    text = page(client, "/apply/waiting/").partition("Documents you sent")[2]

    assert "Lease that is in force" in text
    assert says in text


@pytest.mark.parametrize(("status", "action"), [(states.ACCEPTED, "Send another"), (states.NOT_SENT, "Send it")])
def test_what_is_there_is_asked_for_no_more(client: Client, ada: User, status: str, action: str) -> None:
    kyc = {"indeterminate": [ADDRESS]}
    sent(make.account(ada, status="ACTION_REQUIRED", kyc_results=kyc), status)

    text = page(client, "/apply/waiting/")

    assert f'{action}<span class="visually-hidden">: Proof of your home address' in text


@pytest.mark.parametrize("status", ["SUBMITTED", "APPROVAL_PENDING", "ACCOUNT_UPDATED"])
def test_who_has_sent_one_of_two_reads_that_another_is_needed(client: Client, ada: User, status: str) -> None:
    account = make.account(ada, status=status, kyc_results={"indeterminate": [ADDRESS, "IDENTITY_VERIFICATION"]})
    assert "What the broker asks for" not in page(client, "/apply/waiting/")  # before it asks, nothing is said
    sent(account)

    text = page(client, "/apply/waiting/")

    assert "The broker needs to see another document" in text
    assert "You don’t need to do anything" not in text
    assert "Send it" in text.partition("A photo ID")[2].partition("</li>")[0]


def test_there_is_no_waiting_room_before_anything_was_sent(client: Client, ada: User) -> None:
    assert client.get("/apply/waiting/")["Location"] == "/apply/"
    assert client.get("/apply/waiting/status/").status_code == 404
    make.application(ada)
    assert client.get("/apply/waiting/")["Location"] == "/apply/"
    assert client.get("/apply/waiting/status/").status_code == 404
