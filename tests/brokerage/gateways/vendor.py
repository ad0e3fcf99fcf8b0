"""A vendor on a real socket that says, byte for byte, what a test wants, and counts what it was asked.

`vendor.says(answer(504, "<h1>…"))` for every request, or one act after the other: `vendor.says(first, second)`.
"""

import json
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

Act = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}


class Vendor:
    """Listens on a free port; each connection has a thread of its own."""

    def __init__(self, tls: ssl.SSLContext | None = None, greeting: bytes = b"") -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self._acts: list[Act] = [answer()]
        self._tls = tls
        self._greeting = greeting
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    def says(self, *acts: Act) -> None:
        """Script one act a request; the last one is for all that follow."""
        self._acts = list(acts)

    def close(self) -> None:
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # Closed by this thread, too: one that was accepted while `close` ran is on nobody's list.
        with suppress(OSError, ValueError), closing(connection):
            connection.sendall(self._greeting)
            speaking = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            self._open.append(speaking)
            with closing(speaking), speaking.makefile("rb") as reader:
                while line := reader.readline():
                    self.asked.append(_read(line.decode(), reader))
                    act = self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]
                    act(speaking)


def _read(line: str, reader: Any) -> Asked:
    method, target, _ = line.split(" ", 2)
    headers = {}
    while (text := reader.readline().decode().strip()) != "":
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(method, target, headers, reader.read(int(headers.get("content-length", 0))))


def message(status: int, body: Any = "", content_type: str = "", **headers: str) -> bytes:
    """Return an HTTP answer; a dict or a list is sent as JSON, text as HTML."""
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    kind = content_type or ("text/html" if isinstance(body, str) else "application/json")
    lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + data


def answer(status: int = 200, body: Any = "", content_type: str = "", **headers: str) -> Act:
    return lambda connection: connection.sendall(message(status, body, content_type, **headers))


def cut(data: bytes) -> Act:
    """Send this much and hang up."""

    def act(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_RDWR)

    return act


def reset(data: bytes = b"") -> Act:
    """Send this much and break the connection off, as a crash does."""

    def act(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())

    return act


def silence(data: bytes = b"") -> Act:
    """Send this much, and then nothing, until the caller gives up."""

    def act(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.recv(1)

    return act


def trickle(head: bytes, drop: bytes = b" ", every: float = 0.2) -> Act:
    """Send a drop at a time, each one soon enough to renew a time-out, until the caller hangs up."""
    never = threading.Event()

    def act(connection: socket.socket) -> None:
        connection.sendall(head)
        while not never.wait(every):
            connection.sendall(drop)

    return act


def stream(*pieces: bytes, end: bool = True) -> Act:
    """Send an event stream in these pieces, chunked; without `end` it is broken off."""

    def act(connection: socket.socket) -> None:
        connection.sendall(EVENT_STREAM)
        for piece in pieces:
            connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        if end:
            connection.sendall(b"0\r\n\r\n")
        connection.shutdown(socket.SHUT_RDWR)

    return act


EVENT_STREAM = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
