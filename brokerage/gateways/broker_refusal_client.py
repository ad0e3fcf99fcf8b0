"""What an answer of the broker's means that is no yes.

Imported by broker_client only; knows requests, and what the broker writes into an error.
"""

import json
from typing import Any

import requests

from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused
from brokerage.gateways.wire_client import read_capped, seconds_to_wait

# The broker's own refusals carry {"code": …, "message": …}; the same status without it may come from any box between.
REFUSALS = {400, 401, 403, 404, 405, 422}
# Python's reader refuses numbers of thousands of digits and brackets nested thousands deep in ways of its own.
NO_JSON = (ValueError, RecursionError)


def require_success(response: requests.Response, method: str, deadline: float) -> None:
    """Return for a 2xx answer; read any other one, and raise what it means."""
    status = response.status_code
    if 200 <= status < 300:
        return
    code, reason = _error_body(read_capped(response.raw, deadline=deadline, what=method))
    facts: dict[str, Any] = {"reason": reason, "code": code, "http_status": status}
    if status == 429:
        raise NotSent(f"{method}: slow down", retry_after=seconds_to_wait(response.headers), **facts)
    if code and (status in REFUSALS or (status == 410 and method == "GET")):  # 410: an address that was retired
        raise Refused(f"{method}: refused with {status}", **facts)
    raise OutcomeUnknown(f"{method}: answered {status}", **facts)


def _error_body(body: bytes) -> tuple[str, str]:
    """Return the broker's (code, message), or two empty strings where the body is not the broker's."""
    try:
        error = json.loads(body)
    except NO_JSON:
        return "", ""
    if not isinstance(error, dict) or "code" not in error:
        return "", ""
    return str(error["code"]), str(error.get("message", ""))[:500]
