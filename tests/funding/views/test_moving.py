"""The pages for a deposit and a withdrawal: what is in the way, how much may move and when, before it is typed."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BrokerageAccount
from funding import states
from funding.models import ACHRelationship, Brake, Closing, Freeze, LimitOverride, Reversal, Transfer
from funding.operations import transfers
from tests import make
from tests.funding.standing import IN, OUT, in_doubt
from tests.funding.views.test_history import MOST_QUERIES

WAYS = {IN: "deposit", OUT: "withdraw"}
BUTTONS = {IN: "Check this deposit", OUT: "Check this withdrawal"}


@pytest.fixture
def bank(client: Client, db: None) -> ACHRelationship:
    bank = make.relationship(make.account(make.user(), cash="500.00"))
    make.portfolio(bank.brokerage_account)
    client.force_login(bank.brokerage_account.user)
    return bank


def frozen(bank: ACHRelationship) -> None:
    Freeze.objects.create(brokerage_account=bank.brokerage_account, because="R10", frozen_by="broker")


def closing(bank: ACHRelationship) -> None:
    Closing.objects.create(brokerage_account=bank.brokerage_account, form_key=uuid.uuid4(), ip_address="203.0.113.7")


def braked(bank: ACHRelationship) -> None:
    Brake.objects.create(rate="unauthorized", returned=3, debits=100)


def owing(bank: ACHRelationship) -> None:
    back = make.transfer(bank, "586.40", status=states.RETURNED, settled_at=timezone.now(), ended_at=timezone.now())
    Transfer.objects.update(created_at=timezone.now() - timedelta(days=3))
    Reversal.objects.create(transfer=back, amount=back.amount)


def stopped(bank: ACHRelationship) -> None:
    bank.suspend(because="the account is closed", actor="broker")


def no_deposits(bank: ACHRelationship) -> None:
    bank.stop_deposits(because="there was not enough money in the account", actor="broker")


def both_in_doubt(bank: ACHRelationship) -> None:
    for direction in (IN, OUT):
        in_doubt(bank, direction=direction, amount=Decimal("5.00"))


def blocked(bank: ACHRelationship, *blocks: str) -> None:
    BrokerageAccount.objects.update(blocks=list(blocks))


def wholly_blocked(bank: ACHRelationship) -> None:
    blocked(bank, "transfers_blocked")


def blocked_in(bank: ACHRelationship) -> None:
    blocked(bank, "incoming_transfers_blocked")


def blocked_out(bank: ACHRelationship) -> None:
    blocked(bank, "outgoing_transfers_blocked")


def under_review(bank: ACHRelationship) -> None:
    BrokerageAccount.objects.update(status="ACCOUNT_UPDATED")


def closed(bank: ACHRelationship) -> None:
    BrokerageAccount.objects.update(status="ACCOUNT_CLOSED")


def unheard_of(bank: ACHRelationship) -> None:
    BrokerageAccount.objects.update(status="LEVITATING")


# What is brought about, where it is in the way, what is said there, and where the way on leads.
OBSTACLES: list[tuple[Callable[[ACHRelationship], None], str, str, str]] = [
    (frozen, IN, "Your account is frozen", "mailto:"),
    (frozen, OUT, "Your account is frozen", "mailto:"),
    (braked, IN, "Deposits are paused", "/transfers/"),
    (owing, OUT, "$86.40 is missing", "/deposit/"),
    (stopped, IN, "the account is closed", "/bank/"),
    (stopped, OUT, "the account is closed", "/bank/"),
    (no_deposits, IN, "No deposits from this bank account", "/bank/"),
    (both_in_doubt, IN, "Wait until your other deposit is certain", "/transfers/?status=moving"),
    (both_in_doubt, OUT, "Wait until your other withdrawal is certain", "/transfers/?status=moving"),
    (wholly_blocked, IN, "No money moves right now", "mailto:"),
    (wholly_blocked, OUT, "No money moves right now", "mailto:"),
    (blocked_in, IN, "Deposits are blocked", "mailto:"),
    (blocked_out, OUT, "Withdrawals are blocked", "mailto:"),
]
FREE_WAYS = [(braked, OUT), (owing, IN), (no_deposits, OUT), (blocked_in, OUT), (blocked_out, IN)]


def fields(bank: ACHRelationship, direction: str, amount: str = "5.00") -> dict[str, Any]:
    return {"amount": amount, "form_key": transfers.form_key(user=bank.brokerage_account.user, direction=direction)}


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize(("happens", "direction", "says", "way_on"), OBSTACLES)
def test_what_is_in_the_way_is_said_before_anything_is_typed(
    client: Client,
    bank: ACHRelationship,
    happens: Callable[[ACHRelationship], None],
    direction: str,
    says: str,
    way_on: str,
) -> None:
    happens(bank)
    here = f"/{WAYS[direction]}/"

    shown = page(client, here)

    assert says in shown
    assert f'href="{way_on}' in shown
    assert BUTTONS[direction] not in shown
    assert 'name="amount"' not in shown
    assert client.post(here, fields(bank, direction)).status_code == 200
    assert client.get(f"{here}check/", fields(bank, direction))["Location"] == here
    assert not Transfer.objects.exclude(form_key=None).filter(amount="5.00", sending=states.RESERVED).exists()


@pytest.mark.parametrize(("happens", "direction"), FREE_WAYS)
def test_the_other_way_stays_open(
    client: Client, bank: ACHRelationship, happens: Callable[[ACHRelationship], None], direction: str
) -> None:
    happens(bank)

    assert BUTTONS[direction] in page(client, f"/{WAYS[direction]}/")


@pytest.mark.parametrize(("happens", "direction", "says", "way_on"), OBSTACLES)
def test_the_button_says_it_once_where_it_came_between(
    client: Client,
    bank: ACHRelationship,
    happens: Callable[[ACHRelationship], None],
    direction: str,
    says: str,
    way_on: str,
    settings: Settings,
) -> None:
    happens(bank)
    settings.BROKER_BASE_URL = "http://127.0.0.1:1"  # the figure stays as it is

    answer = client.post(f"/{WAYS[direction]}/confirm/", fields(bank, direction), follow=True)

    shown = " ".join(answer.content.decode().split())
    assert says in shown
    assert f'href="{way_on}' in shown
    assert "notice is-danger" not in shown
    assert Transfer.objects.filter(amount="5.00").count() == (2 if happens is both_in_doubt else 0)


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (frozen, "Your account is frozen"),
        (braked, "Deposits are paused"),
        (owing, "Your cash is below $0.00"),
        (stopped, "Your bank account is stopped"),
        (no_deposits, "No deposits from this bank account"),
        (wholly_blocked, "No money moves right now"),
        (blocked_in, "Deposits are blocked"),
        (blocked_out, "Withdrawals are blocked"),
        (under_review, "The broker is reviewing a change to your details"),
        (closed, "Your brokerage account is closed"),
        (unheard_of, "The broker is looking at your account"),
    ],
)
def test_the_overview_says_what_needs_attention(
    client: Client, bank: ACHRelationship, happens: Callable[[ACHRelationship], None], says: str
) -> None:
    assert "Needs your attention" not in page(client, "/overview/")

    happens(bank)

    assert says in page(client, "/overview/").partition("Needs your attention")[2]


@pytest.mark.parametrize(
    ("happens", "stops"),
    [
        (braked, False),
        (no_deposits, False),
        (blocked_in, False),
        (blocked_out, True),
        (wholly_blocked, True),
        (frozen, True),
        (closing, True),
        (closed, True),
    ],
)
def test_the_overview_promises_no_withdrawal_that_is_stopped(
    client: Client, bank: ACHRelationship, happens: Callable[[ACHRelationship], None], stops: bool
) -> None:
    happens(bank)

    shown = page(client, "/overview/")

    assert ("Yours, but can’t be withdrawn now" in shown) is stops
    assert ("You can withdraw" in shown) is ("Cash you can withdraw" in shown) is not stops


def test_what_the_broker_has_blocked_besides_money_is_said_and_stops_none(
    client: Client, bank: ACHRelationship
) -> None:
    blocked(bank, "trading_blocked", "teleporting_blocked")

    shown = page(client, "/overview/")

    assert "Trading is blocked" in shown
    assert "The broker has restricted your account" in shown
    assert "teleporting" not in shown
    assert all(BUTTONS[way] in page(client, f"/{WAYS[way]}/") for way in WAYS)


@pytest.mark.parametrize("happens", [frozen, braked, owing, stopped, no_deposits, both_in_doubt, wholly_blocked])
def test_what_is_in_the_way_costs_no_more_queries(
    client: Client, bank: ACHRelationship, happens: Callable[[ACHRelationship], None], settings: Settings
) -> None:
    settings.BROKER_TRANSFERS_PER_DAY = 1
    happens(bank)

    for address in ("/overview/", "/deposit/", "/withdraw/"):
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        assert len(asked) <= MOST_QUERIES


# --- Limits -----------------------------------------------------------------------------------------------------------

FRIDAY = datetime(2026, 10, 9, 15, 0, tzinfo=UTC)  # before a weekend that ends with Columbus Day


@pytest.mark.parametrize("direction", [IN, OUT])
def test_the_brokers_one_a_day_is_said_with_the_day_of_the_next(
    client: Client, db: None, settings: Settings, direction: str
) -> None:
    settings.BROKER_TRANSFERS_PER_DAY = 1
    with time_machine.travel(FRIDAY, tick=False):
        bank = make.relationship(make.account(make.user()))
        client.force_login(bank.brokerage_account.user)
        make.transfer(bank, "5.00", direction=direction)
        other = OUT if direction == IN else IN

        shown = page(client, f"/{WAYS[direction]}/")

        assert "on Tue, Oct 13" in shown
        assert BUTTONS[direction] not in shown
        assert BUTTONS[other] in page(client, f"/{WAYS[other]}/")
        assert client.post(f"/{WAYS[direction]}/", fields(bank, direction)).status_code == 200
    with time_machine.travel(datetime(2026, 10, 13, 15, 0, tzinfo=UTC), tick=False):
        BrokerageAccount.objects.update(cash_as_of=timezone.now())
        client.force_login(bank.brokerage_account.user)
        assert BUTTONS[direction] in page(client, f"/{WAYS[direction]}/")


@pytest.mark.parametrize("address", ["/deposit/", "/deposit/check/"])
def test_what_is_left_is_shown_before_it_is_asked_for(client: Client, bank: ACHRelationship, address: str) -> None:
    make.transfer(bank, "250.00")

    answer = client.get(address, fields(bank, IN, "50.00"))

    lines = answer.context["limits_after" if "check" in address else "limits"]
    left = {line["label"]: (line["amount"], line["note"]) for line in lines}
    spent = 300 if "check" in address else 250
    assert left["Left today"] == (Decimal(50000 - spent), "of $50,000.00")
    assert left["Left at the broker today"] == (Decimal(50000 - spent), "of $50,000.00")
    assert "$100,000.00" in answer.content.decode()


def test_a_customers_own_limits_are_shown_as_theirs(client: Client, bank: ACHRelationship) -> None:
    LimitOverride.objects.create(
        brokerage_account=bank.brokerage_account,
        direction=IN,
        per_transfer=Decimal("123.45"),
        because="asked",
        set_by=bank.brokerage_account.user,
    )

    answer = client.get("/deposit/")

    assert answer.context["limits"][0]["amount"] == Decimal("123.45")
    assert client.get("/withdraw/").context["limits"][0]["amount"] == Decimal("25000.00")
    assert client.post("/deposit/", fields(bank, IN, "123.46")).context["form"].errors["amount"]


@pytest.mark.parametrize("way", ["deposit", "withdraw"])
def test_an_amount_past_a_limit_is_not_to_be_confirmed(client: Client, bank: ACHRelationship, way: str) -> None:
    direction = IN if way == "deposit" else OUT

    answer = client.get(f"/{way}/check/", fields(bank, direction, "25000.01"))

    assert answer.context["form"].errors["amount"]
    assert "confirm" not in answer.content.decode().partition("<form method")[2].partition(">")[0]


# --- Dates ------------------------------------------------------------------------------------------------------------


def test_a_deposit_is_confirmed_with_its_dates(client: Client, db: None, settings: Settings) -> None:
    settings.WITHDRAWAL_HOLD_BANKING_DAYS = 5
    with time_machine.travel(FRIDAY, tick=False):
        bank = make.relationship(make.account(make.user()))
        client.force_login(bank.brokerage_account.user)

        shown = page(client, f"/deposit/check/?amount=5.00&form_key={fields(bank, IN)['form_key']}")

    for said in (
        "2:00 PM EDT",  # the cut-off
        "Thu, Oct 15</time>",  # three banking days: Tuesday, Wednesday, Thursday
        "Thu, Oct 22</time>",  # free to withdraw, five banking days later
        'by <time datetime="2026-10-19">',  # the bank's two banking days
        'until <time datetime="2026-12-14">',  # a customer's sixty days
        "Columbus Day",
    ):
        assert said in shown, said
