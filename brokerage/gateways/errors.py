"""The three ways in which a vendor's answer can fail to be a yes, and what each allows the caller to do.

Gateways raise these and nothing else. What was sent, and what came back, never travels in the message.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connections

from brokerage import redaction

# Seconds. A customer's request waits less long for a vendor than a worker does.
CONNECT_TIMEOUT = 3
_read_timeout: ContextVar[int] = ContextVar("read_timeout", default=10)
MAX_ANSWER_BYTES = 1024 * 1024


class VendorError(Exception):
    """What every gateway may raise; `reason` is the vendor's own prose, for ops, never for a log.

    An error may repeat what was sent: numbers and tokens are masked before anybody keeps it.
    """

    def __init__(
        self,
        what: str,
        *,
        reason: str = "",
        code: str = "",
        http_status: int | None = None,
        request_id: str = "",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.reason = redaction.prose(reason)
        self.code = code
        self.http_status = http_status
        self.request_id = request_id  # the vendor's own; its support asks for it
        self.retry_after = retry_after  # seconds that the vendor asks us to wait, where it says so

    @property
    def evidence(self) -> dict[str, object]:
        """Return what a history row keeps of this."""
        found: dict[str, object] = {name: getattr(self, name) for name in ("what", "reason", "code", "http_status")}
        return found | ({"request_id": self.request_id} if self.request_id else {})

    @property
    def facts(self) -> dict[str, object]:
        """Return the evidence without the prose, which may repeat what somebody typed."""
        return {name: value for name, value in self.evidence.items() if name != "reason"}


class NotSent(VendorError):
    """Nothing left the house, or the vendor said "later" (429): nothing happened there, and it may be asked again."""


class Refused(VendorError):
    """The vendor understood and said no; asking the same again gets the same answer."""


class OutcomeUnknown(VendorError):
    """We cannot tell whether it happened. Never repeat it: look it up."""


class CalledInsideTransaction(RuntimeError):
    """A bug: a vendor was about to be called while a transaction held locks and could still be rolled back."""


def require_no_transaction() -> None:
    """Fail at once when a database transaction is open (the one that wraps a test does not count)."""
    for connection in connections.all(initialized_only=True):
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise CalledInsideTransaction("commit first: no vendor is called inside a transaction")


def read_timeout() -> int:
    """Return how many seconds the current caller waits for an answer."""
    return _read_timeout.get()


@contextmanager
def patience(seconds: int) -> Iterator[None]:
    """Wait up to `seconds` for each answer inside this block; a worker has more patience than a page."""
    token = _read_timeout.set(seconds)
    try:
        yield
    finally:
        _read_timeout.reset(token)
