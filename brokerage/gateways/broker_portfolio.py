"""The Broker API: what an account is invested in, and what it was worth day by day.

Called by operations; calls alpaca-py through broker_client. Raises NotSent, Refused or OutcomeUnknown. Amounts are
Decimal US dollars; times are UTC.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from brokerage import money
from brokerage.gateways import broker_calls as calls
from brokerage.gateways import broker_words as words
from brokerage.gateways.errors import OutcomeUnknown


@dataclass(frozen=True)
class PositionAnswer:
    """What an account holds of one asset; below zero where it is owed. What is not told is None, or empty."""

    symbol: str
    asset_class: str
    quantity: Decimal  # of shares, up to nine places
    market_value: Decimal | None
    cost_basis: Decimal | None
    unrealized: Decimal | None  # gained since it was bought, below zero where lost
    price: Decimal | None  # of one share, in dollars, up to nine places


@calls.reading("positions")
def list_positions(account_id: str) -> list[PositionAnswer]:
    """Return what an account is invested in, as the broker lists it.

    Complete, or an error: OutcomeUnknown where the broker does not say how much of something there is.
    """
    rows = words.rows(calls.client().read(f"/trading/accounts/{account_id}/positions"))
    return [_position(row) for row in calls.only_of_account(account_id, rows) if _name(row)]


def _name(row: dict[str, Any]) -> str:
    return (words.text(row, "symbol") or words.text(row, "asset_id"))[:60]


def _position(row: dict[str, Any]) -> PositionAnswer:
    quantity = words.number(row, "qty")
    if quantity is None:
        raise OutcomeUnknown("GET: the broker did not say how much there is of a position", http_status=200)
    return PositionAnswer(
        symbol=_name(row),
        asset_class=words.text(row, "asset_class")[:40],
        quantity=quantity,
        market_value=words.dollars(row, "market_value"),
        cost_basis=words.dollars(row, "cost_basis"),
        unrealized=words.dollars(row, "unrealized_pl"),
        price=words.number(row, "current_price"),
    )


@calls.reading("value history")
def value_history(account_id: str, *, period: str = "1M") -> list[tuple[datetime, Decimal]]:
    """Return what an account was worth on each trading day of a period, oldest first.

    `period` is a number with D, W, M or A (years). A day without a value is left out. Raises OutcomeUnknown where
    times and values do not match.
    https://docs.alpaca.markets/reference/getaccountportfoliohistory-1
    """
    query = {"period": period, "timeframe": "1D"}
    answer = calls.client().read(f"/trading/accounts/{account_id}/account/portfolio/history", query)
    told = answer if isinstance(answer, dict) else {}
    times, values = told.get("timestamp"), told.get("equity")
    if not isinstance(times, list) or not isinstance(values, list) or len(times) != len(values):
        raise OutcomeUnknown("GET: the answer is no history", http_status=200)
    return sorted(point for time, value in zip(times, values, strict=True) if (point := _point(time, value)))


def _point(time: object, value: object) -> tuple[datetime, Decimal] | None:
    """Return a time and an amount, which come as JSON numbers; Python writes their digits as they were."""
    try:
        return datetime.fromtimestamp(int(str(time)), UTC), money.from_vendor(value)
    except (ValueError, OverflowError, OSError):
        return None
