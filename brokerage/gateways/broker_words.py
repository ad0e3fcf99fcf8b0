"""How the fields of the Broker API's answers are read: leniently, since an odd field undoes nothing that was done.

Called by the gateways of the broker and by broker_answers. Only an answer that is no answer at all raises.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

from brokerage import money
from brokerage.gateways.errors import OutcomeUnknown

# A share is split into at most nine places, and a number of 15 digits before the point is no number of shares.
NANO = Decimal("0.000000001")
TOO_MANY = Decimal(10) ** 15


def one(answer: Any) -> dict[str, Any]:
    """Return the one object of an answer; without an id we cannot tell what happened."""
    if not isinstance(answer, dict) or not answer.get("id"):
        raise OutcomeUnknown("the answer names no id", http_status=200)
    return answer


def rows(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, list):
        raise OutcomeUnknown("GET: the answer is no list", http_status=200)
    return [row for row in answer if isinstance(row, dict)]


def text(row: dict[str, Any], key: str) -> str:
    """Return a word or a sentence of the broker's, without NULs and halves of characters, which a database refuses."""
    value = row.get(key)
    return value.replace("\x00", "").encode(errors="replace").decode() if isinstance(value, str) else ""


def word(row: dict[str, Any], key: str) -> str:
    """Return one of the broker's words in upper case, as long as a column holds; no word of theirs is half as long."""
    return text(row, key).upper()[:40]


def time(value: object) -> datetime | None:
    """Return an RFC 3339 time; the broker sends up to nine digits of a second, Python keeps six."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else None


def day(value: object) -> date | None:
    """Return a date from YYYY-MM-DD, or from a time that begins with it."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def part(row: dict[str, Any], key: str) -> dict[str, Any]:
    """Return an object within an answer; an empty one where it is missing or something else."""
    return row[key] if isinstance(row.get(key), dict) else {}


def dollars(row: dict[str, Any], key: str) -> Decimal | None:
    """Return an amount, or None where there is none."""
    try:
        return money.from_vendor(row.get(key))
    except ValueError:
        return None


def lines(row: dict[str, Any], key: str) -> tuple[str, ...]:
    """Return the lines of a street address, which the broker sends as a list, and its SDK as one string."""
    value = row.get(key)
    found = [text({key: line}, key) for line in (value if isinstance(value, list) else [value])]
    return tuple(line for line in found if line)


def told(row: dict[str, Any], names: Iterable[str]) -> dict[str, bool]:
    """Return the flags among these names that an answer tells."""
    return {str(name)[:64]: row[name] for name in names if isinstance(row.get(name), bool)}


def number(row: dict[str, Any], key: str) -> Decimal | None:
    """Return a number of shares or a price of one, cut to nine places, or None where there is none."""
    try:
        value = Decimal(str(row.get(key)))
        return value.quantize(NANO, rounding=ROUND_DOWN).normalize() + 0 if abs(value) < TOO_MANY else None
    except InvalidOperation:  # not-a-number cannot be compared either
        return None
