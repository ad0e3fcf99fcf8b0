"""What control is told, read: which row is meant, which moment, how much money."""

from decimal import Decimal, InvalidOperation
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import parse_moment
from brokerage.sandbox.control.gate import BadControl

Fields = dict[str, Any]


def known(books: Books, table: str, entity_id: str) -> Any:
    """One row. Raises KeyError."""
    row = books.one(f"SELECT * FROM {table} WHERE id = ?", entity_id)
    if row is None:
        raise KeyError(entity_id)
    return row


def moment(name: str, text: Any) -> float:
    """Seconds since the epoch. Raises BadControl."""
    try:
        return parse_moment(str(text))
    except ValueError:
        raise BadControl(f"{name} must be an ISO 8601 time") from None


def cents(amount: Any) -> int:
    """Raises BadControl."""
    try:
        return int(Decimal(str(amount)) * 100)
    except (InvalidOperation, ValueError, OverflowError):
        raise BadControl("amount must be a decimal number of dollars") from None


def kyc_results(given: Any) -> Fields | None:
    """What a check found, codes as the keys of its three parts. Raises BadControl."""
    if given is None:
        return None
    parts = [given.get(part) for part in ("accept", "indeterminate", "reject")] if isinstance(given, dict) else [0]
    if not all(part is None or isinstance(part, dict) for part in parts):
        raise BadControl("kyc_results must have objects in accept, indeterminate and reject")
    found: Fields = given
    return found
