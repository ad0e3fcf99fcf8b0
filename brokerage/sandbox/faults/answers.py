"""What can happen to one answer. Called by `server`, with the work still to be done.

Each act either does the work or leaves it, and then answers, answers something else, or hangs up.
"""

import json
from collections.abc import Callable
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import transfers
from brokerage.sandbox.faults import Fault, lists, patched
from brokerage.sandbox.faults.work import Work
from brokerage.sandbox.wire import Answer, ConnectionDropped, as_json

Act = Callable[[Fault, Work], Answer]
METHODS = {"cancel_overtaken": "DELETE", **dict.fromkeys(lists.ACTS, "GET")}
ERRORS: dict[str, tuple[int, Any]] = {
    "server_error": (500, {"code": 50010000, "message": "internal server error occurred"}),
    "bad_gateway": (502, "<html><body><h1>502 Bad Gateway</h1></body></html>"),
    "gateway_timeout": (504, "<html><body><h1>504 Gateway Time-out</h1></body></html>"),
    "rate_limited": (429, {"code": 42910000, "message": "too many requests"}),
    "unauthorized": (401, {"code": 40110000, "message": "request is not authorized"}),
    "gone": (410, {"code": 41010000, "message": "this endpoint is retired"}),
}


def answer(fault: Fault | None, work: Work) -> Answer:
    """The answer that leaves the house. A fault that makes no sense for the method leaves it alone.

    Raises ConnectionDropped.
    """
    if fault is None or METHODS.get(fault.kind, work.request.method) != work.request.method:
        return work.done()
    return (ACTS.get(fault.kind) or lists.ACTS[fault.kind])(fault, work)


def _drop_before(fault: Fault, work: Work) -> Answer:
    raise ConnectionDropped


def _drop_after(fault: Fault, work: Work) -> Answer:
    work.done()
    raise ConnectionDropped


def _reset_before(fault: Fault, work: Work) -> Answer:
    raise ConnectionDropped(reset=True)


def _reset_after(fault: Fault, work: Work) -> Answer:
    work.done()
    raise ConnectionDropped(reset=True)


def _hang_before(fault: Fault, work: Work) -> Answer:
    work.books.pause(fault.seconds)
    raise ConnectionDropped


def _hang_after(fault: Fault, work: Work) -> Answer:
    work.done()
    work.books.pause(fault.seconds)
    raise ConnectionDropped


def _slow(fault: Fault, work: Work) -> Answer:
    work.books.pause(fault.seconds)
    return work.done()


def _error(fault: Fault, work: Work) -> Answer:
    """An answer as scripted, or one that every gateway knows. A header given as null is left out."""
    status, body = ERRORS.get(fault.kind.removesuffix("_after_commit"), ERRORS["bad_gateway"])
    status, body = int(fault.details.get("status", status)), fault.details.get("body", body)
    headers = dict(fault.details.get("headers", {}))
    left_out = frozenset(name for name, value in headers.items() if value is None)
    said = {str(name): str(value) for name, value in headers.items() if value is not None}
    if isinstance(body, str):
        return Answer(status, body.encode(), "text/html; charset=utf-8", said, left_out=left_out)
    return Answer(status, json.dumps(body).encode(), headers=said, left_out=left_out)


def _error_after(fault: Fault, work: Work) -> Answer:
    work.done()
    return _error(fault, work)


def _short(fault: Fault, work: Work) -> Answer:
    """Half of what was promised, and then the end of the connection."""
    return _cut(work.done(), reset=False)


def _reset_mid_answer(fault: Fault, work: Work) -> Answer:
    return _cut(work.done(), reset=True)


def _cut(whole: Answer, *, reset: bool) -> Answer:
    return Answer(whole.status, whole.body, whole.content_type, whole.headers, cut=ConnectionDropped(reset=reset))


def _garbage(fault: Fault, work: Work) -> Answer:
    """Half of the JSON, and nothing that says so."""
    body = work.done().body
    return Answer(200, body[: max(1, len(body) // 2)] or b"{")


def _empty(fault: Fault, work: Work) -> Answer:
    work.done()
    return Answer(200, b"")


def _patch(fault: Fault, work: Work) -> Answer:
    whole = work.done()
    if not whole.body or whole.content_type != "application/json":
        return whole
    value = patched(json.loads(whole.body), fault.details)
    return Answer(whole.status, as_json(value).body, whole.content_type, whole.headers)


def _another(fault: Fault, work: Work) -> Answer:
    """What would be said of another account, or of a row of its own; what there is no other of is left as it is."""
    whole = work.done()
    other = work.of_another(whole)
    return whole if other is None else Answer(whole.status, as_json(other).body, whole.content_type, whole.headers)


class _Undone(Exception):
    """Rolls back what a cancellation did."""


def _cancel_overtaken(fault: Fault, work: Work) -> Answer:
    """The cancellation of a transfer is answered as if it had been done, but the money has already moved."""
    books, answers = work.books, list[Answer]()
    try:
        with books.entry():
            answers.append(work.done())
            if answers[0].status < 300 and "/transfers/" in work.request.path:
                raise _Undone
    except _Undone:
        _complete(books, work.request.path.rpartition("/")[2])
    return answers[0]


def _complete(books: Books, transfer_id: str) -> None:
    with books.entry():
        for status in ("SENT_TO_CLEARING", "COMPLETE"):
            transfers.set_status(books, transfer_id, status, at=books.now())


ACTS: dict[str, Act] = {
    "drop_before_commit": _drop_before,
    "drop_after_commit": _drop_after,
    "reset_before_commit": _reset_before,
    "reset_after_commit": _reset_after,
    "hang_before_commit": _hang_before,
    "hang_after_commit": _hang_after,
    "slow": _slow,
    "status": _error,
    "status_after_commit": _error_after,
    **dict.fromkeys(ERRORS, _error),
    **{f"{kind}_after_commit": _error_after for kind in ("server_error", "bad_gateway", "gateway_timeout")},
    "short_answer": _short,
    "reset_mid_answer": _reset_mid_answer,
    "garbage_after_commit": _garbage,
    "empty_after_commit": _empty,
    "patch_after_commit": _patch,
    "another_after_commit": _another,
    "cancel_overtaken": _cancel_overtaken,
}
