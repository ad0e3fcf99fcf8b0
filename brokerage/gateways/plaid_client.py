"""plaid-python's PlaidApi, tamed: one request per call, with a deadline, read as plain JSON.

Imported only from inside functions of gateways.plaid, since the SDK is large. As it comes, it has no time-out, raises
on an answer that lacks a key it wants, and puts headers and bodies into its exceptions' text.
"""

import json
import ssl
from typing import Any

import urllib3
from django.conf import settings
from plaid.api.plaid_api import PlaidApi
from plaid.api_client import ApiClient
from plaid.configuration import Configuration
from plaid.exceptions import ApiException, OpenApiException

from brokerage.gateways.errors import (
    CONNECT_TIMEOUT,
    MAX_ANSWER_BYTES,
    NotSent,
    OutcomeUnknown,
    Refused,
    read_timeout,
    require_no_transaction,
)

_BEFORE_SENDING = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.NameResolutionError,
)


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
        configuration.retries = urllib3.Retry(0, redirect=0, raise_on_redirect=False)
        self._api = PlaidApi(ApiClient(configuration))

    def ask(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        """Call one of PlaidApi's methods with a plain dict and return the answer's JSON.

        Raises NotSent, Refused (code is Plaid's error_code, reason its display_message), OutcomeUnknown.
        """
        require_no_transaction()
        try:
            call = getattr(self._api, method)
            answer = call(body, _preload_content=False, _request_timeout=(CONNECT_TIMEOUT, read_timeout()))
            return _read(answer, method)
        except ApiException as refusal:
            raise _classify_answer(refusal, method) from None
        except urllib3.exceptions.HTTPError as fault:
            raise _classify_fault(fault, method) from None
        except (OpenApiException, AttributeError, TypeError, UnicodeDecodeError):
            raise OutcomeUnknown(f"{method}: the answer made no sense") from None


def _read(answer: urllib3.HTTPResponse, method: str) -> dict[str, Any]:
    """Return the JSON object of a 2xx answer of at most 1 MiB."""
    body = answer.read(MAX_ANSWER_BYTES + 1)
    answer.release_conn()
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if len(body) > MAX_ANSWER_BYTES or not isinstance(found, dict):
        raise OutcomeUnknown(f"{method}: the answer is no JSON object", http_status=answer.status)
    return found


def _classify_answer(refusal: ApiException, method: str) -> NotSent | Refused | OutcomeUnknown:
    """Tell Plaid's own refusal from its trouble. https://plaid.com/docs/errors/"""
    try:
        error = json.loads(refusal.body or "")
    except ValueError:
        error = {}
    facts: dict[str, Any] = {
        "code": str(error.get("error_code") or ""),
        "reason": str(error.get("display_message") or ""),
        "http_status": refusal.status,
    }
    if refusal.status == 429:
        return NotSent(f"{method}: Plaid asks us to slow down", **facts)
    if facts["code"] and refusal.status and 400 <= refusal.status < 500:
        return Refused(f"{method}: refused with {facts['code']}", **facts)
    return OutcomeUnknown(f"{method}: answered {refusal.status}", **facts)


def _classify_fault(fault: Exception, method: str) -> NotSent | OutcomeUnknown:
    """Tell a request that never left from one whose answer never came."""
    reason = getattr(fault, "reason", None) or fault
    untrusted = any(isinstance(each, ssl.SSLCertVerificationError) for each in getattr(reason, "args", ()))
    kind = NotSent if untrusted or isinstance(reason, _BEFORE_SENDING) else OutcomeUnknown
    return kind(f"{method}: {type(reason).__name__}")
