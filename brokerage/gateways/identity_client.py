"""One request to the sign-in provider, read as a JSON object with a deadline and a limit.

Imported only from inside functions of gateways.identity. No redirect is followed: it would carry codes, tokens or our
secret to somewhere else. What comes back never travels in a message.
"""

import json
import re
from typing import Any
from urllib.parse import quote

import requests
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import HTTPError

from brokerage.gateways.errors import (
    CONNECT_TIMEOUT,
    NotSent,
    OutcomeUnknown,
    Refused,
    VendorError,
    read_timeout,
    require_no_transaction,
)
from brokerage.gateways.measuring import IDENTITY, measured
from brokerage.gateways.wire_client import give_up_at, never_left, read_capped

_FAULTS = (requests.RequestException, HTTPError, OSError, ValueError)  # the last: an address that is none
_CODE = re.compile(r"[a-z_]{1,60}")


class _Bearer(requests.auth.AuthBase):
    """Shows a token; with "" nothing at all, not even what a .netrc on the machine has."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def ask(
    method: str,
    address: str,
    *,
    what: str,
    form: dict[str, str] | None = None,
    client: tuple[str, str] | None = None,
    token: str = "",
) -> dict[str, Any]:
    """Ask once, in nobody's name, as a client or by a token. Raises NotSent, Refused, OutcomeUnknown."""
    require_no_transaction()
    # https://datatracker.ietf.org/doc/html/rfc6749#section-2.3.1: both are encoded as in a form
    auth = HTTPBasicAuth(*(quote(each, safe="") for each in client)) if client else _Bearer(token)
    with measured(IDENTITY, what):
        try:
            return _asked(method, address, what=what, form=form, auth=auth)
        except _FAULTS as fault:
            raise _classify(fault, what) from None


def _asked(method: str, address: str, *, what: str, form: dict[str, str] | None, auth: Any) -> dict[str, Any]:
    deadline = give_up_at()
    with requests.Session() as session:
        response = session.request(
            method,
            address,
            data=form,
            auth=auth,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=(CONNECT_TIMEOUT, read_timeout()),
            stream=True,
            allow_redirects=False,
        )
        body = read_capped(response.raw, deadline=deadline, what=what)
    return _read(body, response.status_code, what)


def _read(body: bytes, status: int, what: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    said = found if isinstance(found, dict) else {}
    if status == 200 and said:
        return said
    code = str(said.get("error", ""))
    code = code if _CODE.fullmatch(code) else ""
    if status == 429:
        raise NotSent(f"{what}: too many requests", http_status=status)
    if 400 <= status < 500:
        raise Refused(f"{what}: {status} {code}".rstrip(), code=code, http_status=status)
    raise OutcomeUnknown(f"{what}: an answer that we cannot use ({status})", http_status=status)


def _classify(fault: Exception, what: str) -> VendorError:
    kind = NotSent if never_left(fault) else OutcomeUnknown
    return kind(f"{what}: {type(fault).__name__}")
