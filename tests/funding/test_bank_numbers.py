"""A bank account by its numbers: what is taken, what is refused beside its field, and what is left of it."""

import logging
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from funding import states
from funding.forms import NumbersForm
from funding.models import ACHRelationship, RiskDecision
from funding.operations import owner_check
from tests import make
from tests.funding import banking
from tests.funding.banking import fresh
from tests.funding.standing import Clocks, Customer, fault, read_anew, work
from tests.harness.sandbox import Sandbox

CREATE = "POST /broker/v1/accounts/*/ach_relationships"
GOOD = {"owner_name": "Ada Okafor", "kind": "checking", "routing_number": "121000358", "account_number": "00417653"}


@pytest.fixture(autouse=True)
def offered(settings: Settings) -> None:
    settings.MANUAL_BANKS = True


@pytest.fixture
def ada(ada: Customer, sandbox: Sandbox) -> Customer:
    """Ada has no bank yet, neither here nor at the broker."""
    sandbox.post(f"/control/relationships/{ada.relationship.alpaca_id}", status=states.CANCELED)
    ada.relationship.move_status(states.CANCELED, actor="broker")
    return ada


@pytest.fixture
def browser(ada: Customer, client: Client) -> Client:
    client.force_login(ada.user)
    return client


def typed(browser: Client, **changes: str) -> Any:
    return browser.post("/bank/numbers/", GOOD | changes)


def the_link(customer: Customer) -> ACHRelationship:
    return fresh(ACHRelationship.objects.filter(brokerage_account=customer.account).latest("created_at"))


# --- What may be typed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    ["021000021", "011401533", "121000358", "322271627", "061000104", "800000006"],
    ids=lambda number: number[:2],
)
def test_routing_numbers_of_every_kind_are_taken(number: str) -> None:
    assert NumbersForm(GOOD | {"routing_number": number}).is_valid()


@pytest.mark.parametrize("number", [" 021 000 021 ", "0210-00021", "021000021\n"])
def test_spaces_and_dashes_between_digits_are_no_mistake(number: str) -> None:
    form = NumbersForm(GOOD | {"routing_number": number})

    assert form.is_valid()
    assert form.cleaned_data["routing_number"] == "021000021"


@pytest.mark.parametrize(
    "number",
    [
        "",
        "1",
        "12100035",
        "1210003580",
        "121000359",
        "000000000",
        "130000006",
        "400000008",
        "990000005",
        [
            *("", "1", "12100035", "1210003580", "121000359", "000000000", "130000006", "400000008", "990000005"),
            *("12100035X", "１２１０００３５８", "٠٢١٠٠٠٠٢١", "121000358\x00", "-121000358.", "121000358" * 100),
        ],
        "１２１０００３５８",
        "٠٢١٠٠٠٠٢١",
        "121000358\x00",
        "-121000358.",
        "121000358" * 100,
    ],
)
def test_what_is_no_routing_number_is_said_beside_it(number: str) -> None:
    form = NumbersForm(GOOD | {"routing_number": number})

    assert not form.is_valid()
    assert list(form.errors) == ["routing_number"]


@pytest.mark.parametrize("number", ["4176", "00417653", "1" * 17, "12-34 56"])
def test_account_numbers_are_taken(number: str) -> None:
    assert NumbersForm(GOOD | {"account_number": number}).is_valid()


@pytest.mark.parametrize("number", ["", "417", "1" * 18, "0000", "41a7", "４１７６", "41.76", "4176\x00", "1" * 5000])
def test_what_is_no_account_number_is_said_beside_it(number: str) -> None:
    form = NumbersForm(GOOD | {"account_number": number})

    assert not form.is_valid()
    assert list(form.errors) == ["account_number"]


@pytest.mark.parametrize("name", ["", "   ", "12345", "Ada\x00Okafor", "x" * 101])
def test_what_is_no_name_is_said_beside_it(name: str) -> None:
    assert list(NumbersForm(GOOD | {"owner_name": name}).errors) == ["owner_name"]


@pytest.mark.parametrize("kind", ["", "CHECKING", "ira", "checking,savings"])
def test_what_is_no_kind_is_said_beside_it(kind: str) -> None:
    assert list(NumbersForm(GOOD | {"kind": kind}).errors) == ["kind"]


def test_a_number_that_is_sent_twice_is_not_guessed_at(browser: Client, ada: Customer) -> None:
    answer = browser.post("/bank/numbers/", GOOD | {"account_number": ["4176", "9999"]})

    assert answer.status_code == 400
    assert ACHRelationship.objects.count() == 1


def test_an_account_number_is_not_shown_again(browser: Client) -> None:
    answer = typed(browser, routing_number="121000359")

    assert answer.status_code == 200
    assert "00417653" not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


# --- Linking ----------------------------------------------------------------------------------------------------------


