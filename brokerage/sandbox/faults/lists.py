"""What a list can show that the books do not, or not any more, or not yet."""

from collections.abc import Callable
from typing import Any

from brokerage.sandbox.broker import accounts, transfers
from brokerage.sandbox.clock import iso, parse_moment
from brokerage.sandbox.faults import Fault, remember
from brokerage.sandbox.faults.work import Work
from brokerage.sandbox.wire import Answer, as_json


def _hide_recent(fault: Fault, work: Work) -> Answer:
    """Leave out what was made since the fault was set, or within its last `seconds` of the sandbox's time.

    Pages are cut from what is left, as a reader of a replica that lags behind would cut them.
    """
    rows = _whole(work)
    if rows is None:
        return work.done()
    since = work.books.now() - fault.seconds if "seconds" in fault.details else parse_moment(fault.details["set_at"])
    seen = [row for row in rows if row.get("created_at", "") < iso(since)]
    offset, limit = (int(work.request.first(name) or 0) for name in ("offset", "limit"))
    return as_json(seen[offset : offset + limit if limit else None])


def _whole(work: Work) -> list[Any] | None:
    """Every row of the list, through all pages where it has pages."""
    rows: list[Any] = []
    while page := work.rows(offset=len(rows), limit=100):
        if page[0] in rows:
            break  # this list knows no offset
        rows += page
    return None if page is None else rows


def _insert_after(fault: Fault, work: Work) -> Answer:
    """Once the page is read, somebody else makes a transfer: whoever pages on by offset sees a row twice."""
    answer = work.done()
    books, account_id = work.books, work.request.path.removesuffix("/transfers").rpartition("/")[2]
    sql = "SELECT id FROM relationships WHERE account_id = ? AND status = 'APPROVED'"
    if relationship := books.one(sql, account_id):
        form = {"transfer_type": "ach", "relationship_id": relationship["id"],
                "direction": fault.details.get("direction", "INCOMING"),
                "amount": fault.details.get("amount", "1.00")}  # fmt: skip
        with books.entry():
            transfers.take_in(books, accounts.fetch(books, account_id), form)
    return answer


def _stale_answer(fault: Fault, work: Work) -> Answer:
    """Repeat the first answer, whatever has happened since."""
    if "answer" in fault.details:
        return Answer(fault.details["status"], fault.details["answer"].encode(), headers=fault.details["headers"])
    answer = work.done()
    remember(work.books, fault, answer=answer.body.decode(), status=answer.status, headers=answer.headers)
    return answer


ACTS: dict[str, Callable[[Fault, Work], Answer]] = {
    "hide_recent": _hide_recent,
    "insert_after": _insert_after,
    "stale_answer": _stale_answer,
}
