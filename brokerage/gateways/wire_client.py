"""What both clients do on the wire: read an answer up to its limits, and tell a request that never left from the rest.

Imported by the other *_client modules only; knows urllib3, on which both SDKs stand.
"""

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime

from django.utils import timezone
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from brokerage.gateways.errors import CONNECT_TIMEOUT, MAX_ANSWER_BYTES, OutcomeUnknown, read_timeout
from brokerage.gateways.event_stream import LineCutter

# Is given, once a stream is open, what any thread may call to end the reading of it.
Opened = Callable[[Callable[[], None]], object]

PIECE = 64 * 1024
CLOCKS_AGREE_WITHIN = timedelta(seconds=30)
MIB = 1024 * 1024


def give_up_at() -> float:
    """Return the moment, on the monotonic clock, by which an answer that is asked for now must be complete."""
    return time.monotonic() + CONNECT_TIMEOUT + read_timeout()


def read_capped(answer: BaseHTTPResponse, *, deadline: float, what: str, at_most: int = MAX_ANSWER_BYTES) -> bytes:
    """Return the body. Raises OutcomeUnknown where it is too large or trickles in past the deadline."""
    body = bytearray()
    # Other reads wait until they have all they want, each byte renewing the time-out.
    while piece := answer.read1(PIECE, decode_content=True):
        body += piece
        if len(body) > at_most:
            raise OutcomeUnknown(f"{what}: the answer is larger than {at_most // MIB} MiB", http_status=answer.status)
        if time.monotonic() > deadline:
            raise OutcomeUnknown(f"{what}: the answer took too long")  # no status: it did not come to be an answer
    return bytes(body)


def stream_lines(answer: BaseHTTPResponse, *, what: str, silence: int | None = None) -> Iterator[str]:
    """Yield the whole lines of an event stream as they come, until the server closes it.

    Raises OutcomeUnknown where it is cut off within a line, where a line is too long, and where only comments keep
    it open for longer than the caller's patience; a live stream may do so for ever, but not fall silent for `silence`
    seconds.
    """
    cutter, news_at = LineCutter(what=what), time.monotonic()
    patience, sign = (silence, "") if silence else (read_timeout(), "data:")
    while piece := answer.read1(PIECE, decode_content=True):
        for line in cutter.cut(piece):
            yield line
            if line.startswith(sign):
                news_at = time.monotonic()
        if time.monotonic() - news_at > patience:
            raise OutcomeUnknown(f"{what}: the stream stays open and tells nothing")
    if cutter.is_within_a_line:
        raise OutcomeUnknown(f"{what}: the stream was cut off")


def clock_ahead(headers: Mapping[str, str]) -> timedelta:
    """Return how far a server's clock is ahead of ours; nothing within what a slow answer explains."""
    try:
        ahead = parsedate_to_datetime(headers["Date"]) - timezone.now()
    except (KeyError, ValueError, TypeError):
        return timedelta()
    return ahead if abs(ahead) > CLOCKS_AGREE_WITHIN else timedelta()


def seconds_to_wait(headers: Mapping[str, str]) -> int | None:
    """Return how long a server asks us to wait, or None where it does not say so in a way that we can read."""
    try:
        if "Retry-After" in headers:
            return max(0, int(headers["Retry-After"]))
        theirs = time.time() + clock_ahead(headers).total_seconds()
        return max(0, int(headers["X-RateLimit-Reset"]) - int(theirs))
    except (KeyError, ValueError):
        return None


def never_left(fault: BaseException) -> bool:
    """Say whether a request failed before its first byte was sent: no address, no connection, no trust."""
    before = (NewConnectionError, ConnectTimeoutError, ConnectionRefusedError)
    return any(isinstance(cause, before) or _in_handshake(cause) for cause in _causes(fault))


def _in_handshake(cause: BaseException) -> bool:
    """Say whether this arose while TLS was being agreed on; its type is the same when an answer breaks off."""
    return any(frame.f_code.co_name == "do_handshake" for frame, _ in traceback.walk_tb(cause.__traceback__))


def _causes(fault: BaseException) -> list[BaseException]:
    """Return every exception wrapped in this one, as urllib3 nests them."""
    found: list[BaseException] = []
    queue = [fault]
    while queue and len(found) < 30:
        cause = queue.pop()
        found.append(cause)
        inner = [getattr(cause, "reason", None), cause.__cause__, cause.__context__, *cause.args]
        queue += [each for each in inner if isinstance(each, BaseException) and each not in found]
    return found
