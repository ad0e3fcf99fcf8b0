"""ULIDs as the broker's event cursors use them: 48 bits of milliseconds, then 80 bits of chance, in Crockford base 32.

https://github.com/ulid/spec
"""

from datetime import UTC, datetime

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def first_at(at: datetime) -> str:
    """Return the smallest ULID of the millisecond `at` (aware)."""
    milliseconds = int(at.timestamp() * 1000)
    digits = [_DIGITS[(milliseconds >> shift) & 31] for shift in range(45, -1, -5)]
    return "".join(digits) + "0" * 16


def time_of(ulid: str) -> datetime:
    """Return the moment a ULID was made. Raises ValueError where it is none."""
    if len(ulid) != 26:
        raise ValueError("a ULID has 26 characters")
    milliseconds = 0
    for digit in ulid[:10].upper():
        milliseconds = milliseconds * 32 + _DIGITS.index(digit)
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
