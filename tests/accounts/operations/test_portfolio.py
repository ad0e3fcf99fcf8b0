"""Positions and value history: read for a page, kept when the broker is away, never asked for twice at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BrokerageAccount, Portfolio
from accounts.operations import portfolio
from tests import make
from tests.brokerage.gateways.vendor import Vendor, answer, silence
from tests.funding.standing import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 20, tzinfo=UTC)


@pytest.fixture
def vendor(settings: Settings) -> Iterator[Vendor]:
    vendor = Vendor()
    settings.BROKER_BASE_URL = vendor.url
    yield vendor
    vendor.close()


@pytest.fixture
def account(db: None) -> BrokerageAccount:
    return make.account(make.user(), created_at=datetime(2025, 5, 1, tzinfo=UTC))


def position(**more: Any) -> dict[str, Any]:
    told = {
        "symbol": "VTI",
        "qty": "3.5",
        "market_value": "1050.009",
        "cost_basis": "1000.00",
        "unrealized_pl": "50.00",
    }
    return told | more


def history(*values: Any, first: datetime = datetime(2026, 11, 20, 5, tzinfo=UTC)) -> dict[str, Any]:
    times = [int((first + timedelta(days=n)).timestamp()) for n in range(len(values))]
    return {"timestamp": times, "equity": list(values)}


def refreshed(account: BrokerageAccount) -> Portfolio:
    portfolio.refresh_if_old(portfolio=portfolio.held(account=account))
    return portfolio.held(account=account)


def test_what_the_broker_tells_is_kept(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(answer(body=[position()]), answer(body=history(0, 0, 990.5, 1000)))

    with time_machine.travel(NOW, tick=False):
        found = refreshed(account)

    [held] = found.holdings
    assert (held.symbol, held.quantity, held.value, held.gain) == (
        "VTI", Decimal("3.5"), Decimal("1050.00"), Decimal("50.00"),
    )  # fmt: skip
    assert held.gain_percent == Decimal("5.0")
    assert [f"{day:%m-%d} {amount}" for day, amount in found.days] == ["11-21 0.00", "11-22 990.50", "11-23 1000.00"]
    assert found.positions_as_of == found.history_as_of == NOW
    assert vendor.asked[1].query == {"period": "2A", "timeframe": "1D"}


def test_it_is_asked_for_again_only_when_it_is_old(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(answer(body=[]), answer(body=history(1)), answer(body=[position()]))

    with time_machine.travel(NOW, tick=False) as clock:
        refreshed(account)
        refreshed(account)
        assert len(vendor.asked) == 2
        clock.shift(portfolio.GOOD_FOR)
        found = refreshed(account)

    assert len(vendor.asked) == 3, "the history is good for longer"
    assert len(found.positions) == 1


def test_two_pages_at_once_ask_once(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(answer(body=[]), answer(body=history(1)))
    one, other = portfolio.held(account=account), portfolio.held(account=account)

    portfolio.refresh_if_old(portfolio=one)
    portfolio.refresh_if_old(portfolio=other)

    assert len(vendor.asked) == 2


def test_what_is_purged_while_it_is_read_stays_away(account: BrokerageAccount, monkeypatch: Any) -> None:
    def purged(account_id: Any, **asked: Any) -> list[Any]:
        Portfolio.objects.all().delete()
        return []

    monkeypatch.setattr("brokerage.gateways.broker_portfolio.list_positions", purged)
    monkeypatch.setattr("brokerage.gateways.broker_portfolio.value_history", purged)

    refreshed(account)

    assert not Portfolio.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_pages_at_one_moment_ask_once(vendor: Vendor) -> None:
    account = make.account(make.user())
    vendor.says(answer(body=[]), answer(body=history(1)))

    came = at_once(*[lambda: refreshed(account) for _ in range(8)])

    assert all(isinstance(each, Portfolio) for each in came), came
    assert [asked.path.rpartition("/")[2] for asked in vendor.asked] == ["positions", "history"]


@pytest.mark.parametrize(
    "act",
    [
        answer(500, "<h1>Sorry</h1>"),
        answer(404, {"code": 40410000, "message": "account not found"}),
        answer(429, {"code": 42910000, "message": "slow down"}),
        answer(body={"positions": []}),
        answer(body=[{"symbol": "VTI"}]),
        answer(body=[position(account_id="somebody else")]),
        silence(),
    ],
)
def test_what_we_hold_stays_when_the_broker_is_away(account: BrokerageAccount, vendor: Vendor, act: Any) -> None:
    long_ago = timezone.now() - timedelta(hours=5)
    make.portfolio(account, ("VTI", "1", "100.00", "1.00"), positions_as_of=long_ago, asked_at=long_ago)
    vendor.says(act)

    found = refreshed(account)
    refreshed(account)

    assert (found.positions_as_of, found.holdings[0].value) == (long_ago, Decimal("100.00"))
    assert len(vendor.asked) == 1, "right after an attempt that failed it is not tried again"


def test_a_history_that_fails_takes_nothing_from_the_positions(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(answer(body=[position()]), answer(500, "<h1>Sorry</h1>"))

    found = refreshed(account)

    assert found.positions_as_of is not None
    assert found.history_as_of is None


def test_nothing_is_asked_of_nobody(account: BrokerageAccount, settings: Settings) -> None:
    settings.BROKER_BASE_URL = "http://127.0.0.1:1"

    found = refreshed(account)

    assert (found.holdings, found.days, found.value) == ([], [], None)


def test_what_the_broker_does_not_tell_is_not_made_up(account: BrokerageAccount, vendor: Vendor) -> None:
    odd = position(symbol="ODD", market_value=None, cost_basis="0", unrealized_pl="1.00")
    vendor.says(answer(body=[odd, position(), position(symbol="ABC", qty="-2")]), answer(body=history(None, "x", 5)))

    found = refreshed(account)

    assert [held.symbol for held in found.holdings] == ["ABC", "VTI", "ODD"]
    assert found.holdings[2].value is None
    assert found.holdings[2].gain_percent is None
    assert found.value is None, "a sum with a hole in it is no sum"
    assert [amount for _, amount in found.days] == [Decimal("5.00")]
