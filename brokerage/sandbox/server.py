"""Sockets: reads one whole request, asks `routes` for the answer, writes it at once.

A body is always read before anything is decided, so that an early refusal never leaves half a request on a
connection that is kept alive; head and body leave in one write, which keeps loopback calls fast.
"""

import logging
import socket
import struct
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from brokerage.sandbox import faults, intake, routes
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker.limits import RateWindow
from brokerage.sandbox.faults import answers, streams
from brokerage.sandbox.faults.work import Work
from brokerage.sandbox.moves import Mover
from brokerage.sandbox.plaid.courier import Courier
from brokerage.sandbox.wire import Answer, ConnectionDropped, Request, as_json

log = logging.getLogger("sandbox")
# How long what nobody wants is still listened to, so that its sender comes to read the refusal.
LISTENED_SECONDS = 10


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 75
    server: "SandboxServer"

    def handle_one_request(self) -> None:
        """As the parent has it, for every method alike, and silent when the other side has gone."""
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            self._serve()
        except OSError:
            self.close_connection = True
        except ConnectionDropped as drop:
            self.close_connection = True
            if drop.reset:
                self.server.reset_on_close(self.connection)

    def _serve(self) -> None:
        try:
            intake.hand_over(self.headers, self.rfile, self.path, self._respond)
        except intake.BadBody as problem:
            self._refuse(problem)

    def _refuse(self, problem: intake.BadBody) -> None:
        """Say no to a body that was not read, and hang up once its sender has had the time to hear it."""
        self.close_connection = True
        headers = self._counted()[1]
        headers["X-Request-Id"] = uuid.uuid4().hex
        code = problem.status * 100_000 + 10_000
        answer = as_json({"code": code, "message": problem.message}, problem.status)
        answer.headers = headers
        self._write(answer)
        self.connection.settimeout(1)
        until = time.monotonic() + LISTENED_SECONDS
        while time.monotonic() < until and self.connection.recv(intake.PIECE):
            pass

    def _respond(self, body: bytes) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query, keep_blank_values=True)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, unquote(url.path), query, headers, body)
        answer = self._limited(request) if request.path.startswith("/broker/") else self._answer(request)
        answer.headers.setdefault("X-Request-Id", uuid.uuid4().hex)
        self._write(answer)
        if request.path == "/control/faults":
            self.server.refuse_if_told()

    def _limited(self, request: Request) -> Answer:
        """An answer of the Broker API, which always says how many more requests it would take."""
        books = self.server.books
        within, headers = self._counted()
        refuse = not within and books.setting("enforce_rate_limit")
        answer = Answer(429, b'{"code":42910000,"message":"too many requests"}') if refuse else self._answer(request)
        answer.headers = {**headers, **answer.headers}
        return answer

    def _counted(self) -> tuple[bool, dict[str, str]]:
        books = self.server.books
        return self.server.rate.count(int(books.setting("rate_limit")), moment=books.now(), life=books.life)

    def _answer(self, request: Request) -> Answer:
        """Raises ConnectionDropped."""
        books = self.server.books
        if request.path.startswith("/control"):
            return self._done(Work(books, request, routes.dispatch), None)
        answer = self._done(Work(books, request, routes.dispatch), faults.take(books, request.method, request.path))
        if answer.stream is not None:
            answer.stream = streams.troubled(books, request.path, answer.stream)
        return answer

    def _done(self, work: Work, fault: faults.Fault | None) -> Answer:
        try:
            return answers.answer(fault, work)
        except ConnectionDropped:
            raise
        except Exception as problem:
            if not work.books.closed:
                _log_failure(work.request, problem)
            return Answer(500, b'{"code":50010000,"message":"internal server error occurred"}')

    def _write(self, answer: Answer) -> None:
        if answer.stream is not None:
            self._write_stream(answer, answer.stream)
            return
        body = b"" if self.command == "HEAD" or answer.status == 204 else answer.body
        if answer.cut:
            body = body[: len(body) // 2]
        self.wfile.write(self._head(answer, {"Content-Length": str(len(answer.body))}) + body)
        if answer.cut:
            raise answer.cut

    def _write_stream(self, answer: Answer, stream: Iterator[bytes]) -> None:
        self.close_connection = True
        self.wfile.write(self._head(answer, {"Transfer-Encoding": "chunked"}))
        with closing(stream):  # type: ignore[type-var]
            for piece in stream:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _head(self, answer: Answer, framing: dict[str, str]) -> bytes:
        if answer.status == 204:
            framing = {}
        headers = {
            "Date": self.date_time_string(self.server.books.now()),
            "Server": "sandbox",
            "Content-Type": answer.content_type,
            **framing,
            "Connection": "close" if self.close_connection else "keep-alive",
            **answer.headers,
        }
        said = (f"{name}: {value}" for name, value in headers.items() if name not in answer.left_out)
        lines = [f"HTTP/1.1 {answer.status} {_phrase(answer.status)}", *said]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def log_message(self, *args: Any) -> None:
        """Say nothing: requests carry tokens and numbers that belong in no log."""


def _log_failure(request: Request, problem: Exception) -> None:
    """Where in the code it was, but not what it was about: an exception's text may quote a body."""
    where = "".join(traceback.format_tb(problem.__traceback__))
    log.error("%s failed: %s\n%s", request.line, type(problem).__name__, where)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


class SandboxServer(ThreadingHTTPServer):
    """Listens as soon as it is made; answers from `start` until `stop`."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    # Another process that listens on the port must be noticed, not shared with.
    allow_reuse_port = False

    def __init__(self, address: tuple[str, int], books: Books) -> None:
        self.books = books
        self.rate = RateWindow()
        self._open: set[socket.socket] = set()
        self._to_reset: set[socket.socket] = set()
        super().__init__(address, Handler)

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def server_bind(self) -> None:
        """As the grandparent has it: the parent looks its own name up, which can take seconds without a network."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def start(self) -> None:
        Mover(self.books).start()
        Courier(self.books).start()
        self._listen()

    def _listen(self) -> None:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Stop listening, hang up on everybody, close the books."""
        self.books.end()
        self._close_port()
        self.books.close()

    def _close_port(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            _hang_up(connection)

    def refuse_if_told(self) -> None:
        """Carry out a scripted refusal: for a while nobody listens, control included."""
        if fault := faults.take(self.books, "*", "/", among=faults.PORT):
            threading.Thread(target=self._refuse, args=(fault.seconds,), daemon=True).start()

    def _refuse(self, seconds: float) -> None:
        self._close_port()
        self.books.pause(seconds)
        if self.books.closed:
            return
        self.socket = socket.socket(self.address_family, self.socket_type)
        self.server_bind()
        self.server_activate()
        self._listen()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def reset_on_close(self, connection: socket.socket) -> None:
        """Let the caller's side see a reset instead of an end."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._to_reset.add(connection)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        if request in self._to_reset:
            self._to_reset.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away in the middle is everyday."""
        if not self.books.closed:
            log.error("a connection failed: %s", type(sys.exception()).__name__)


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
