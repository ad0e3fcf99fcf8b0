"""Positions that control puts in, and everything that counts them."""

from typing import Any

import pytest

from tests.brokerage.sandbox import broker_specification as specification
from tests.brokerage.sandbox.bench import Bench

APPLE = {"symbol": "AAPL", "qty": "2.5", "avg_entry_price": "100", "current_price": "120", "lastday_price": "119"}
BERKSHIRE = {"symbol": "BRK.B", "qty": 1, "avg_entry_price": 400, "current_price": "390.25"}


def put_in(bench: Bench, account_id: str, *positions: Any) -> Any:
    return bench.session.post(f"{bench.url}/control/accounts/{account_id}/positions", json=positions, timeout=5)


def held(bench: Bench, account_id: str) -> Any:
    return bench.broker("GET", f"v1/trading/accounts/{account_id}/positions").json()


def test_a_position_is_shown_with_what_it_has_won(bench: Bench, account: str) -> None:
    put_in(bench, account, APPLE, BERKSHIRE)

    apple, berkshire = held(bench, account)

    wanted = {
        "symbol": "AAPL", "qty": "2.5", "qty_available": "2.5", "side": "long", "asset_class": "us_equity",
        "avg_entry_price": "100", "cost_basis": "250", "current_price": "120", "market_value": "300",
        "unrealized_pl": "50", "unrealized_plpc": "0.2", "lastday_price": "119", "unrealized_intraday_pl": "2.5",
        "unrealized_intraday_plpc": "0.008403", "change_today": "0.008403",
    }  # fmt: skip
    assert {name: apple[name] for name in wanted} == wanted
    assert (berkshire["unrealized_pl"], berkshire["change_today"]) == ("-9.75", "0")


@pytest.mark.skipif(not specification.FILE.exists(), reason=specification.ABSENT)
def test_positions_keep_to_the_specification(bench: Bench, account: str) -> None:
    put_in(bench, account, APPLE, BERKSHIRE)

    for path in ("", "/AAPL"):
        specification.hold_against_it(bench.broker("GET", f"v1/trading/accounts/{account}/positions{path}"))


def test_one_position_is_found_by_symbol_or_asset(bench: Bench, account: str) -> None:
    put_in(bench, account, APPLE)
    apple = held(bench, account)[0]
    path = f"v1/trading/accounts/{account}/positions"

    assert bench.broker("GET", f"{path}/AAPL").json() == apple
    assert bench.broker("GET", f"{path}/{apple['asset_id']}").json() == apple
    assert bench.broker("GET", f"{path}/MSFT").status_code == 404
    assert held(bench, bench.open_account()) == []


def test_the_trading_account_counts_what_is_held(bench: Bench, account: str) -> None:
    bench.control("balances", account_id=account, amount="10.50")
    bench.pass_time(2 * 86_400)
    put_in(bench, account, APPLE)
    at_once = bench.trading_account(account)
    bench.pass_time(86_400)

    shown = bench.trading_account(account)

    assert {shown[name] for name in ("equity", "portfolio_value")} == {"310.5"}
    assert {shown[name] for name in ("long_market_value", "position_market_value")} == {"300"}
    assert (shown["cash"], shown["cash_withdrawable"], shown["buying_power"]) == ("10.5", "10.5", "10.5")
    assert (at_once["last_equity"], at_once["last_long_market_value"]) == ("10.5", "0")
    assert (shown["last_equity"], shown["last_long_market_value"]) == ("308", "297.5")
    assert bench.broker("GET", f"v1/accounts/{account}").json()["last_equity"] == "308"


def test_history_counts_a_position_since_it_is_held(bench: Bench, account: str) -> None:
    bench.control("clock", now="2026-11-25T20:00:00Z")
    bench.control("balances", account_id=account, amount="500")
    put_in(bench, account, {**APPLE, "held_since": "2026-11-24T15:00:00Z"})
    bench.control("clock", now="2026-11-28T20:00:00Z")

    path, query = f"v1/trading/accounts/{account}/account/portfolio/history", {"period": "1W", "timeframe": "1D"}
    drawn = bench.broker("GET", path, params=query).json()

    assert drawn["equity"] == [0, 300, 800, 800]
    assert drawn["profit_loss"] == [0, 50, 50, 50]
    assert drawn["profit_loss_pct"] == [None] * 4


def test_an_account_that_holds_something_is_not_closed(bench: Bench, account: str) -> None:
    put_in(bench, account, APPLE)
    refused = bench.broker("POST", f"v1/accounts/{account}/actions/close")

    put_in(bench, account)

    assert (refused.status_code, refused.json()["message"]) == (422, "account must have no positions to be closed")
    assert bench.broker("POST", f"v1/accounts/{account}/actions/close").status_code == 204


def test_what_is_put_in_takes_the_place_of_what_was_held(bench: Bench, account: str) -> None:
    bench.control(f"accounts/{account}/positions", positions=[APPLE])

    put_in(bench, account, BERKSHIRE)

    assert [each["symbol"] for each in held(bench, account)] == ["BRK.B"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"qty": "0"}, "qty must be a decimal number greater than zero"),
        ({"qty": "-1"}, "qty must be a decimal number greater than zero"),
        ({"current_price": "1e3"}, "current_price must be a decimal number greater than zero"),
        ({"avg_entry_price": True}, "avg_entry_price must be a decimal number greater than zero"),
        ({"symbol": "aapl"}, "symbol must be in capital letters"),
        ({"symbol": "BRK.B"}, "a symbol can be held once"),
        ({"held_since": "2999-01-01"}, "held_since must not be in the future"),
        ({"held_since": "once"}, "held_since must be an ISO 8601 time"),
        ({"side": "short"}, "a position has symbol, qty, avg_entry_price, current_price, and may have"),
    ],
)
def test_a_position_that_cannot_be_changes_nothing(
    bench: Bench, account: str, change: dict[str, Any], message: str
) -> None:
    put_in(bench, account, APPLE)

    answer = put_in(bench, account, BERKSHIRE, {**APPLE, **change})

    assert answer.status_code == 400
    assert answer.json()["error"].startswith(message)
    assert [each["symbol"] for each in held(bench, account)] == ["AAPL"]


def test_a_seed_may_hold_something(bench: Bench) -> None:
    made = bench.control("seed", customers=[{"cash": "5.00", "positions": [APPLE, BERKSHIRE]}])["customers"][0]

    assert bench.trading_account(made["account_id"])["equity"] == "695.25"