def test_it_is_linked_and_only_the_mask_is_left(
    browser: Client, ada: Customer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    typed(browser)

    link = the_link(ada)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_number, routing_number, owner_name, processor_token FROM funding_achrelationship "
            "WHERE item_id IS NULL"
        )
        assert cursor.fetchall() == [("", "", "", "")]
    assert (link.sending, link.mask, link.item) == (states.ACCEPTED, "7653", None)
    assert len(banking.at_the_broker(ada)) == 1
    for secret in ("00417653", "121000358"):
        assert secret not in caplog.text
    assert banking.approve(link, sandbox).usable
    assert "Working" in browser.get("/bank/").content.decode()


def test_the_numbers_are_sealed_until_the_broker_has_them(browser: Client, ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "rate_limited", CREATE)

    typed(browser)

    with connection.cursor() as cursor:
        cursor.execute("SELECT account_number, routing_number FROM funding_achrelationship WHERE item_id IS NULL")
        [row] = cursor.fetchall()
    assert all(value and "417653" not in value and "121000358" not in value for value in row)
    assert the_link(ada).account_number == "00417653"


def test_one_that_was_not_sent_is_sent_by_the_worker(
    clocks: Clocks, browser: Client, ada: Customer, sandbox: Sandbox
) -> None:
    fault(sandbox, "rate_limited", CREATE)
    typed(browser)

    clocks.advance(seconds=10)
    work()

    assert (the_link(ada).sending, the_link(ada).account_number) == (states.ACCEPTED, "")


def test_an_answer_that_is_lost_is_found_in_the_list(browser: Client, ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "drop_after_commit", CREATE)

    typed(browser)

    assert the_link(ada).sending == states.ACCEPTED
    assert len(banking.at_the_broker(ada)) == 1


def test_numbers_that_the_broker_refuses_are_not_kept(browser: Client, ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "status", CREATE, status=400, body={"code": 40010001, "message": "bank_routing_number is invalid"})

    typed(browser)

    link = the_link(ada)
    assert (link.sending, link.account_number, link.routing_number) == (states.REFUSED, "", "")


def test_an_owner_by_another_name_is_refused(browser: Client, ada: Customer) -> None:
    typed(browser, owner_name="Grace Hopper")

    link = the_link(ada)
    assert (link.sending, link.account_number, link.owner_checks.get().method) == (states.REFUSED, "", "TYPED")
    assert banking.at_the_broker(ada) == []


def test_it_can_replace_one_that_came_by_a_login(browser: Client, ada: Customer, sandbox: Sandbox) -> None:
    old = banking.approve(banking.pass_link(ada), sandbox)

    typed(browser)
    work()
    banking.broker_says(old, sandbox, states.CANCELED)
    work()

    assert fresh(old).ended_at is not None
    assert (the_link(ada).sending, the_link(ada).item) == (states.ACCEPTED, None)
    assert banking.at_plaid(sandbox) & {old.login.plaid_item_id} == set()


def test_it_can_be_unlinked(browser: Client, ada: Customer, sandbox: Sandbox) -> None:
    typed(browser)
    link = banking.approve(the_link(ada), sandbox)

    browser.post("/bank/unlink/confirm/")
    ended = banking.broker_says(link, sandbox, states.CANCELED)

    assert ended.ended_at is not None


@pytest.mark.parametrize(("setting", "sending"), [("hold", states.HELD), ("allow", states.ACCEPTED)])
def test_a_deposit_from_it_has_no_balance_to_look_at(
    browser: Client, ada: Customer, sandbox: Sandbox, settings: Settings, setting: str, sending: str
) -> None:
    settings.RISK_MANUAL_BANK = setting
    typed(browser)
    ada.relationship = banking.approve(the_link(ada), sandbox)

    transfer = ada.move("20.00")

    assert read_anew(transfer).sending == sending
    assert RiskDecision.objects.get().inputs["away"] == "by number"


def test_where_it_is_not_offered_there_is_no_such_page(browser: Client, settings: Settings) -> None:
    settings.MANUAL_BANKS = False

    assert browser.get("/bank/numbers/").status_code == 404
    assert typed(browser).status_code == 404
    assert "/bank/numbers/" not in browser.get("/bank/").content.decode()


def test_numbers_of_a_stranger_link_nothing_of_hers(ada: Customer, client: Client) -> None:
    client.force_login(make.user("eve@example.com"))

    answer = typed(client)

    assert answer.status_code == 302
    assert ACHRelationship.objects.count() == 1


def test_too_many_tries_are_told_when_to_come_back(browser: Client, ada: Customer, settings: Settings) -> None:
    settings.LINK_ATTEMPTS_PER_HOUR = 0

    assert typed(browser).status_code == 429
    assert owner_check.OwnerCheck.objects.count() == 0
