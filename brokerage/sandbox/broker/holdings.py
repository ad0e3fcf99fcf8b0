"""What an account holds besides cash. Nothing is traded here: control puts positions in, and they stay as they are.

    control (`positions`) → this → GET …/positions, the trading account's values, the portfolio's history

A position counts from the moment it was put in, or from an earlier one that control names.
"""

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts
from brokerage.sandbox.broker.refusal import Refusal
from brokerage.sandbox.clock import iso, parse_moment
from brokerage.sandbox.wire import Answer, Request, as_json

RATIO = Decimal("0.000001")


@dataclass(frozen=True)
class Holding:
    """Shares of one symbol, and what one of them cost, costs and cost at the last close, in dollars."""

    symbol: str
    qty: Decimal
    avg_entry_price: Decimal
    current_price: Decimal
    lastday_price: Decimal
    held_since: float

    @property
    def market_value(self) -> Decimal:
        return self.qty * self.current_price

    @property
    def lastday_value(self) -> Decimal:
        return self.qty * self.lastday_price

    @property
    def cost_basis(self) -> Decimal:
        return self.qty * self.avg_entry_price

    @property
    def gain(self) -> Decimal:
        return self.market_value - self.cost_basis


def of(books: Books, account_id: str) -> list[Holding]:
    rows = books.all("SELECT * FROM positions WHERE account_id = ? ORDER BY symbol", account_id)
    return [
        Holding(
            row["symbol"], Decimal(row["qty"]), Decimal(row["avg_entry_price"]), Decimal(row["current_price"]),
            Decimal(row["lastday_price"]), parse_moment(row["held_since"]),
        )
        for row in rows
    ]  # fmt: skip


def keep(books: Books, account_id: str, held: list[Holding]) -> None:
    """Let an account hold these, and nothing else."""
    books.write("DELETE FROM positions WHERE account_id = ?", account_id)
    for each in held:
        books.insert(
            "positions", account_id=account_id, symbol=each.symbol, qty=plain(each.qty),
            avg_entry_price=plain(each.avg_entry_price), current_price=plain(each.current_price),
            lastday_price=plain(each.lastday_price), held_since=iso(each.held_since),
        )  # fmt: skip


def value(books: Books, account_id: str) -> Decimal:
    """Dollars that all of it is worth now."""
    return sum((each.market_value for each in of(books, account_id)), Decimal())


def lastday_value(books: Books, account_id: str, *, before: float) -> Decimal:
    """Dollars that what was held before a moment was worth at the last close."""
    held = (each for each in of(books, account_id) if each.held_since < before)
    return sum((each.lastday_value for each in held), Decimal())


def plain(number: Decimal) -> str:
    """Decimal text without an exponent or zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def index(books: Books, request: Request) -> Answer:
    row = accounts.fetch(books, request.params["account_id"])
    return as_json([shown(each) for each in of(books, row["id"])])


def read(books: Books, request: Request) -> Answer:
    """One position, by its symbol or the id of its asset."""
    row, wanted = accounts.fetch(books, request.params["account_id"]), request.params["symbol_or_asset_id"]
    for each in of(books, row["id"]):
        if wanted in (each.symbol, asset_id(each.symbol)):
            return as_json(shown(each))
    raise Refusal(404, "position does not exist")


def asset_id(symbol: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"us_equity {symbol}"))


def shown(held: Holding) -> dict[str, Any]:
    today = held.market_value - held.lastday_value
    return {
        "asset_id": asset_id(held.symbol),
        "symbol": held.symbol,
        "exchange": "NASDAQ",
        "asset_class": "us_equity",
        "asset_marginable": True,
        "qty": plain(held.qty),
        "qty_available": plain(held.qty),
        "side": "long",
        "avg_entry_price": plain(held.avg_entry_price),
        "cost_basis": plain(held.cost_basis),
        "market_value": plain(held.market_value),
        "unrealized_pl": plain(held.gain),
        "unrealized_plpc": _ratio(held.gain, held.cost_basis),
        "unrealized_intraday_pl": plain(today),
        "unrealized_intraday_plpc": _ratio(today, held.lastday_value),
        "current_price": plain(held.current_price),
        "lastday_price": plain(held.lastday_price),
        "change_today": _ratio(held.current_price - held.lastday_price, held.lastday_price),
    }


def _ratio(part: Decimal, whole: Decimal) -> str:
    return plain((part / whole).quantize(RATIO))


def any_held(books: Books, account_id: str) -> bool:
    return books.one("SELECT 1 FROM positions WHERE account_id = ?", account_id) is not None
