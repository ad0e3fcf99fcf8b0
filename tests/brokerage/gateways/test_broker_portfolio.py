"""What an account is invested in, and what it was worth, however oddly it is told."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from brokerage.gateways import broker_accounts, broker_portfolio
from brokerage.gateways.errors import OutcomeUnknown
from tests.brokerage.gateways import applications
from tests.brokerage.gateways.vendor import Vendor, answer
from tests.harness.sandbox import Sandbox

APPLE = {
    "asset_id": "904837e3-3b76-47ec-b432-046db621571b",
    "symbol": "AAPL",
    "asset_class": "us_equity",
    "qty": "4.123456789",
    "market_value": "688.325",
    "cost_basis": "700",
    "unrealized_pl": "-11.675",
    "current_price": "172.0834",
}

# --- Positions --------------------------------------------------------------------------------------------------------


def test_positions_are_listed(vendor: Vendor) -> None:
    vendor.says(answer(200, [APPLE]))

    (found,) = broker_portfolio.list_positions("acc")

    assert found == broker_portfolio.PositionAnswer(
        symbol="AAPL",
        asset_class="us_equity",
        quantity=Decimal("4.123456789"),
        market_value=Decimal("688.32"),
        cost_basis=Decimal("700.00"),
        unrealized=Decimal("-11.67"),
        price=Decimal("172.0834"),
    )
    assert vendor.asked[0].path == "/v1/trading/accounts/acc/positions"


@pytest.mark.parametrize(
    ("said", "quantity", "price"),
    [
        ({"qty": 5, "current_price": None}, Decimal(5), None),
        ({"qty": "-3", "current_price": "free"}, Decimal(-3), None),
        ({"qty": "100", "current_price": "NaN", "asset_class": "futures"}, Decimal(100), None),
        ({"qty": "0.1", "current_price": "1e99", "market_value": None}, Decimal("0.1"), None),
        ({"qty": "1e-30", "current_price": "1e999999"}, Decimal(0), None),
        ({"qty": "1e-999999", "current_price": "Infinity"}, Decimal(0), None),
    ],
)
def test_an_odd_position_is_read(
    vendor: Vendor, said: dict[str, Any], quantity: Decimal, price: Decimal | None
) -> None:
    vendor.says(answer(200, [{"symbol": "AAPL", **said}]))

    (found,) = broker_portfolio.list_positions("acc")

    assert (found.quantity, found.price, found.market_value, found.unrealized) == (quantity, price, None, None)
    assert len(f"{found.quantity}") < 30
    assert "E" not in f"{found.quantity}"


@pytest.mark.parametrize("quantity", [None, "", "many", "NaN", "sNaN", "inf", True, {}, "1e15"])
def test_a_position_of_unknown_size_is_no_answer(vendor: Vendor, quantity: object) -> None:
    vendor.says(answer(200, [APPLE, {**APPLE, "qty": quantity}]))

    with pytest.raises(OutcomeUnknown):
        broker_portfolio.list_positions("acc")


def test_a_row_that_names_nothing_is_no_position(vendor: Vendor) -> None:
    vendor.says(answer(200, [{"qty": "5"}, "odd", {"asset_id": "904837e3", "qty": "2"}, APPLE]))

    assert [found.symbol for found in broker_portfolio.list_positions("acc")] == ["904837e3", "AAPL"]


def test_the_positions_of_another_account_are_not_taken(vendor: Vendor) -> None:
    vendor.says(answer(200, [{**APPLE, "account_id": "another"}]))

    with pytest.raises(OutcomeUnknown):
        broker_portfolio.list_positions("acc")


# --- Value history ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("10000.10", "10000.10"),
        ("0.29", "0.29"),
        ("1234567890.12", "1234567890.12"),
        ("99.999", "99.99"),
        ('"27423.73"', "27423.73"),
        ("-5", "-5.00"),
        ("0", "0.00"),
    ],
)
def test_a_value_is_the_amount_that_was_written(vendor: Vendor, value: str, amount: str) -> None:
    vendor.says(answer(200, f'{{"timestamp": [1795737600], "equity": [{value}]}}'.encode()))

    assert broker_portfolio.value_history("acc", period="1A") == [(datetime(2026, 11, 27, tzinfo=UTC), Decimal(amount))]
    assert str(broker_portfolio.value_history("acc")[0][1]) == amount


def test_the_period_is_asked_for_day_by_day(vendor: Vendor) -> None:
    vendor.says(answer(200, {"timestamp": [], "equity": []}))

    assert broker_portfolio.value_history("acc", period="3M") == []

    (asked,) = vendor.asked
    assert asked.path == "/v1/trading/accounts/acc/account/portfolio/history"
    assert asked.query == {"period": "3M", "timeframe": "1D"}


def test_a_day_without_a_time_or_a_value_is_left_out(vendor: Vendor) -> None:
    times = [4, None, 10**30, "soon", 3, 2, 1]
    vendor.says(answer(200, {"timestamp": times, "equity": [4.5, 1, 1, 1, None, "much", 1.25]}))

    assert broker_portfolio.value_history("acc") == [
        (datetime.fromtimestamp(1, UTC), Decimal("1.25")),
        (datetime.fromtimestamp(4, UTC), Decimal("4.50")),
    ]


@pytest.mark.parametrize(
    "said", [{}, [], {"timestamp": [1]}, {"timestamp": [1], "equity": []}, {"timestamp": None, "equity": None}]
)
def test_times_and_values_that_do_not_match_are_no_history(vendor: Vendor, said: Any) -> None:
    vendor.says(answer(200, said))

    with pytest.raises(OutcomeUnknown):
        broker_portfolio.value_history("acc")


def test_the_sandbox_tells_both(sandbox: Sandbox) -> None:
    made = broker_accounts.create_account(applications.APPLICATION)
    sandbox.post("/control/clock", advance_seconds=7 * 86400)

    history = broker_portfolio.value_history(made.alpaca_id)

    assert broker_portfolio.list_positions(made.alpaca_id) == []
    assert {value for _, value in history} == {Decimal("0.00")}
    assert history == sorted(history)
