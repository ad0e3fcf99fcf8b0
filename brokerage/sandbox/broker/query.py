"""Parameters of a query: days, times and counts, each refusing with the parameter's name."""

import re
from datetime import date

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker.refusal import bad_parameter
from brokerage.sandbox.clock import banking_day, parse_moment
from brokerage.sandbox.wire import Request

DAY = 86_400
# What the sandbox can date: the epoch to the year 9000.
EARLIEST, LATEST = 0.0, 221_845_392_000.0


def is_day(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) is not None


def day(name: str, text: str) -> date:
    """Raises Refusal (400) for anything but YYYY-MM-DD."""
    try:
        return date.fromisoformat(text if is_day(text) else "")
    except ValueError:
        raise bad_parameter(f"{name} must be formatted as YYYY-MM-DD") from None


def today(books: Books) -> date:
    """The day it is in New York."""
    return date.fromisoformat(banking_day(books.now()))


def moment(name: str, text: str) -> float:
    """A day, which begins in UTC, or an RFC 3339 time. Raises Refusal (400)."""
    try:
        seconds = parse_moment(text)
    except (ValueError, OverflowError):
        raise bad_parameter(f"{name} is not a valid date or time") from None
    return min(max(seconds, EARLIEST), LATEST)


def count(request: Request, name: str, default: int) -> int:
    """Raises Refusal (400) unless the parameter is a whole number of at most twelve digits."""
    text = request.first(name) or str(default)
    if not re.fullmatch(r"\d{1,12}", text, re.ASCII):
        raise bad_parameter(f"{name} is invalid")
    return int(text)


def choice(request: Request, name: str, allowed: tuple[str, ...], default: str = "") -> str:
    """Raises Refusal (400) unless the parameter is absent or among those allowed."""
    value = request.first(name) or default
    if value and value not in allowed:
        raise bad_parameter(f"{name} must be one of {', '.join(allowed)}")
    return value
