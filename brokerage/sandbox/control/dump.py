"""Every row of every table, for whoever checks the books; what opens a door or names a person is not shown."""

import re
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.wire import Request

SECRET = re.compile(
    r"token|secret|private|bank_number|bank_routing|document|details|request|result|username|email|phone"
)
HIDDEN = "hidden"


def dump(books: Books, request: Request, fields: dict[str, Any]) -> dict[str, Any]:
    tables = [row["name"] for row in books.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {table: [_shown(row) for row in books.all(f"SELECT * FROM {table} ORDER BY rowid")] for table in tables}


def _shown(row: Any) -> dict[str, Any]:
    return {name: HIDDEN if row[name] and SECRET.search(name) else row[name] for name in row.keys()}  # noqa: SIM118
