"""The overview: what the account is worth, over time and in parts, and the next step of whoever misses something."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import states as account_states
from accounts.models import Application, BrokerageAccount, Portfolio
from brokerage.gateways import broker_client  # noqa: F401 - so that no page waits for its import, as under gunicorn
from funding import states
from tests import make
from tests.brokerage.gateways.vendor import Vendor, answer, silence
from tests.funding.standing import Customer

pytestmark = pytest.mark.django_db
DEAD = "http://127.0.0.1:1"
HELD = [("VTI", "3.5", "1050.00", "50.00"), ("BND", "10", "700.00", "-12.50"), ("CASHX", "1", "5.00", "0.00")]


@pytest.fixture
def account(client: Client, db: None) -> BrokerageAccount:
    account = make.relationship(make.account(make.user(), cash="500.00")).brokerage_account
    client.force_login(account.user)
    return account


def text(page: Any) -> str:
    plain = re.sub(r"<(svg).*?</\1>|<[^>]+>", " ", page.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", plain)


def figure(page: Any) -> str:
    found = re.search(r'class="figure-money">(.*?)</p>', page.content.decode(), re.DOTALL)
    assert found
    return re.sub(r"<[^>]+>|\s", "", found[1])


# --- What it is worth -------------------------------------------------------------------------------------------------


def test_cash_and_investments_add_up_to_the_account_value(client: Client, account: BrokerageAccount) -> None:
    make.portfolio(account, *HELD)

    page = client.get("/overview/")

    assert figure(page) == "$2,255.00"
    assert [(line.label, line.amount) for line in page.context["worth"].lines] == [
        ("Investments", Decimal("1755.00")),
        ("Cash", Decimal("500.00")),
    ]


def test_the_brokers_own_equity_is_the_account_value(client: Client, account: BrokerageAccount) -> None:
    make.portfolio(account, *HELD)
    BrokerageAccount.objects.update(equity=Decimal("2260.00"))

    page = client.get("/overview/")

    assert figure(page) == "$2,260.00"
    assert page.context["worth"].lines[0].amount == Decimal("1760.00")


def test_positions_say_gain_and_loss_in_words(client: Client, account: BrokerageAccount) -> None:
    make.portfolio(account, *HELD)

    page = text(client.get("/overview/"))

    assert "VTI 3.5 shares +$50 .00 gain, 5.0% $1,050 .00" in page
    assert "BND 10 shares −$12 .50 loss, 1.8% $700 .00" in page
    assert "CASHX 1 share no change $5 .00" in page


def test_what_the_broker_did_not_tell_is_a_dash_and_no_sum(client: Client, account: BrokerageAccount) -> None:
    rows = [{"symbol": "<b>ODD", "quantity": "-2", "value": None, "cost": None, "gain": None}]
    make.portfolio(account, positions=rows)

    page = client.get("/overview/")

    assert "&lt;b&gt;ODD" in page.content.decode()
    assert "2 shares owed not told by the broker —" in text(page)
    assert figure(page) == "$500.00"
    assert "Cash in your account" in text(page)


def test_many_positions_are_shown_when_asked_for(client: Client, account: BrokerageAccount) -> None:
    make.portfolio(account, *[(f"S{n}", "1", f"{n + 1}.00", "0.00") for n in range(57)])

    first, every = client.get("/overview/"), client.get("/overview/?positions=all")

    assert len(first.context["worth"].positions) == 20
    assert "Show all 57 investments" in text(first)
    assert len(every.context["worth"].positions) == 57
    assert "Show all" not in text(every)


@pytest.mark.parametrize("days", [[], ["0.00"], ["0.00", "0.00", "0.00"]])
def test_a_new_account_says_what_will_be_there(client: Client, account: BrokerageAccount, days: list[str]) -> None:
    make.portfolio(account, history=make.history(*days))
    BrokerageAccount.objects.update(cash=0)

    page = text(client.get("/overview/"))

    assert "You hold none yet" in page
    assert "A line from day to day appears here" in page


# --- Over time --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("period", "days"), [("1m", 31), ("3m", 92), ("1y", 366), ("all", 999), ("", 92), ("x", 92)])
def test_the_address_says_which_period_is_drawn(
    client: Client, account: BrokerageAccount, period: str, days: int
) -> None:
    make.portfolio(account, history=make.history(*[f"{n}.00" for n in range(1000)]))

    worth = client.get("/overview/", {"period": period}).context["worth"]

    assert (worth.points[-1][0] - worth.points[0][0]).days == days
    assert [each.word for each in worth.periods if each.is_current] == [
        {"1m": "1M", "1y": "1Y", "all": "All"}.get(period, "3M")
    ]


def test_the_line_ends_with_what_it_is_worth_now(client: Client, account: BrokerageAccount) -> None:
    make.portfolio(account, *HELD, history=make.history("1900.00", "2000.00", "2100.00"))

    page = client.get("/overview/")

    assert [amount for _, amount in page.context["worth"].points] == [Decimal(1900), Decimal(2000), Decimal(2255)]
    html = page.content.decode()
    assert re.search(r"<title id=\"value-title\">\s*Account value, 3 months</title>", html)
    assert "to $2,255.00 on" in html
    assert "<caption" in html.partition("Show the values as a table")[2]


@pytest.mark.parametrize("value", ["\x00", "x" * 5000, "é", "1e9", "-1", "<script>", "1m' OR 1=1"])
@pytest.mark.parametrize("name", ["period", "positions"])
def test_an_address_that_nobody_offered_is_still_a_page(
    client: Client, account: BrokerageAccount, name: str, value: str
) -> None:
    make.portfolio(account, *HELD, history=make.history("1.00", "2.00"))

    assert client.get("/overview/", {name: value}).status_code == 200


def test_ten_years_are_a_light_page(client: Client, account: BrokerageAccount) -> None:
    make.portfolio(account, *HELD, history=make.history(*[f"{1000 + n % 777}.00" for n in range(3650)]))

    page = client.get("/overview/?period=all")

    assert len(page.content) < 60_000


# --- The broker -------------------------------------------------------------------------------------------------------


def test_it_is_read_from_the_broker(client: Client, ada: Customer) -> None:
    client.force_login(ada.user)

    page = client.get("/overview/")

    assert figure(page) == "$1,000.00"
    assert "You hold none yet" in text(page)
    assert Portfolio.objects.get().history_as_of is not None


def test_old_figures_stay_with_their_age_when_the_broker_is_away(
    client: Client, account: BrokerageAccount, settings: Settings
) -> None:
    settings.BROKER_BASE_URL = DEAD
    long_ago = timezone.now() - timedelta(hours=5)
    make.portfolio(account, *HELD, positions_as_of=long_ago, asked_at=long_ago, history=make.history("1.00", "2.00"))
    BrokerageAccount.objects.update(cash_as_of=long_ago, cash_asked_at=long_ago)

    page = client.get("/overview/")

    assert page.status_code == 200
    assert "We can’t reach the broker right now" in text(page)
    assert figure(page) == "$2,255.00"
    assert page.content.decode().count(f'datetime="{timezone.localtime(long_ago).isoformat(timespec="minutes")}"') >= 3


def test_a_page_that_waited_for_the_cash_waits_for_nothing_else(
    client: Client, account: BrokerageAccount, settings: Settings
) -> None:
    vendor = Vendor()
    settings.BROKER_BASE_URL = vendor.url
    vendor.says(silence())
    long_ago = timezone.now() - timedelta(hours=5)
    BrokerageAccount.objects.update(cash_as_of=long_ago, cash_asked_at=long_ago)

    for _ in range(2):
        assert client.get("/overview/").status_code == 200

    assert len(vendor.asked) == 1
    vendor.close()


def test_words_and_amounts_that_nobody_knows_have_their_page(
    client: Client, account: BrokerageAccount, settings: Settings
) -> None:
    vendor = Vendor()
    settings.BROKER_BASE_URL = vendor.url
    odd = {"symbol": "X" * 60, "qty": "0.000000001", "market_value": "1e9", "cost_basis": "-1", "asset_class": "moon"}
    times = [1e400, "x", None, 1763000000, 1763090000]
    vendor.says(answer(body=[odd]), answer(body={"timestamp": times, "equity": [1, 2, 3, "NaN", 5]}))

    page = client.get("/overview/")

    assert page.status_code == 200
    assert "0.000000001 shares" in text(page)
    vendor.close()


def test_it_costs_the_same_with_one_and_with_many(client: Client, account: BrokerageAccount) -> None:
    costs = []
    for count in (1, 300):
        Portfolio.objects.all().delete()
        positions = [(f"S{n}", "1", "1.00", "0.00") for n in range(count)]
        make.portfolio(account, *positions, history=make.history(*["1.00"] * count))
        with CaptureQueriesContext(connection) as asked:
            client.get("/overview/?positions=all&period=all")
        costs.append(len(asked))

    assert costs[0] == costs[1]


def test_nobody_is_led_to_the_sign_in(client: Client) -> None:
    assert client.get("/overview/")["Location"].startswith("/sign-in/")


def test_nobody_elses_portfolio_is_shown(client: Client, account: BrokerageAccount) -> None:
    make.portfolio(make.account(make.user("grace@example.com")), *HELD)
    make.portfolio(account)

    assert "VTI" not in text(client.get("/overview/"))


# --- The next step ----------------------------------------------------------------------------------------------------


def step_of(client: Client, user: Any) -> Any:
    client.force_login(user)
    page = client.get("/overview/")
    assert page.status_code == 200
    found = page.context["next_step"]
    assert found is None or found.title in text(page)
    return found


@pytest.mark.parametrize(
    ("status", "sent", "title", "url"),
    [
        (None, False, "Open your brokerage account", "/apply/"),
        (account_states.DRAFT, False, "Finish your application", "/apply/"),
        (account_states.READY, True, "We are sending your application", "/apply/waiting/"),
        (account_states.UNKNOWN, True, "We are sending your application", "/apply/waiting/"),
        (account_states.REFUSED, True, "One answer needs a change", "/apply/waiting/"),
    ],
)
def test_somebody_without_an_account_has_a_next_step(
    client: Client, status: str | None, sent: bool, title: str, url: str
) -> None:
    user = make.user()
    if status:
        Application.objects.filter(pk=make.application(user, status=status).pk).update(
            sent_at=timezone.now() if sent else None, refusal="city is invalid"
        )

    step = step_of(client, user)

    assert (step.title, step.url) == (title, url)


@pytest.mark.parametrize("status", [*sorted(account_states.KNOWN - {account_states.ACTIVE}), "TELEPORTED"])
def test_somebody_whose_account_is_not_open_has_a_next_step(client: Client, status: str) -> None:
    account = make.account(make.user(), status=status)
    BrokerageAccount.objects.update(cash=None)

    step = step_of(client, account.user)

    assert step.url == "/apply/waiting/"
    assert "TELEPORTED" not in step.title


def test_somebody_with_an_account_links_a_bank_and_then_deposits(client: Client) -> None:
    account = make.account(make.user())
    assert step_of(client, account.user).title == "Link your bank"

    candidate = make.relationship(account, sending=states.HELD, status="", alpaca_id=None)
    assert step_of(client, account.user).title == "Your bank account is on its way"

    candidate.__class__.objects.update(sending=states.ACCEPTED, status=states.APPROVED, alpaca_id="1")
    candidate.refresh_from_db()
    assert step_of(client, account.user).title == "Make your first deposit"

    make.transfer(candidate)
    assert step_of(client, account.user) is None


def test_somebody_whose_transfers_are_paused_is_not_sent_to_link_a_bank(client: Client) -> None:
    account = make.account(make.user(), status=account_states.ACTION_REQUIRED)

    assert step_of(client, account.user) is None
    assert "The broker needs" in text(client.get("/overview/"))
