"""What the broker draws up about an account, told from the books when it is asked for.

An application, on the day of opening · a statement, on the last day of each month that is over · a tax form, on the
last day of each year that is over · a confirmation, on each day since which something is held. Shown by `statements`.
"""

import sqlite3
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import holdings, ledger, query
from brokerage.sandbox.clock import NEW_YORK, parse_moment

Paper = dict[str, str]
TAX_FORM = "1099-Comp"


def drawn_up(books: Books, row: sqlite3.Row) -> list[Paper]:
    """Each document that is out by now, oldest first."""
    withheld = books.setting("documents_withheld")
    out = query.today(books) - timedelta(days=int(books.setting("documents_delay_days")))
    papers = sorted((day, kind) for kind, day in _due(books, row) if day <= out and kind not in withheld)
    return [_named(row["id"], kind, day) for day, kind in papers]


def _due(books: Books, row: sqlite3.Row) -> Iterator[tuple[str, date]]:
    opened_on, today = _day(parse_moment(row["created_at"])), query.today(books)
    yield "account_application", opened_on
    for month in _ends_of_months(opened_on, today):
        yield "account_statement", month
    for year in range(opened_on.year, today.year):
        yield "tax_statement", date(year, 12, 31)
    for day in {_day(each.held_since) for each in holdings.of(books, row["id"])}:
        yield "trade_confirmation", day


def _day(moment: float) -> date:
    return datetime.fromtimestamp(moment, NEW_YORK).date()


def _named(account_id: str, kind: str, day: date) -> Paper:
    name = f"{kind}_{day.isoformat()}"
    return {
        "id": str(uuid.uuid5(uuid.UUID(account_id), name)),
        "name": f"{name}.pdf",
        "type": kind,
        "sub_type": TAX_FORM if kind == "tax_statement" else "",
        "date": day.isoformat(),
    }


def _ends_of_months(start: date, today: date) -> Iterator[date]:
    first = date(start.year, start.month, 1)
    while (following := (first + timedelta(days=32)).replace(day=1)) <= today:
        yield following - timedelta(days=1)
        first = following


def lines(books: Books, row: sqlite3.Row, document_id: str) -> dict[str, Any]:
    """What a document says; one that was not drawn up here was sent in."""
    papers = {each["id"]: each for each in drawn_up(books, row)}
    paper = papers.get(document_id, {"type": "w8ben", "date": row["updated_at"][:10]})
    said = {
        "document": paper["type"],
        "date": paper["date"],
        "account_number": row["account_number"],
        "name": f"{row['given_name']} {row['family_name']}",
    }
    return said | CONTENTS.get(paper["type"], _nothing_more)(books, row, date.fromisoformat(paper["date"]))


def _statement(books: Books, row: sqlite3.Row, day: date) -> dict[str, str]:
    """What was there when the day was over in New York."""
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), NEW_YORK).timestamp()
    held = (each for each in holdings.of(books, row["id"]) if each.held_since < end)
    positions = {f"position {each.symbol}": f"{each.qty} worth {each.market_value}" for each in held}
    return {"cash": ledger.dollars_and_cents(ledger.cash(books, row["id"], before=end)), **positions}


def _tax_form(books: Books, row: sqlite3.Row, day: date) -> dict[str, str]:
    """Nothing is sold and nothing bears interest, so there is nothing to tax."""
    return {"form": TAX_FORM, "tax_year": str(day.year), "proceeds": "0.00", "dividends": "0.00", "interest": "0.00"}


def _confirmation(books: Books, row: sqlite3.Row, day: date) -> dict[str, str]:
    bought = (each for each in holdings.of(books, row["id"]) if _day(each.held_since) == day)
    return {f"bought {each.symbol}": f"{each.qty} at {each.avg_entry_price}" for each in bought}


def _nothing_more(books: Books, row: sqlite3.Row, day: date) -> dict[str, str]:
    return {}


CONTENTS = {
    "account_statement": _statement,
    "tax_statement": _tax_form,
    "trade_confirmation": _confirmation,
}
