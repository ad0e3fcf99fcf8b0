"""What a request and an answer are, between the sockets and the rooms behind them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs


@dataclass
class Request:
    """One request, its body already read from the socket whatever happens next."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    params: dict[str, str] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """Method and path, fit for a log: no query, nothing that breaks the line."""
        return ascii(f"{self.method} {self.path[:200]}")[1:-1]

    def first(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]

    def words(self, name: str) -> list[str]:
        """Every value of a parameter, given comma-joined, repeated, or both."""
        joined = ",".join(self.query.get(name, []))
        return [word for word in joined.split(",") if word]

    def json(self) -> Any:
        """Raises ValueError when the body is not JSON."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode("utf-8", "replace")).items()}


class ConnectionDropped(Exception):
    """The socket is to be closed, with a reset or as if all had been said."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__()
        self.reset = reset


@dataclass
class Answer:
    """One answer. `stream`, when given, is written chunk by chunk instead of the body.

    Headers `left_out` are not sent even if every answer has them; after half of an answer that is `cut` comes the end.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    stream: Iterator[bytes] | None = None
    left_out: frozenset[str] = frozenset()
    cut: ConnectionDropped | None = None


def as_json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value, separators=(",", ":")).encode())


def nothing() -> Answer:
    return Answer(204)
