"""Linking a bank through the pages: once, by its owner, whatever Plaid does."""

import logging
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import BrokerageAccount, User
from funding import states
from funding.models import ACHRelationship, LinkSession, PlaidItem
from funding.operations import linking
from tests.funding.standing import at_once, fault, open_customer
from tests.harness.sandbox import Sandbox
from tests.journeys import people

pytestmark = pytest.mark.django_db
EXCHANGE = "POST /plaid/item/public_token/exchange"
ACCOUNTS = "POST /plaid/accounts/get"


def newcomer(sandbox: Sandbox, email: str = "ada@example.com") -> User:
    """Return someone whose account is open and who has no bank yet."""
    customer = open_customer(sandbox, email)
    sandbox.post(f"/control/relationships/{customer.relationship.alpaca_id}", status="CANCELED")
    customer.relationship.events.all().delete()
    customer.relationship.delete()
    customer.relationship.login.delete()
    return customer.user


@pytest.fixture
def ada(sandbox: Sandbox, client: Client, db: None) -> User:
    user = newcomer(sandbox)
    client.force_login(user)
    return user


def begin(client: Client) -> str:
    """Start Link and return the address of its page."""
    address: str = client.post("/bank/link/")["Location"]
    assert client.get(address).status_code == 200
    return address


def finish(client: Client, address: str, token: str, **more: str) -> Any:
    return client.post(f"{address}finish/", {"public_token": token} | more)


def page(client: Client, answer: Any) -> str:
    text: str = client.get(answer["Location"], follow=True).content.decode()
    return text


def items_at_plaid(sandbox: Sandbox) -> int:
    return len(sandbox.get("/control/state")["items"])


def items_held(sandbox: Sandbox) -> int:
    """Return how many items Plaid holds besides the one that she had before."""
    return len([row for row in sandbox.get("/control/state")["items"] if not row["removed"]]) - 1


def test_a_token_is_spent_once(client: Client, ada: User, sandbox: Sandbox) -> None:
    address, token = begin(client), people.public_token(sandbox)

    places = {finish(client, address, token)["Location"] for _ in range(3)}

    assert places == {"/bank/"}
    assert PlaidItem.objects.count() == ACHRelationship.objects.count() == 1
    assert ACHRelationship.objects.get().sending == states.ACCEPTED


def test_a_token_is_good_in_one_session_only(client: Client, ada: User, sandbox: Sandbox) -> None:
    first, second, token = begin(client), begin(client), people.public_token(sandbox)
    finish(client, first, token)

    answer = finish(client, second, token)

    assert "once more" in page(client, answer)
    assert PlaidItem.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_finish_at_once_link_one_bank(sandbox: Sandbox) -> None:
    user = newcomer(sandbox)
    tabs = [Client() for _ in range(6)]
    for tab in tabs:
        tab.force_login(user)
    address, token = begin(tabs[0]), people.public_token(sandbox)

    came = at_once(*[lambda tab=tab: finish(tab, address, token).status_code for tab in tabs])

    assert came == [302] * 6
    assert PlaidItem.objects.count() == ACHRelationship.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_banks_at_once_link_one(sandbox: Sandbox) -> None:
    user = newcomer(sandbox)
    tabs = [Client() for _ in range(4)]
    for tab in tabs:
        tab.force_login(user)
    ways = [(tab, begin(tab), people.public_token(sandbox)) for tab in tabs]

    came = at_once(*[lambda way=way: finish(*way).status_code for way in ways])

    assert came == [302] * 4
    assert ACHRelationship.objects.active().count() == 1


@pytest.mark.parametrize(
    "token", ["", " ", "public-sandbox-unknown", "public-development-1", "x" * 201, "x" * 5000, "\x00", "é", "a\r\nb"]
)
def test_a_token_that_is_none_links_nothing(client: Client, ada: User, token: str) -> None:
    answer = finish(client, begin(client), token)

    assert answer.status_code == 302
    assert "once more" in page(client, answer)
    assert not PlaidItem.objects.exists()


@pytest.mark.parametrize("data", [{}], ids=str)
def test_a_form_that_is_odd_links_nothing(client: Client, ada: User, data: dict[str, Any]) -> None:
    assert client.post(f"{begin(client)}finish/", data).status_code == 302

    assert not PlaidItem.objects.exists()


