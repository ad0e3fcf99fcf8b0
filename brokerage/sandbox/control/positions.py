"""Control over what an account holds: the positions given are put in, and whatever it held before is gone."""

import re
from decimal import Decimal
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import holdings
from brokerage.sandbox.broker.holdings import Holding
from brokerage.sandbox.control.gate import BadControl
from brokerage.sandbox.control.reading import Fields, known, moment
from brokerage.sandbox.wire import Request

REQUIRED = ("symbol", "qty", "avg_entry_price", "current_price")
OPTIONAL = ("lastday_price", "held_since")
NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")


def replace(books: Books, request: Request, fields: Fields) -> list[Fields]:
    """`[{"symbol": "AAPL", "qty": "2.5", …}]`, bare or as `positions`; an empty list sells everything for nothing."""
    row = known(books, "accounts", request.params["account_id"])
    put_in(books, row["id"], fields.get("rows", fields.get("positions")))
    return [holdings.shown(each) for each in holdings.of(books, row["id"])]


def put_in(books: Books, account_id: str, wanted: Any) -> None:
    """Raises BadControl, and then nothing is changed."""
    if not isinstance(wanted, list):
        raise BadControl("positions must be a list")
    held = [_holding(each, now=books.now()) for each in wanted]
    if len({each.symbol for each in held}) < len(held):
        raise BadControl("a symbol can be held once")
    holdings.keep(books, account_id, held)


def _holding(wanted: Any, *, now: float) -> Holding:
    if not isinstance(wanted, dict) or not set(REQUIRED) <= wanted.keys() <= {*REQUIRED, *OPTIONAL}:
        raise BadControl(f"a position has {', '.join(REQUIRED)}, and may have {' and '.join(OPTIONAL)}")
    symbol = wanted["symbol"]
    if not isinstance(symbol, str) or not re.fullmatch(r"[A-Z][A-Z0-9.]{0,9}", symbol):
        raise BadControl("symbol must be in capital letters")
    held_since = moment("held_since", wanted["held_since"]) if "held_since" in wanted else now
    if held_since > now:
        raise BadControl("held_since must not be in the future")
    prices = {name: _number(name, wanted[name]) for name in ("qty", "avg_entry_price", "current_price")}
    lastday_price = _number("lastday_price", wanted.get("lastday_price", wanted["current_price"]))
    return Holding(symbol=symbol, lastday_price=lastday_price, held_since=held_since, **prices)


def _number(name: str, value: Any) -> Decimal:
    written = NUMBER.fullmatch(str(value)) if isinstance(value, str | int | float) else None
    if written is None or isinstance(value, bool) or not Decimal(written[0]):
        raise BadControl(f"{name} must be a decimal number greater than zero")
    return Decimal(written[0])
