"""Money out, and another bank, ask once more who it is; whatever is sent twice moves once."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.sign_in_stamp import STAMP
from funding.models import ACHRelationship, Closing, LinkSession, Transfer
from tests import make
from tests.funding.standing import Customer, open_customer
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?')
SECRET = {"again-password": make.PASSWORD}


@pytest.fixture(autouse=True)
def minutes(settings: Settings) -> None:
    settings.FRESH_SIGN_IN_MINUTES = 5


@pytest.fixture
def ada(sandbox: Sandbox, client: Client) -> Customer:
    ada = open_customer(sandbox, cash="500.00")
    client.force_login(ada.user)
    return ada


def make_stale(client: Client) -> None:
    session = client.session
    session[STAMP] -= 5 * 60 + 1
    session.save()


def form_on(answer: Any, *, says: str) -> dict[str, str]:
    page = answer.content.decode()
    assert says in page
    form = page[page.index('<form method="post"') :] if says == "Sign in again" else page
    return {name: unescape(value) for name, value in HIDDEN.findall(form) if name != "csrfmiddlewaretoken"}


def check_page(client: Client, way: str) -> Any:
    return client.get(client.post(f"/{way}/", amount(client, way))["Location"])


def amount(client: Client, way: str) -> dict[str, str]:
    found = re.search(r'name="form_key" value="([^"]+)"', client.get(f"/{way}/").content.decode())
    assert found
    return {"amount": "25.00", "form_key": found[1]}


def test_a_withdrawal_asks_before_its_check(ada: Customer, client: Client) -> None:
    make_stale(client)

    leads = client.get(client.post("/withdraw/", amount(client, "withdraw"))["Location"])

    assert leads["Location"].startswith("/sign-in/again/?next=%2Fwithdraw%2Fcheck%2F%3Famount%3D25.00")


def test_a_late_confirmation_moves_money_once_however_often_it_is_sent(ada: Customer, client: Client) -> None:
    confirmation = form_on(check_page(client, "withdraw"), says="Withdraw")
    make_stale(client)
    late = client.post("/withdraw/confirm/", confirmation)
    assert not Transfer.objects.filter(direction="OUTGOING").exists()
    kept = form_on(late, says="Sign in again")

    answers = [client.post("/withdraw/confirm/", {**kept, **SECRET}) for _ in range(3)]

    transfer = Transfer.objects.get(direction="OUTGOING")
    assert {answer["Location"] for answer in answers} == {f"/transfers/{transfer.pk}/"}


def test_a_deposit_does_not_ask(ada: Customer, client: Client) -> None:
    make_stale(client)

    assert "Sign in again" not in check_page(client, "deposit").content.decode()


@pytest.mark.parametrize("url", ["/bank/replace/", "/bank/unlink/"])
def test_pages_about_another_bank_ask(ada: Customer, client: Client, url: str) -> None:
    assert client.get(url).status_code == 200
    make_stale(client)

    assert client.get(url)["Location"].startswith("/sign-in/again/?next=")


@pytest.mark.parametrize(
    "url", ["/bank/link/", "/bank/replace/link/", "/bank/unlink/confirm/", "/settings/close/confirm/"]
)
def test_forms_about_another_bank_and_the_end_ask(ada: Customer, client: Client, url: str) -> None:
    make_stale(client)

    assert "Sign in again" in client.post(url).content.decode()
    assert ACHRelationship.objects.active().exists()
    assert not LinkSession.objects.filter(outcome="", item=None).exists()
    assert not Closing.objects.exists()


def test_numbers_by_hand_ask(ada: Customer, client: Client, settings: Settings) -> None:
    settings.MANUAL_BANKS = True
    make_stale(client)

    assert client.get("/bank/numbers/")["Location"].startswith("/sign-in/again/")
