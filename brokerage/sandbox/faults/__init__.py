"""Scripted misfortunes: what goes wrong between a request that was understood and an answer that arrives.

This page is the script: which misfortune waits on which route, and how often. What each does stands beside it:

    answers    instead of an answer, or to one      lists     to what a list shows of the books
    streams    to the events of a stream            (refuse   closes the port itself: `server`)

The kinds that end in `_after_commit` are the dangerous ones: the books have the entry, the caller cannot know.
Set through control, on any path of the two vendors. Seconds are real ones, except where a kind says otherwise.
"""

import json
import re
import sqlite3
from dataclasses import dataclass
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import iso

FOREVER = 1_000_000_000


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ANSWERS = _words(
    """drop_before_commit drop_after_commit reset_before_commit reset_after_commit hang_before_commit hang_after_commit
    slow status status_after_commit server_error server_error_after_commit bad_gateway bad_gateway_after_commit
    gateway_timeout gateway_timeout_after_commit rate_limited unauthorized gone short_answer reset_mid_answer
    garbage_after_commit empty_after_commit patch_after_commit another_after_commit cancel_overtaken"""
)
LISTS = _words("hide_recent insert_after stale_answer")
STREAMS = _words(
    """event_duplicate event_late event_swapped event_dropped event_lost_in_error event_partial event_patch event_huge
    event_in_crlf event_by_bytes stream_idle stream_cut stream_reset"""
)
PORT = frozenset({"refuse"})
KINDS = ANSWERS | LISTS | STREAMS | PORT


@dataclass(frozen=True)
class Fault:
    id: int
    kind: str
    details: dict[str, Any]

    @property
    def seconds(self) -> float:
        return float(self.details.get("seconds", 30))


def add(books: Books, route: str, kind: str, *, times: int | None, details: dict[str, Any]) -> None:
    """Script a fault; without `times` it never wears out. A `skip` lets so many requests or events pass first.

    With `for_seconds` of the sandbox's time it is over after them, however often it has fired.

    Raises KeyError for an unknown kind.
    """
    if kind not in KINDS:
        raise KeyError(kind)
    if "for_seconds" in details:
        details = {**details, "until": iso(books.now() + float(details["for_seconds"]))}
    kept = json.dumps({"set_at": iso(books.now()), **details})
    skip = int(details.get("skip", 0))
    books.insert("faults", route=route, kind=kind, times=times or FOREVER, skip=skip, details=kept)


def listed(books: Books) -> list[dict[str, Any]]:
    return [
        {**json.loads(row["details"]), "id": row["id"], "route": row["route"], "kind": row["kind"],
         "times": row["times"], "fired": row["fired"]}
        for row in books.all("SELECT * FROM faults ORDER BY id")
    ]  # fmt: skip


def clear(books: Books) -> None:
    books.write("DELETE FROM faults")


def take(books: Books, method: str, path: str, *, among: frozenset[str] = ANSWERS | LISTS) -> Fault | None:
    """The oldest fault of those kinds that is still to fire on this route, counted as fired."""
    with books.lock:
        for row in books.all("SELECT * FROM faults WHERE fired < times ORDER BY id"):
            if row["kind"] in among and matches(row["route"], method, path) and not is_over(books, row):
                return _fire(books, row)
    return None


def is_over(books: Books, row: sqlite3.Row) -> bool:
    until = json.loads(row["details"]).get("until")
    return until is not None and until <= iso(books.now())


def _fire(books: Books, row: sqlite3.Row) -> Fault | None:
    if row["skip"]:
        books.write("UPDATE faults SET skip = skip - 1 WHERE id = ?", row["id"])
        return None
    books.write("UPDATE faults SET fired = fired + 1 WHERE id = ?", row["id"])
    return Fault(row["id"], row["kind"], json.loads(row["details"]))


def remember(books: Books, fault: Fault, **details: Any) -> None:
    """Keep something with a fault for the next time it fires."""
    books.write("UPDATE faults SET details = ? WHERE id = ?", json.dumps({**fault.details, **details}), fault.id)


def matches(route: str, method: str, path: str) -> bool:
    """A route is a method, or *, and a path where * is one segment and ** any number of them."""
    wanted, _, glob = route.partition(" ")
    pattern = re.escape(glob).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return wanted in ("*", method) and re.fullmatch(pattern, path) is not None


def patched(value: Any, details: dict[str, Any]) -> Any:
    """An object, or each of a list of them, with the fields of `patch` put in and those of `drop` left out.

    An object inside `patch` is merged into the one that stands there; a dotted name in `drop` reaches inside.
    """
    for row in value if isinstance(value, list) else [value]:
        _merge(row, details.get("patch", {}))
        for name in details.get("drop", []):
            _drop(row, name)
    return value


def _merge(row: dict[str, Any], patch: dict[str, Any]) -> None:
    for name, value in patch.items():
        if isinstance(value, dict) and isinstance(row.get(name), dict):
            _merge(row[name], value)
        else:
            row[name] = value


def _drop(row: Any, name: str) -> None:
    first, _, rest = name.partition(".")
    if isinstance(row, list):
        for each in row:
            _drop(each, name)
    elif isinstance(row, dict) and rest:
        _drop(row.get(first), rest)
    elif isinstance(row, dict):
        row.pop(first, None)
