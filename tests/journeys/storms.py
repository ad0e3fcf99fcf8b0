"""A broker whose streams break off, repeat themselves and lose events, as often as a test wants, and say so.

What it has said it keeps, and says again to whoever asks from an earlier place.
"""

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone

from brokerage import ulid

HEARTBEAT = 0.2


@dataclass
class Storm:
    """What was said, in order, and after which events a connection breaks; one in twenty is said twice."""

    event_id: str  # how the stream calls it
    breaks_at: set[int] = field(default_factory=set)
    loses_at: set[int] = field(default_factory=set)
    seed: int = 0
    url: str = ""
    said: list[tuple[str, bytes]] = field(default_factory=list)
    connections: int = 0
    broken: int = 0
    losses: int = 0
    repeated: int = 0
    is_over: bool = False

    def __post_init__(self) -> None:
        self.changed = threading.Condition()
        self.chance = random.Random(self.seed)  # noqa: S311

    def say(self, body: dict[str, Any]) -> None:
        with self.changed:
            name = ulid.first_at(timezone.now())[:20] + f"{len(self.said):06}"
            row = {self.event_id: name, "at": timezone.now().isoformat(), **body}
            self.said.append((name, json.dumps(row).encode()))
            self.changed.notify_all()

    def frames(self, since: str, until: str) -> Iterator[bytes]:
        """Yield what a connection gets; it ends with a break, a loss that is told of, or where `until` is."""
        yield b": welcome\n\n"
        place = next((n for n, (name, _) in enumerate(self.said) if name > since), len(self.said))
        while not self.is_over:
            while place < len(self.said):
                name, body = self.said[place]
                if until and name > until:
                    return
                yield from self._tell(place, body)
                place += 1
            if until:
                return
            if not self._await_more_than(place):
                yield b":heartbeat\n\n"

    def _await_more_than(self, count: int) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: count < len(self.said) or self.is_over, HEARTBEAT)

    def _tell(self, place: int, body: bytes) -> Iterator[bytes]:
        frame = b"data: %b\n\n" % body
        if self._is_time_for(self.breaks_at, place):
            self.broken += 1
            yield frame[: self.chance.randrange(len(frame))]
            raise ConnectionAbortedError
        if self._is_time_for(self.loses_at, place):
            self.losses += 1
            yield b": you are reading too slowly, dropped 1 messages\n\n"
            return
        yield frame
        if self.chance.random() < 0.05:
            self.repeated += 1
            yield frame

    def _is_time_for(self, places: set[int], place: int) -> bool:
        with self.changed:
            due = place in places
            places.discard(place)
            return due


@contextmanager
def raging(storm: Storm) -> Iterator[Storm]:
    """Let a broker with this storm listen until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            storm.connections += 1
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            since = next((value for name, value in asked.items() if name.startswith("since")), "")
            until = next((value for name, value in asked.items() if name.startswith("until")), "")
            self.send_response(200)
            for name, value in (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")):
                self.send_header(name, value)
            self.end_headers()
            self.close_connection = True
            with suppress(ConnectionError):
                for frame in storm.frames(since, until):
                    if frame:
                        self.wfile.write(b"%x\r\n%b\r\n" % (len(frame), frame))
                self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    storm.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield storm
    finally:
        storm.is_over = True
        server.shutdown()
        server.server_close()
