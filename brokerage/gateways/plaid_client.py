"""plaid-python's PlaidApi, tamed: one request per call, with a deadline, read as plain JSON.

Imported only from inside functions of gateways.plaid, since the SDK is large. As it comes, it has no time-out, raises
on an answer that lacks a key it wants, and puts headers and bodies into its exceptions' text.
"""

import json
import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from plaid.api.plaid_api import PlaidApi
from plaid.api_client import ApiClient
from plaid.configuration import Configuration
from plaid.exceptions import OpenApiException

from brokerage.gateways.errors import (
    CONNECT_TIMEOUT,
    NotSent,
    OutcomeUnknown,
    Refused,
    VendorError,
    read_timeout,
    require_no_transaction,
)
from brokerage.gateways.measuring import PLAID, measured
from brokerage.gateways.wire_client import give_up_at, never_left, read_capped

log = logging.getLogger(__name__)

# The SDK turns trouble with TLS into an exception of its own, and then stumbles over its empty body.
_FAULTS = (urllib3.exceptions.HTTPError, OpenApiException, AttributeError)


class TamedPlaid:
    """One per process and credentials; safe for threads. See `plaid.client`."""

    def __init__(self) -> None:
        configuration = Configuration(
            host=settings.PLAID_BASE_URL,
            api_key={
                "clientId": settings.PLAID_CLIENT_ID,
                "secret": settings.PLAID_SECRET,
                "plaidVersion": "2020-09-14",
            },
        )
        configuration.retries = False
        sdk = ApiClient(configuration)
        self._wire = sdk.rest_client.pool_manager = _Wire(sdk.rest_client.pool_manager)
        self._api = PlaidApi(sdk)

    def ask_once(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        """As `ask`, for what can't be asked twice: on a new connection, since an old one may be dead."""
        self._wire.start_afresh()
        return self.ask(method, body)

    def ask(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        """Call one of PlaidApi's methods with a plain dict and return the answer's JSON.

        Plaid takes amounts as JSON numbers: a Decimal with two places is written with the digits it has.
        Raises NotSent, Refused (code is Plaid's error_code, reason its display_message), OutcomeUnknown.
        """
        require_no_transaction()
        with measured(PLAID, method):
            return self._answer(method, body)

    def _answer(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            call = getattr(self._api, method)
            answer = call(
                _with_numbers(body), _preload_content=False, _request_timeout=(CONNECT_TIMEOUT, read_timeout())
            )
        except _FAULTS as fault:
            kind = NotSent if never_left(fault) else OutcomeUnknown
            raise kind(f"{method}: {type(fault).__name__}") from None
        found = _json_object(answer.body)
        if found is None:
            raise OutcomeUnknown(f"{method}: the answer is no JSON object", http_status=answer.status)
        log.info("Plaid %s: request %s", method, str(found.get("request_id") or "")[:80])
        return found


def _with_numbers(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body that JSON can write. A float lives only here, and is written with its cents as given."""
    return {key: float(value) if isinstance(value, Decimal) else value for key, value in body.items()}


@dataclass(frozen=True)
class _Answer:
    """A 2xx answer, as the SDK hands it on."""

    status: int
    body: bytes


class _Wire:
    """Stands where the SDK keeps its connections: it would read an answer without end, and follow it anywhere."""

    def __init__(self, pool: urllib3.PoolManager) -> None:
        self._pool = pool

    def start_afresh(self) -> None:
        """Close the connections that wait for another request."""
        self._pool.clear()

    def request(self, method: str, url: str, **options: Any) -> _Answer:
        what, deadline = urlsplit(url).path, give_up_at()
        answer = self._pool.request(method, url, redirect=False, **options)
        body = read_capped(answer, deadline=deadline, what=what)
        answer.release_conn()
        if not 200 <= answer.status < 300:
            raise _classify_answer(answer.status, body, what)
        return _Answer(answer.status, body)


def _classify_answer(status: int, body: bytes, what: str) -> VendorError:
    """Tell Plaid's own refusal from its trouble. https://plaid.com/docs/errors/"""
    error = _json_object(body) or {}
    code = str(error.get("error_code") or "")
    facts: dict[str, Any] = {
        "code": code,
        "reason": str(error.get("display_message") or "")[:500],
        "http_status": status,
        "request_id": str(error.get("request_id") or "")[:80],
    }
    log.info("Plaid %s: %s %s, request %s", what, status, code, facts["request_id"])
    if status == 429:
        return NotSent(f"{what}: Plaid asks us to slow down", **facts)
    if code and 400 <= status < 500:
        return Refused(f"{what}: refused with {code}", **facts)
    return OutcomeUnknown(f"{what}: answered {status}", **facts)


def _json_object(body: bytes) -> dict[str, Any] | None:
    """Return the object that a body holds, or None where it holds anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
