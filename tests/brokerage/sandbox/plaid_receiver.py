"""A place where webhooks arrive, and what a careful receiver makes of one."""

import hashlib
import hmac
import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt


@dataclass(frozen=True)
class Arrival:
    body: bytes
    headers: dict[str, str]

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def signature(self) -> str:
        return self.headers.get("plaid-verification", "")


@dataclass
class Receiver:
    """Answers each webhook with the next of `statuses`, then with 200."""

    url: str
    statuses: list[int] = field(default_factory=list)
    arrivals: "queue.Queue[Arrival]" = field(default_factory=queue.Queue)

    def next(self) -> Arrival:
        return self.arrivals.get(timeout=10)

    def codes(self, count: int) -> list[str]:
        return [self.next().said["webhook_code"] for _ in range(count)]

    @property
    def is_quiet(self) -> bool:
        return self.arrivals.empty()


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.statuses.pop(0) if receiver.statuses else 200
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            receiver.arrivals.put(Arrival(body, headers))

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield receiver
    server.shutdown()
    server.server_close()


class Untrusted(Exception):
    """A webhook that a careful receiver turns away."""


def verify(api: Any, arrival: Arrival) -> dict[str, Any]:
    """What the webhook says, if Plaid says it. https://plaid.com/docs/api/webhooks/webhook-verification/"""
    try:
        head = jwt.get_unverified_header(arrival.signature)
        if head["alg"] != "ES256":
            raise Untrusted(f"alg {head['alg']}")
        key = api.webhook_verification_key_get({"key_id": head["kid"]})["key"].to_dict()
        if key["expired_at"] is not None:
            raise Untrusted("expired key")
        claims = jwt.decode(arrival.signature, jwt.PyJWK(key), algorithms=["ES256"], options={"require": ["iat"]})
    except jwt.PyJWTError as problem:
        raise Untrusted(type(problem).__name__) from problem
    if time.time() - claims["iat"] > 300:
        raise Untrusted("stale")
    if not hmac.compare_digest(claims["request_body_sha256"], hashlib.sha256(arrival.body).hexdigest()):
        raise Untrusted("altered body")
    return arrival.said
