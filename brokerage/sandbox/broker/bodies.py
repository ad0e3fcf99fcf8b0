"""Bodies of requests: JSON as the standard has it, or a refusal. Whatever arrives, nothing else may come of it."""

import json
from typing import Any

from brokerage.sandbox.broker.refusal import Refusal
from brokerage.sandbox.wire import Request

# Half of a pair that is one character only as a whole: JSON can say it, and nothing can write it down. It cannot be
# there without one of these, and a hundred megabytes of documents are not written down for nothing.
HALVED = (b"\\u", b"\xed", b"\x00")


def read(request: Request) -> Any:
    """Raises Refusal (400) for what is no JSON, or cannot be written down again."""
    try:
        value = json.loads(request.body, parse_constant=_no_number)
        if any(mark in request.body for mark in HALVED):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise malformed() from None
    return value


def read_object(request: Request) -> dict[str, Any]:
    """Raises Refusal (400)."""
    value = read(request)
    if not isinstance(value, dict):
        raise malformed()
    return value


def malformed() -> Refusal:
    return Refusal(400, "request body format is invalid")


def _no_number(word: str) -> None:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(word)
