"""Bodies of requests as they come in from a socket: of a known length, or in chunks.

Called by `server` before anything is decided. What is large waits on disk until its turn: however many uploads arrive
at once, memory holds one of them.
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from io import BufferedIOBase
from tempfile import SpooledTemporaryFile

MOST_BYTES = 4 * 1024 * 1024
MOST_UPLOADED_BYTES = 136 * 1024 * 1024  # ten documents of ten megabytes, in base64
UPLOADS = re.compile(r"/broker/v1/accounts(/[^/?]+/documents/upload)?(\?.*)?")
PIECE = 64 * 1024
MOST_TRAILERS = 100
# All of them by one thread: what a thread has freed, only itself takes again.
_turn = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-large")


class BadBody(Exception):
    """A body that is not taken in; `status` says why. The rest of it still stands on the line."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def hand_over(headers: Message, line: BufferedIOBase, path: str, act: Callable[[bytes], None]) -> None:
    """Read the whole body, and let `act` have it.

    Raises BadBody: 413 when it is longer than may be sent to `path`, 400 when it cannot be read; and what `act` raises.
    """
    most = MOST_UPLOADED_BYTES if UPLOADS.fullmatch(path) else MOST_BYTES
    with SpooledTemporaryFile(max_size=MOST_BYTES) as spool:
        for piece in _pieces(headers, line, most):
            if spool.tell() + len(piece) > most:
                raise _too_large()
            spool.write(piece)
        is_large = spool.tell() > MOST_BYTES
        spool.seek(0)
        if is_large:
            _turn.submit(lambda: act(spool.read())).result()
        else:
            act(spool.read())


def _pieces(headers: Message, line: BufferedIOBase, most: int) -> Iterator[bytes]:
    encoding = headers.get("Transfer-Encoding")
    if encoding is not None:
        if encoding.strip().lower() != "chunked":
            raise BadBody(400, "transfer encoding is not supported")
        return _chunks(line)
    length = headers.get("Content-Length") or "0"
    if not re.fullmatch(r"[0-9]+", length):
        raise BadBody(400, "content length is invalid")
    if len(length) > 18 or int(length) > most:
        raise _too_large()
    return _exactly(line, int(length))


def _exactly(line: BufferedIOBase, length: int) -> Iterator[bytes]:
    while length:
        piece = line.read(min(length, PIECE))
        if not piece:
            raise BadBody(400, "request body ended early")
        length -= len(piece)
        yield piece


def _chunks(line: BufferedIOBase) -> Iterator[bytes]:
    while size := _size(line.readline(1024)):
        yield from _exactly(line, size)
        if line.readline(3) not in (b"\r\n", b"\n"):
            raise BadBody(400, "a chunk is longer than it said")
    for _ in range(MOST_TRAILERS):
        if line.readline(PIECE) in (b"\r\n", b"\n", b""):
            return
    raise BadBody(400, "too many trailers")


def _size(line: bytes) -> int:
    written = re.fullmatch(rb"([0-9A-Fa-f]{1,15})[ \t]*(;.*)?\r?\n", line, re.DOTALL)
    if written is None:
        raise BadBody(400, "a chunk does not say how long it is")
    return int(written[1], 16)


def _too_large() -> BadBody:
    return BadBody(413, "request body is too large")
