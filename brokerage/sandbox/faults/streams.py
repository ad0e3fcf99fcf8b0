"""What can happen to a stream of events, frame by frame. Called by `server` around every stream that it writes."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing

from brokerage.sandbox import faults
from brokerage.sandbox.books import Books
from brokerage.sandbox.faults import Fault
from brokerage.sandbox.wire import ConnectionDropped

Frames = Iterator[bytes]
TWO_MEBIBYTES = 2 * 1024 * 1024
ANY_PIECE = frozenset({"stream_idle", "stream_cut", "stream_reset"})
HELD = frozenset({"event_late", "event_swapped"})


def troubled(books: Books, path: str, frames: Frames) -> Frames:
    """The frames as they arrive when the faults on this path have had their way.

    Faults of a stream strike at its next piece, heartbeats and the greeting included; faults of an event at the next.
    """
    waiting: list[tuple[int, bytes]] = []  # how many events each late one still lets pass
    with closing(frames):  # type: ignore[type-var]
        for frame in frames:
            is_event = frame.startswith(b"data:")
            fault = faults.take(books, "GET", path, among=faults.STREAMS if is_event else ANY_PIECE)
            if fault and fault.kind in HELD:
                waiting.append((int(fault.details.get("events", 1)), frame))
                continue
            yield from ACTS[fault.kind](books, fault, frame) if fault else [frame]
            if is_event:
                waiting = [(left - 1, late) for left, late in waiting]
                yield from (late for left, late in waiting if left <= 0)
                waiting = [(left, late) for left, late in waiting if left > 0]
    yield from (late for _, late in waiting)


def _duplicate(books: Books, fault: Fault, frame: bytes) -> Frames:
    yield frame
    yield frame


def _dropped(books: Books, fault: Fault, frame: bytes) -> Frames:
    yield b": you are reading too slowly, dropped 1 messages\n\n"


def _lost_in_error(books: Books, fault: Fault, frame: bytes) -> Frames:
    yield b": internal server error\n\n"


def _partial(books: Books, fault: Fault, frame: bytes) -> Frames:
    yield frame[: len(frame) // 2]
    raise ConnectionDropped


def _patch(books: Books, fault: Fault, frame: bytes) -> Frames:
    event = faults.patched(json.loads(frame.removeprefix(b"data:")), fault.details)
    yield b"data: %b\n\n" % json.dumps(event, separators=(",", ":")).encode()


def _huge(books: Books, fault: Fault, frame: bytes) -> Frames:
    """One line that is longer than any reader should take."""
    padding = b" " * int(fault.details.get("bytes", TWO_MEBIBYTES))
    yield b"data: %b%b" % (padding, frame.removeprefix(b"data: "))


def _in_crlf(books: Books, fault: Fault, frame: bytes) -> Frames:
    yield frame.replace(b"\n", b"\r\n")


def _by_bytes(books: Books, fault: Fault, frame: bytes) -> Frames:
    for number in frame:
        yield bytes([number])


def _idle(books: Books, fault: Fault, frame: bytes) -> Frames:
    """Not even a heartbeat for a while, on a connection that stands."""
    books.pause(fault.seconds)
    yield frame


def _cut(books: Books, fault: Fault, frame: bytes) -> Frames:
    yield frame
    raise ConnectionDropped


def _reset(books: Books, fault: Fault, frame: bytes) -> Frames:
    yield frame
    raise ConnectionDropped(reset=True)


ACTS: dict[str, Callable[[Books, Fault, bytes], Frames]] = {
    "event_duplicate": _duplicate,
    "event_dropped": _dropped,
    "event_lost_in_error": _lost_in_error,
    "event_partial": _partial,
    "event_patch": _patch,
    "event_huge": _huge,
    "event_in_crlf": _in_crlf,
    "event_by_bytes": _by_bytes,
    "stream_idle": _idle,
    "stream_cut": _cut,
    "stream_reset": _reset,
}
