"""Scripted misfortunes: what goes wrong between a request that was understood and an answer that arrives.

The kinds that end in `_after_commit` are the dangerous ones: the books have the entry, the caller cannot know.
Faults are set through control and applied by `server` to any path of the two vendors.
"""

import json
import re
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.wire import Answer

FOREVER = 1_000_000_000


class ConnectionDropped(Exception):
    """The socket is to be closed without an answer."""


@dataclass(frozen=True)
class Fault:
    kind: str
    details: dict[str, Any]

    @property
    def seconds(self) -> float:
        return float(self.details.get("seconds", 30))


def add(books: Books, route: str, kind: str, *, times: int | None, details: dict[str, Any]) -> None:
    """Script a fault; without `times` it never wears out. Raises KeyError for an unknown kind."""
    if kind not in KINDS:
        raise KeyError(kind)
    books.insert("faults", route=route, kind=kind, times=times or FOREVER, details=json.dumps(details))


def listed(books: Books) -> list[dict[str, Any]]:
    return [
        {**json.loads(row["details"]), "id": row["id"], "route": row["route"], "kind": row["kind"],
         "times": row["times"], "fired": row["fired"]}
        for row in books.all("SELECT * FROM faults ORDER BY id")
    ]  # fmt: skip


def clear(books: Books) -> None:
    books.write("DELETE FROM faults")


def take(books: Books, method: str, path: str) -> Fault | None:
    """The oldest fault that is still to fire on this route, counted as fired."""
    with books.lock:
        for row in books.all("SELECT * FROM faults WHERE fired < times ORDER BY id"):
            if matches(row["route"], method, path):
                return _fire(books, row)
    return None


def _fire(books: Books, row: sqlite3.Row) -> Fault:
    books.write("UPDATE faults SET fired = fired + 1 WHERE id = ?", row["id"])
    return Fault(row["kind"], json.loads(row["details"]))


def matches(route: str, method: str, path: str) -> bool:
    """A route is a method, or *, and a path where * is one segment and ** any number of them."""
    wanted, _, glob = route.partition(" ")
    pattern = re.escape(glob).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return wanted in ("*", method) and re.fullmatch(pattern, path) is not None


def before(fault: Fault | None) -> Answer | None:
    """An answer that replaces the work, or None to let it be done. Raises ConnectionDropped."""
    act = BEFORE.get(fault.kind) if fault else None
    return act(fault) if act and fault else None


def after(fault: Fault | None, answer: Answer) -> Answer:
    """What becomes of the answer to work that is committed. Raises ConnectionDropped."""
    act = AFTER.get(fault.kind) if fault else None
    return act(fault, answer) if act and fault else answer


def _drop(fault: Fault, answer: Answer | None = None) -> Answer:
    raise ConnectionDropped


def _hang(fault: Fault, answer: Answer | None = None) -> Answer:
    time.sleep(fault.seconds)
    raise ConnectionDropped


def _wait(fault: Fault) -> None:
    time.sleep(fault.seconds)


def _scripted(fault: Fault, answer: Answer | None = None) -> Answer:
    body = fault.details.get("body", "<html><body><h1>502 Bad Gateway</h1></body></html>")
    status = int(fault.details.get("status", 502))
    headers = {str(name): str(value) for name, value in fault.details.get("headers", {}).items()}
    if isinstance(body, str):
        return Answer(status, body.encode(), "text/html; charset=utf-8", headers)
    return Answer(status, json.dumps(body).encode(), headers=headers)


def _garbage(fault: Fault, answer: Answer) -> Answer:
    return Answer(200, answer.body[: max(1, len(answer.body) // 2)] or b"{")


def _empty(fault: Fault, answer: Answer) -> Answer:
    return Answer(200, b"")


def _patch(fault: Fault, answer: Answer) -> Answer:
    value = json.loads(answer.body or b"{}")
    for row in value if isinstance(value, list) else [value]:
        row.update(fault.details.get("patch", {}))
        for name in fault.details.get("drop", []):
            row.pop(name, None)
    return Answer(answer.status, json.dumps(value).encode(), answer.content_type, answer.headers)


BEFORE: dict[str, Callable[[Fault], Answer | None]] = {
    "drop_before_commit": _drop,
    "hang_before_commit": _hang,
    "status": _scripted,
    "slow": _wait,
}
AFTER: dict[str, Callable[[Fault, Answer], Answer]] = {
    "drop_after_commit": _drop,
    "hang_after_commit": _hang,
    "status_after_commit": _scripted,
    "garbage_after_commit": _garbage,
    "empty_after_commit": _empty,
    "patch_after_commit": _patch,
}
KINDS = frozenset(BEFORE) | frozenset(AFTER)
