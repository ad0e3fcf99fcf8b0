"""Where a process that serves no pages answers machines, on a port of its own: a worker on a machine without gunicorn.

Called by run_worker where WORKER_METRICS_PORT is set; calls probes, so that the same token opens /metrics as on the
site. There are the three addresses of probes and nothing else; only /healthz has words of its own here, since a worker
may answer and get nothing done.
"""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.handlers.wsgi import WSGIRequest
from django.db import connections
from django.http import HttpRequest, HttpResponse

from brokerage.health import plain
from brokerage.probes import Answer, probes

log = logging.getLogger(__name__)

# Seconds for which a connection may say nothing.
PATIENCE = 10

Trouble = Callable[[], str]


class Server(ThreadingMixIn, WSGIServer):
    """Answers each connection in a thread of its own; none of them holds up the end."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, trouble: Trouble) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), Conversation)
        self.set_app(_application(trouble))

    def server_bind(self) -> None:
        """Bind, and ask nobody what this machine is called, as the standard library does: that may take a while."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.info("metrics: a connection broke off")


class Conversation(WSGIRequestHandler):
    """One connection; what was asked is not logged."""

    timeout = PATIENCE

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the library calls it by
        pass


@contextmanager
def listening(host: str, port: int, *, trouble: Trouble) -> Iterator[None]:
    """Answer machines until the block ends; /healthz says 503 with what `trouble` says, if anything.

    Where the port can't be had the block runs all the same: what it does matters more than that it is counted.
    """
    try:
        server = Server(host, port, trouble)
    except (OSError, OverflowError) as fault:
        log.error("metrics: nobody can ask at %s:%s (%s)", host, port, fault)
        yield
        return
    threading.Thread(target=server.serve_forever, args=(0.1,), name="metrics", daemon=True).start()
    log.info("metrics: at %s:%s", host, server.server_port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _application(trouble: Trouble) -> Callable[[WSGIEnvironment, StartResponse], list[bytes]]:
    answer = _answers(trouble)

    def application(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        try:
            response = answer(WSGIRequest(environ))
        except Exception:
            log.exception("metrics: not told")
            response = plain("failed", status=500)
        finally:
            connections.close_all()  # this thread ends with its answer
        start(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.content]

    return application


def _answers(trouble: Trouble) -> Answer:
    others = probes(_nothing)

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path_info == "/healthz" and (what := trouble()):
            return plain(what, status=503)
        return others(request)

    return answer


def _nothing(request: HttpRequest) -> HttpResponse:
    return plain("not found", status=404)
