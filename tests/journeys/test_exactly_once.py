"""However often, from wherever and whatever breaks: the broker's books hold at most one transfer per intent."""

import threading
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.models import BrokerageAccount
from funding import states
from funding.models import SendAttempt, Transfer
from funding.operations import limits, transfers
from tests.funding.standing import IN, OUT, Customer, at_once, fault, open_customer
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually, somebody_waits_for_a_lock
from tests.journeys import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(sandbox: Sandbox, db: None) -> Customer:
    return open_customer(sandbox, cash="1000.00")


def signed_in(customer: Customer) -> Client:
    client = Client()
    client.force_login(customer.user)
    return client


def checked(client: Client, amount: str, way: str = "deposit") -> dict[str, str]:
    """Type an amount, and return what the page to check it would confirm."""
    return people.confirmation(client.get(people.review(client, way, amount)))


def confirm(client: Client, what: dict[str, str], way: str = "deposit") -> Any:
    return client.post(f"/{way}/confirm/", what)


def said(client: Client, answer: Any) -> str:
    """Return the page that an answer leads to."""
    page: str = client.get(answer["Location"], follow=True).content.decode()
    return page


# --- In the browser ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["deposit", "withdraw"])
def test_a_double_click_makes_one(ada: Customer, way: str) -> None:
    client = signed_in(ada)
    what = checked(client, "50.00", way)

    places = {confirm(client, what, way)["Location"] for _ in range(3)}

    assert len(places) == len(ada.at_the_broker()) == 1


def test_going_back_and_confirming_again_makes_one(ada: Customer) -> None:
    client = signed_in(ada)
    address = people.review(client, "deposit", "50.00")
    first = confirm(client, people.confirmation(client.get(address)))

    again = confirm(client, people.confirmation(client.get(address)))

    assert first["Location"] == again["Location"]
    assert len(ada.at_the_broker()) == 1


@pytest.mark.parametrize(("amount", "transfers_made"), [("50.00", 1), ("60.00", 1)])
def test_two_tabs_on_two_devices_make_one(ada: Customer, amount: str, transfers_made: int) -> None:
    phone, laptop = signed_in(ada), signed_in(ada)
    pages = [phone.get("/deposit/"), laptop.get("/deposit/")]
    reviews = [
        tab.post("/deposit/", {"amount": typed, "form_key": people.hidden(page, "form_key")})["Location"]
        for tab, page, typed in ((phone, pages[0], "50.00"), (laptop, pages[1], amount))
    ]
    what = [people.confirmation(phone.get(reviews[0])), people.confirmation(laptop.get(reviews[1]))]

    first, second = confirm(phone, what[0]), confirm(laptop, what[1])

    assert len(ada.at_the_broker()) == transfers_made
    if amount == "50.00":
        assert first["Location"] == second["Location"]
    else:
        assert "used for another amount already" in said(laptop, second)


def test_yesterdays_page_leads_to_yesterdays_transfer(ada: Customer, sandbox: Sandbox) -> None:
    client = signed_in(ada)
    old = checked(client, "50.00")
    first = confirm(client, old)
    transfer = Transfer.objects.get()
    sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="settle")
    confirm(client, checked(client, "70.00"))

    again = confirm(client, old)

    assert again["Location"] == first["Location"]
    assert len(ada.at_the_broker()) == 2


def test_a_new_form_makes_a_new_one(ada: Customer) -> None:
    client = signed_in(ada)

    for _ in range(2):
        confirm(client, checked(client, "50.00"))

    assert len(ada.at_the_broker()) == 2


@pytest.mark.parametrize(
    "key", ["", "1", "not-a-key", "0" * 32, "../../x", "\x00", "x" * 5000, str(uuid.UUID(int=7)), "{key}{key}"]
)
def test_a_form_key_that_is_not_ours_makes_none(ada: Customer, key: str) -> None:
    client = signed_in(ada)
    what = checked(client, "50.00")

    answer = confirm(client, what | {"form_key": key.replace("{key}", what["form_key"])})

    assert answer.status_code == 302
    assert "out of date" in said(client, answer)
    assert not Transfer.objects.exists()
    assert ada.at_the_broker() == []


def test_a_form_without_a_key_makes_none(ada: Customer) -> None:
    assert confirm(signed_in(ada), {"amount": "50.00"}).status_code == 302

    assert not Transfer.objects.exists()


def test_another_users_form_makes_none(ada: Customer, sandbox: Sandbox) -> None:
    grace = open_customer(sandbox, "grace@example.com", cash="1000.00")
    what = checked(signed_in(grace), "50.00")

    client = signed_in(ada)
    answer = confirm(client, what)

    assert "out of date" in said(client, answer)
    assert not Transfer.objects.exists()


def test_a_deposits_form_makes_no_withdrawal(ada: Customer) -> None:
    client = signed_in(ada)

    confirm(client, checked(client, "50.00", "deposit"), "withdraw")

    assert not Transfer.objects.exists()


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop_before_commit"])
def test_a_customer_who_tries_and_tries_makes_one(ada: Customer, sandbox: Sandbox, kind: str) -> None:
    client = signed_in(ada)
    what = checked(client, "50.00")
    fault(sandbox, kind)
    first = confirm(client, what)

    for _ in range(3):
        assert confirm(client, what)["Location"] == first["Location"]
        fresh = what | {"form_key": str(transfers.form_key(user=ada.user, direction=IN))}
        assert "still being confirmed" in said(client, confirm(client, fresh))
        assert "still being confirmed" in client.get("/deposit/").content.decode()

    assert "don’t need to do anything" in said(client, first)
    assert len(ada.at_the_broker()) == (kind == "drop_after_commit")
    assert Transfer.objects.get().sending == states.UNKNOWN


# --- At once ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["", "drop_after_commit", "status_after_commit"])
def test_many_clicks_at_once_make_one(sandbox: Sandbox, kind: str) -> None:
    ada = open_customer(sandbox)
    tabs = [signed_in(ada) for _ in range(12)]
    what = checked(tabs[0], "50.00")
    if kind:
        fault(sandbox, kind, times=99)

    came = at_once(*[lambda tab=tab: confirm(tab, what)["Location"] for tab in tabs])

    assert set(came) == {f"/transfers/{Transfer.objects.get().pk}/"}
    assert len(ada.at_the_broker()) == SendAttempt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_amounts_at_once_make_one(sandbox: Sandbox) -> None:
    ada = open_customer(sandbox)
    tabs = [signed_in(ada) for _ in range(10)]
    what = [checked(tab, f"{n + 10}.00") for n, tab in enumerate(tabs)]

    came = at_once(*[lambda n=n, tab=tab: confirm(tab, what[n]) for n, tab in enumerate(tabs)])

    assert {answer.status_code for answer in came} == {302}
    assert Transfer.objects.count() == len(ada.at_the_broker()) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_reservation_decides_on_what_stands_when_it_has_the_lock(sandbox: Sandbox) -> None:
    ada = open_customer(sandbox, cash="1000.00")
    refused = []

    def ask() -> None:
        try:
            ada.ask("50.00", OUT)
        except limits.LimitReached as limit:
            refused.append(limit)
        finally:
            connection.close()

    waiting = threading.Thread(target=ask)
    with transaction.atomic():
        account = BrokerageAccount.objects.select_for_update().get(pk=ada.account.pk)
        waiting.start()
        eventually(somebody_waits_for_a_lock, because="nobody waits for the lock")
        BrokerageAccount.objects.filter(pk=account.pk).update(cash_withdrawable="49.99")
    waiting.join(timeout=20)

    assert len(refused) == 1
    assert not Transfer.objects.exists()