@pytest.mark.parametrize(
    "how",
    [
        {"kind": "drop_after_commit"},
        {"kind": "garbage_after_commit"},
        {"kind": "empty_after_commit"},
        {"kind": "status_after_commit", "status": 504},
        {"kind": "patch_after_commit", "drop": ["access_token"]},
        {"kind": "drop_before_commit"},
    ],
    ids=lambda how: "-".join(map(str, how.values())),
)
def test_a_lost_exchange_is_noted_and_another_bank_can_be_linked(
    client: Client, ada: User, sandbox: Sandbox, how: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    fault(sandbox, route=EXCHANGE, **how)
    address, token = begin(client), people.public_token(sandbox)

    answer = finish(client, address, token)

    session = LinkSession.objects.get()
    assert (session.outcome, session.link_token) == ("orphan", "")
    assert any(record.levelname == "ERROR" and str(session.pk) in record.message for record in caplog.records)
    assert "Please link your bank once more" in page(client, answer)
    assert finish(client, address, token)["Location"] == "/bank/"
    assert not PlaidItem.objects.exists()
    assert people.link_bank(client, sandbox).sending == states.ACCEPTED


def test_an_exchange_that_was_not_sent_may_be_sent_again(
    client: Client, ada: User, sandbox: Sandbox, settings: Settings
) -> None:
    address, token, home = begin(client), people.public_token(sandbox), settings.PLAID_BASE_URL
    settings.PLAID_BASE_URL = "http://127.0.0.1:1"
    away = finish(client, address, token)
    assert "try again in a few minutes" in page(client, away)
    settings.PLAID_BASE_URL = home

    finish(client, address, token)

    assert ACHRelationship.objects.get().sending == states.ACCEPTED


def test_several_accounts_are_for_the_customer_to_choose(client: Client, ada: User, sandbox: Sandbox) -> None:
    address = begin(client)
    answer = finish(client, address, people.public_token(sandbox, "user_good"))
    shown = client.get(answer["Location"]).content.decode()
    choices = re.findall(r'value="([^"]+)"[^>]*name="account"|name="account"[^>]*value="([^"]+)"', shown)
    keys = [one or other for one, other in choices]

    client.post(answer["Location"], {"account": keys[1]})

    assert "Credit Card" not in shown
    assert len(keys) == 2
    linked = ACHRelationship.objects.get()
    assert (linked.plaid_account_id, linked.subtype) == (keys[1], "savings")


@pytest.mark.parametrize("account", ["", "unknown", "x" * 5000, "\x00", "1"])
def test_an_account_that_was_not_shared_is_not_linked(
    client: Client, ada: User, sandbox: Sandbox, account: str
) -> None:
    address = finish(client, begin(client), people.public_token(sandbox, "user_good"))["Location"]

    assert client.post(address, {"account": account}).status_code == 200

    assert not ACHRelationship.objects.exists()


@pytest.mark.parametrize(
    "accounts", [[], [{"account_id": "1", "type": "credit", "subtype": "credit card"}], [None, 7, {}], "none"], ids=str
)
def test_an_item_without_a_usable_account_links_nothing(
    client: Client, ada: User, sandbox: Sandbox, accounts: Any
) -> None:
    fault(sandbox, "patch_after_commit", ACCOUNTS, patch={"accounts": accounts})

    answer = finish(client, begin(client), people.public_token(sandbox))

    assert answer.status_code == 302
    assert not ACHRelationship.objects.exists()


def test_accounts_that_cannot_be_read_are_read_later(client: Client, ada: User, sandbox: Sandbox) -> None:
    fault(sandbox, "status", ACCOUNTS, status=500, body={})
    address, token = begin(client), people.public_token(sandbox)
    assert "try again" in page(client, finish(client, address, token))

    finish(client, address, token)

    assert ACHRelationship.objects.get().sending == states.ACCEPTED


def test_a_second_bank_is_refused_politely(client: Client, ada: User, sandbox: Sandbox) -> None:
    spare = begin(client)
    people.link_bank(client, sandbox)

    late = page(client, finish(client, spare, people.public_token(sandbox)))
    again = page(client, client.post("/bank/link/"))

    assert "linked already" in late
    assert "linked already" in again
    assert ACHRelationship.objects.count() == 1
    assert items_held(sandbox) == 1


@pytest.mark.parametrize("status", ["SUBMITTED", "ACCOUNT_CLOSED", "REJECTED", "ACCOUNT_UPDATED"])
def test_only_an_open_account_links_a_bank(client: Client, ada: User, sandbox: Sandbox, status: str) -> None:
    address = begin(client)
    BrokerageAccount.objects.update(status=status)

    client.post("/bank/link/")
    finish(client, address, people.public_token(sandbox))

    assert not ACHRelationship.objects.exists()


def test_a_refused_bank_makes_room_for_another(client: Client, ada: User, sandbox: Sandbox) -> None:
    first = people.link_bank(client, sandbox)
    sandbox.post(f"/control/relationships/{first.alpaca_id}", status="REJECTED", reason="the owner's name differs")
    call_command("run_worker", once=True)
    first.refresh_from_db()

    second = people.link_bank(client, sandbox)

    assert (first.status, second.sending) == (states.REJECTED, states.ACCEPTED)
    assert "the owner's name differs" not in client.get("/bank/").content.decode()


def test_no_token_is_in_a_log_or_on_a_page(
    client: Client, ada: User, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    address, token = begin(client), people.public_token(sandbox)
    link_page = client.get(address).content.decode()
    finish(client, address, token)
    pages = "".join(client.get(path).content.decode() for path in ("/bank/", "/overview/", "/transfers/"))

    access_token = PlaidItem.objects.get().access_token
    for secret in (access_token, token, "processor-sandbox-", "access-sandbox-", "local-plaid-secret"):
        assert secret not in caplog.text
        assert secret not in pages + link_page
        assert secret not in str(dict(client.session))


def test_two_operations_at_once_make_one_relationship(ada: User, sandbox: Sandbox, client: Client) -> None:
    people.link_bank(client, sandbox)
    linked = ACHRelationship.objects.get()
    account = BrokerageAccount.objects.get()
    [shared] = linking.usable_accounts(item=linked.login)

    again = linking.link_bank(account=account, item=linked.login, bank_account=shared, sender="another")

    assert again.pk == linked.pk
