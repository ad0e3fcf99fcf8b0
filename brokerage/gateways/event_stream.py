"""text/event-stream, read as the standard has it: bytes in any pieces become lines, and lines become events.

Called by wire_client and broker_streams. Knows no socket, so that any bytes can be tried on it.
https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from collections.abc import Iterable, Iterator

from brokerage.gateways.errors import MAX_ANSWER_BYTES, OutcomeUnknown

# The `code` of an OutcomeUnknown that tells of lost events; what was missed has to be read again.
EVENTS_LOST = "events lost"
# How the broker says so, in a comment.
LOSSES = ("dropped", "internal server error")
BYTE_ORDER_MARK = "\ufeff"


class LineCutter:
    """Cuts the bytes of one stream into lines, which end with LF, CRLF or CR, wherever the bytes were split."""

    def __init__(self, *, what: str) -> None:
        self._what, self._rest = what, bytearray()
        self._after_cr, self._is_first = False, True

    @property
    def is_within_a_line(self) -> bool:
        return bool(self._rest)

    def cut(self, piece: bytes) -> Iterator[str]:
        """Yield the lines that end within this piece. Raises OutcomeUnknown for one that is too long."""
        if self._after_cr and piece.startswith(b"\n"):
            piece = piece[1:]  # of a CRLF that was split
        self._after_cr = piece.endswith(b"\r")
        *ends, rest = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for end in ends:
            self._add(end)
            yield self._take()
        self._add(rest)

    def _add(self, part: bytes) -> None:
        self._rest += part
        if len(self._rest) > MAX_ANSWER_BYTES:
            raise OutcomeUnknown(f"{self._what}: a line is longer than 1 MiB")

    def _take(self) -> str:
        line = self._rest.decode(errors="replace")
        self._rest.clear()
        if self._is_first:
            self._is_first, line = False, line.removeprefix(BYTE_ORDER_MARK)
        return line


def events(lines: Iterable[str], *, what: str) -> Iterator[str | None]:
    """Yield the data of each event, and None for a comment, which is a sign of life; other fields tell us nothing.

    Raises OutcomeUnknown where a comment tells of a loss (its code is EVENTS_LOST), where the stream ends within an
    event, and where a page stands in its place: what comes after cannot be trusted.
    """
    data, size = list[str](), 0
    for line in lines:
        field, _, value = line.partition(":")
        if not line:
            if "".join(data).strip():
                yield "\n".join(data)
            data, size = [], 0
        elif not field:
            _require_no_loss(value, what)
            yield None
        elif field == "data":
            data.append(value.removeprefix(" "))
            size += len(line)
            if size > MAX_ANSWER_BYTES:
                raise OutcomeUnknown(f"{what}: an event is longer than 1 MiB")
        elif line.lstrip().startswith("<"):
            raise OutcomeUnknown(f"{what}: the answer is no event stream", http_status=200)
    if data:
        raise OutcomeUnknown(f"{what}: the stream ended within an event")


def _require_no_loss(comment: str, what: str) -> None:
    if any(word in comment.lower() for word in LOSSES):
        raise OutcomeUnknown(f"{what}: the stream lost events", code=EVENTS_LOST)
