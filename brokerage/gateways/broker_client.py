"""alpaca-py's BrokerClient, tamed: one request per call, with a deadline, and three kinds of failure.

Imported only from inside functions of broker_calls: it pulls in the SDK, which costs half a second and 80 MiB.
As it comes, the SDK waits for ever, sends a POST up to four times on 429 and 504, and knows HTTP Basic only.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import requests
from alpaca.broker.client import BrokerClient
from django.conf import settings
from urllib3.exceptions import HTTPError

from brokerage.gateways import broker_budget
from brokerage.gateways.broker_refusal_client import NO_JSON, require_success
from brokerage.gateways.errors import (
    CONNECT_TIMEOUT,
    MAX_ANSWER_BYTES,
    NotSent,
    OutcomeUnknown,
    Refused,
    VendorError,
    read_timeout,
    require_no_transaction,
)
from brokerage.gateways.measuring import BROKER, FETCH_TOKEN, measured, operation
from brokerage.gateways.wire_client import (
    Opened,
    clock_ahead,
    give_up_at,
    never_left,
    read_capped,
    stream_lines,
)

log = logging.getLogger(__name__)

# How a download leads on to where the document lies.
LEADS_ON = {301, 302, 307}
# A client-credentials token lives 15 minutes; three before that we ask for the next one.
TOKEN_MARGIN_SECONDS = 180
# What requests raises, and what urllib3 does beneath it while an answer is read.
_FAULTS = (requests.RequestException, HTTPError)


class TamedClient(BrokerClient):
    """One per thread and credentials; see `broker_calls.client`."""

    _session: "_Session"

    def __init__(self) -> None:
        super().__init__(
            api_key=settings.BROKER_API_KEY,
            secret_key=settings.BROKER_API_SECRET,
            url_override=settings.BROKER_BASE_URL,
        )
        self._retry = 0
        self._retry_codes = []
        self._session = _Session()

    @property
    def clock_ahead(self) -> timedelta:
        """Return how far the broker's clock was ahead of ours at the last answer."""
        return self._session.clock_ahead

    @property
    def request_id(self) -> str:
        """Return the broker's name for the last request of this client; their support asks for it."""
        return self._session.request_id

    def _get_auth_headers(self) -> dict[str, str]:
        if settings.BROKER_CREDENTIALS == "client_credentials":
            return {"Authorization": f"Bearer {_tokens.current()}"}
        headers: dict[str, str] = super()._get_auth_headers()
        return headers

    def ask(self, method: str, path: str, data: Any = None) -> Any:
        """Send one request and return its JSON (None for an empty answer).

        Raises NotSent, Refused, OutcomeUnknown.
        """
        return self._exchange(method, path, lambda: self._request(method, path, data))

    def _exchange(self, method: str, path: str, send: Callable[[], Any]) -> Any:
        """Send and return what is made of the answer. Raises NotSent, Refused, OutcomeUnknown."""
        require_no_transaction()
        with measured(BROKER, operation(method, path)):
            return self._answer(method, send)

    def _answer(self, method: str, send: Callable[[], Any]) -> Any:
        try:
            with _tokens.forgotten_on_401():
                return send()
        except NO_JSON:
            raise OutcomeUnknown(f"{method}: the answer is no JSON", http_status=200) from None
        except _FAULTS as fault:
            raise _classify(fault, method) from None

    def read(self, path: str, query: dict[str, Any] | None = None, *, at_most: int = MAX_ANSWER_BYTES) -> Any:
        """GET an answer of up to `at_most` bytes."""
        with self._session.reading_up_to(at_most):
            return self._twice_on_401(lambda: self.ask("GET", path, query))

    def write(self, method: str, path: str, data: Any = None) -> Any:
        """POST, PATCH or DELETE once, on a connection of its own: one kept alive may have died unnoticed."""
        self._session.close()
        return self.ask(method, path, data)

    def upload(self, path: str, body: Iterable[bytes]) -> Any:
        """POST JSON that comes in pieces and knows its length, which may take longer; otherwise as `write`."""
        self._session.close()
        return self._exchange("POST", path, lambda: self._session.post_pieces(self._url(path), self._headers(), body))

    def address_of(self, path: str) -> str:
        """GET, and return the address that the broker sends us on to: it is signed, and opens the door by itself.

        Raises as `ask`, and OutcomeUnknown for any answer that leads nowhere.
        """
        address: str = self._twice_on_401(lambda: self._exchange("GET", path, lambda: self._location(path)))
        return address

    def _location(self, path: str) -> str:
        return self._session.get_location(self._url(path), self._headers())

    def _url(self, path: str) -> str:
        return f"{self._base_url}/{self._api_version}{path}"

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = self._get_default_headers()
        return headers

    def _twice_on_401(self, read: Callable[[], Any]) -> Any:
        """Read; a token that has just died is replaced and the read repeated once, since a read changes nothing."""
        try:
            return read()
        except Refused as refusal:
            if refusal.http_status != 401 or settings.BROKER_CREDENTIALS != "client_credentials":
                raise
        return read()

    def open_stream(
        self, version: str, path: str, query: dict[str, str], *, silence: int | None, opened: Opened
    ) -> Iterator[str]:
        """Yield the lines of an event stream until the server closes it; see `stream_lines`. Raises as `ask`."""
        require_no_transaction()
        with measured(BROKER, operation("GET", path)) as watch:

            def told(shut: Callable[[], None]) -> None:
                watch.stop()
                opened(shut)

            yield from self._stream(f"{self._base_url}/{version}{path}", query, silence, opened=told)

    def _stream(self, url: str, query: dict[str, str], silence: int | None, *, opened: Opened) -> Iterator[str]:
        try:
            with self._session.get_stream(url, query, self._get_auth_headers(), silence) as response:
                with _tokens.forgotten_on_401():
                    require_success(response, "GET", give_up_at())
                if "event-stream" not in response.headers.get("Content-Type", ""):
                    raise OutcomeUnknown("GET: the answer is no event stream", http_status=response.status_code)
                opened(response.raw.shutdown)
                yield from stream_lines(response.raw, what="GET", silence=silence)
        except _FAULTS as fault:
            raise _classify(fault, "GET") from None


