"""Fetches what lies at a signed address, once and without any of our credentials.

Imported only from inside functions of broker_documents. The address itself opens the door, so it is told to nobody.
"""

import ipaddress
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, urlsplit

import requests
from django.conf import settings
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from brokerage.gateways.errors import (
    CONNECT_TIMEOUT,
    NotSent,
    OutcomeUnknown,
    VendorError,
    read_timeout,
    require_no_transaction,
)
from brokerage.gateways.measuring import BROKER, FETCH_DOCUMENT, measured
from brokerage.gateways.wire_client import MIB, PIECE, never_left

MAX_DOCUMENT_BYTES = 25 * MIB
_FAULTS = (requests.RequestException, HTTPError, OSError)
# Anything else in an address is read differently by different readers.
_PLAIN_ADDRESS = re.compile(r"[!#-;=?-\[\]_a-z~]+")


@contextmanager
def opened(address: str) -> Iterator[requests.Response]:
    """GET a signed address and hand the answer in, of which only the head has been read.

    Raises NotSent, OutcomeUnknown; where the address is none that we follow, nothing is asked.
    """
    require_no_transaction()
    _require_safe(address)
    with measured(BROKER, FETCH_DOCUMENT) as watch, _Nobody() as session, _answer(session, address) as response:
        _require_document(response)
        watch.stop()
        yield response


def _answer(session: requests.Session, address: str) -> requests.Response:
    try:
        return session.get(
            address,
            headers={"Accept-Encoding": "identity"},
            timeout=(CONNECT_TIMEOUT, read_timeout()),
            stream=True,
            allow_redirects=False,
        )
    except _FAULTS as fault:
        raise _classify(fault) from None


class _Nobody(requests.Session):
    """Asks without a name, and follows no redirect."""

    def __init__(self) -> None:
        super().__init__()
        self.auth = lambda request: request  # without it, a .netrc on the machine would be looked into

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Lead nowhere: though nothing is followed, an answer that leads on would be read to its end at once."""


def _require_document(response: requests.Response) -> None:
    if response.status_code != 200:
        status = response.status_code
        raise OutcomeUnknown(f"GET: where the document lies, {status} is answered", http_status=status)
    if (size_of(response) or 0) > MAX_DOCUMENT_BYTES:
        raise OutcomeUnknown("GET: the document is larger than 25 MiB", http_status=200)


def size_of(response: requests.Response) -> int | None:
    """Return how many bytes will come, where that is told."""
    told = response.headers.get("Content-Length", "")
    packed = response.headers.get("Content-Encoding", "identity") != "identity"
    return int(told) if re.fullmatch(r"[0-9]{1,18}", told) and not packed else None


def pieces(answer: BaseHTTPResponse, patience: int) -> Iterator[bytes]:
    """Yield the document as it comes. What counts is the time we wait for it, not the time its reader takes.

    Raises OutcomeUnknown where it breaks off, takes longer than `patience` seconds, or is larger than 25 MiB.
    """
    waited, size = 0.0, 0
    while True:
        since = time.monotonic()
        try:
            piece = answer.read1(PIECE, decode_content=True)
        except _FAULTS as fault:
            raise _classify(fault) from None
        waited, size = waited + time.monotonic() - since, size + len(piece)
        if not piece:
            return
        if size > MAX_DOCUMENT_BYTES:
            raise OutcomeUnknown("GET: the document is larger than 25 MiB", http_status=200)
        if waited > CONNECT_TIMEOUT + patience:
            raise OutcomeUnknown("GET: the document took too long", http_status=200)
        yield piece


def _classify(fault: Exception) -> VendorError:
    kind = NotSent if never_left(fault) else OutcomeUnknown
    return kind(f"GET: {type(fault).__name__}")


# --- Which addresses we follow ----------------------------------------------------------------------------------------


def _require_safe(address: str) -> None:
    """Raise OutcomeUnknown for an address that is not of the open internet, or not encrypted.

    The local sandbox speaks plain HTTP from this machine, and its addresses lead back to itself.
    """
    try:
        parts, home = urlsplit(address), urlsplit(settings.BROKER_BASE_URL)
        is_plain = _PLAIN_ADDRESS.fullmatch(address) and parts.hostname and not set(parts.netloc) & set("@%")
        is_sandbox = home.scheme == parts.scheme == "http" and parts.netloc == home.netloc
        is_safe = is_plain and (is_sandbox or (parts.scheme == "https" and _is_public(parts)))
    except ValueError:  # a port that is no number, say
        is_safe = False
    if not is_safe:
        raise OutcomeUnknown("GET: the document lies at an address that we do not follow")


def _is_public(parts: SplitResult) -> bool:
    """Say whether a host is outside of our own network, as far as its name tells us."""
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError:  # no such name here: a proxy may know it, and without one nothing will be reached
        return True
    return all(ipaddress.ip_address(str(place[4][0]).partition("%")[0]).is_global for place in found)