class _Session(requests.Session):
    """Puts a deadline and a size on every answer, and turns it into a yes or one of the three errors."""

    request_id = ""
    clock_ahead = timedelta()
    _at_most = MAX_ANSWER_BYTES

    @contextmanager
    def reading_up_to(self, size: int) -> Iterator[None]:
        self._at_most = size
        try:
            yield
        finally:
            self._at_most = MAX_ANSWER_BYTES

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        deadline = give_up_at()
        with self._open(method, url, **options) as response:
            self._read(response, method, deadline)
        return response

    def post_pieces(self, url: str, headers: dict[str, str], body: Iterable[bytes]) -> Any:
        """POST a body that may take its time, and return the JSON of the answer (None for an empty one)."""
        headers = headers | {"Content-Type": "application/json"}
        with self._open("POST", url, data=body, headers=headers) as response:
            self._read(response, "POST", give_up_at())
        return response.json() if response.content else None

    def get_location(self, url: str, headers: dict[str, str]) -> str:
        """GET, and return the address that the answer leads on to."""
        with self._open("GET", url, headers=headers) as response:
            if response.status_code in LEADS_ON:
                with suppress(KeyError, ValueError):
                    return urljoin(url, response.headers["Location"])
            require_success(response, "GET", give_up_at())
        raise OutcomeUnknown("GET: the answer leads nowhere", http_status=response.status_code)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Lead nowhere: though nothing is followed, an answer that leads on would be read to its end at once."""

    def _open(self, method: str, url: str, *, wait: int | None = None, **options: Any) -> requests.Response:
        """Send a request and return its answer, of which only the head has been read."""
        options |= {"timeout": (CONNECT_TIMEOUT, wait or read_timeout()), "stream": True, "allow_redirects": False}
        response = super().request(method, url, **options)
        self.request_id = response.headers.get("X-Request-Id", "")
        self.clock_ahead = clock_ahead(response.headers)
        if url.startswith(settings.BROKER_BASE_URL):  # tokens may come from elsewhere, and count for themselves
            broker_budget.note(response.headers, ahead=self.clock_ahead)
        return response

    def _read(self, response: requests.Response, method: str, deadline: float) -> None:
        require_success(response, method, deadline)
        response._content = read_capped(response.raw, deadline=deadline, what=method, at_most=self._at_most)

    def get_stream(
        self, url: str, query: dict[str, str], headers: dict[str, str], silence: int | None
    ) -> requests.Response:
        return self._open("GET", url, params=query, headers=headers, wait=silence)


def _classify(fault: Exception, method: str) -> VendorError:
    """Tell a request that never left from one whose answer never came."""
    kind = NotSent if never_left(fault) else OutcomeUnknown
    return kind(f"{method}: {type(fault).__name__}")


class _Tokens:
    """The current client-credentials token, shared by the threads of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token, self._key, self._good_until = "", "", 0.0

    def current(self) -> str:
        """Return a token with at least three minutes to live. Raises NotSent: without one nothing can be asked."""
        key = f"{settings.BROKER_TOKEN_URL} {settings.BROKER_API_KEY}"
        with self._lock:
            if self._key != key or time.monotonic() > self._good_until:
                self._token, lifetime = _fetch_token()
                self._key, self._good_until = key, time.monotonic() + lifetime - TOKEN_MARGIN_SECONDS
            return self._token

    @contextmanager
    def forgotten_on_401(self) -> Iterator[None]:
        """Drop a token that the broker no longer takes: whoever asks next, asks with a new one."""
        try:
            yield
        except Refused as refusal:
            if refusal.http_status == 401:
                with self._lock:
                    self._good_until = 0.0
            raise


def _fetch_token() -> tuple[str, float]:
    """Trade the client id and secret for a token. https://docs.alpaca.markets/us/docs/authentication"""
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.BROKER_API_KEY,
        "client_secret": settings.BROKER_API_SECRET,
    }
    try:
        with measured(BROKER, FETCH_TOKEN), _Session() as session:
            body = session.request("POST", settings.BROKER_TOKEN_URL, data=form).json()
        if not body["access_token"]:
            raise KeyError("access_token")
        return str(body["access_token"]), float(body["expires_in"])
    except (VendorError, *_FAULTS, *NO_JSON, KeyError, TypeError):
        log.error("broker token not granted: check BROKER_API_KEY, BROKER_API_SECRET and BROKER_CREDENTIALS")
        raise NotSent("the broker granted no token") from None


_tokens = _Tokens()
