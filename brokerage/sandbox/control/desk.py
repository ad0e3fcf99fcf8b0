"""The desk's first page: the clock, and what banks and broker do next with transfers and bank links.

A place for people: pages made on the server, buttons that are plain forms, nothing to run in the browser.
"""

from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from brokerage.sandbox import banking, faults, moves
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import relationships
from brokerage.sandbox.clock import NEW_YORK, parse_moment
from brokerage.sandbox.control.api import act_on_transfer
from brokerage.sandbox.control.desk_parts import (
    back_to,
    badge,
    button,
    entry,
    form,
    moment,
    page,
    rows,
    section,
    select,
    small_select,
)
from brokerage.sandbox.control.return_codes import RETURN_CODES
from brokerage.sandbox.pace import PROFILES, hour
from brokerage.sandbox.wire import Answer, Request

STYLE = Path(__file__).parent / "desk.css"
HOME = "/control/"
LOSE_NEXT = ("POST /broker/v1/accounts/*/transfers", "drop_after_commit")
LAST = 25
OPEN = ("QUEUED", "PENDING", "APPROVAL_PENDING", "APPROVED", "SENT_TO_CLEARING")
STOPPED = ("RETURNED", "REJECTED", "CANCELED", "EXPIRED")
STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
PACES = {
    "instant": "Instant: nothing takes time",
    "fast": "Fast: a deposit settles in ten seconds",
    "realistic": "Realistic: banking days and their cut-off",
    "manual": "By hand: nothing moves by itself",
}


def home(books: Books, request: Request) -> Answer:
    return page(
        books, request, "What the banks do next",
        section("Clock", _clock(books)),
        section("Transfers", _list(books, "transfers", _transfer, "The transfers of every customer will stand here.")),
        section("Bank links", _list(books, "relationships", _link, "Bank accounts that customers link stand here.")),
        section("The next answer", _next_answer(books)),
    )  # fmt: skip


def style(books: Books, request: Request) -> Answer:
    return Answer(200, STYLE.read_bytes(), "text/css; charset=utf-8")


def moved(books: Books, request: Request) -> Answer:
    return Answer(303, headers={"Location": HOME})


# --- The clock --------------------------------------------------------------------------------------------------------


def clock(books: Books, request: Request) -> Answer:
    """Move the sandbox's time, stop it, or change how fast banks are."""
    asked = request.form()
    if asked.get("profile") in PROFILES:
        moves.change_profile(books, asked["profile"])
        moves.catch_up(books)
        return back_to(HOME, "paced")
    _turn(books, asked.get("do", ""))
    books.keep_clock()
    moves.catch_up(books)
    return back_to(HOME, "moved" if asked.get("do") in (*STEPS, "banking day") else "paced")


def _turn(books: Books, how: str) -> None:
    if how in STEPS:
        books.clock.set(books.now() + STEPS[how].total_seconds())
    elif how == "banking day":
        books.clock.set(_next_banking_day(books))
    elif how == "freeze":
        books.clock.freeze()
    elif how == "unfreeze":
        books.clock.unfreeze()


def _next_banking_day(books: Books) -> float:
    """The hour of the next banking day at which what was sent to the banks settles."""
    today = datetime.fromtimestamp(books.now(), NEW_YORK).date()
    return banking.moment_of(banking.banking_days_later(today, 1), hour(books, "ach_settles_at"))


def _clock(books: Books) -> str:
    frozen = books.clock.frozen_at is not None
    steps = [("An hour later", "hour"), ("A day later", "day"), ("To the next banking day", "banking day")]
    stop = ("Let it run", "unfreeze") if frozen else ("Stop the clock", "freeze")
    buttons = [button(label, value) for label, value in (*steps, stop)]
    now = books.setting("profile")
    paces = sorted(PACES.items(), key=lambda pair: pair[0] != now)
    return (
        f'<p class="figure"><time>{moment(books.now())}</time> {badge("Stopped", "is-warn") if frozen else ""}</p>'
        '<p class="quiet">The sandbox’s own time. The site keeps real time.</p>'
        + form("/control/desk/clock", *buttons)
        + form("/control/desk/clock", select("How fast banks are", "profile", paces), button("Change the pace"))
    )


# --- Transfers and links ----------------------------------------------------------------------------------------------


def transfer(books: Books, request: Request) -> Answer:
    """One button of one transfer: `settle`, `reject`, or `return` with a code."""
    asked = request.form()
    action, _, code = asked.get("do", "").partition(" ")
    done = {"settle": "settled", "reject": "rejected", "return": "returned"}.get(action)
    if done is None or not _may(books, request.params["transfer_id"], action):
        return back_to(HOME, "late")
    act_on_transfer(books, request.params["transfer_id"], action=action, code=code or asked.get("code") or "R01")
    return back_to(HOME, done)


def _may(books: Books, transfer_id: str, action: str) -> bool:
    """Whether that button would still stand there."""
    row = books.one("SELECT status FROM transfers WHERE id = ?", transfer_id)
    if row is None:
        raise KeyError(transfer_id)
    return row["status"] not in STOPPED and (row["status"] != "COMPLETE" or action == "return")


def relationship(books: Books, request: Request) -> Answer:
    row = relationships.fetch(books, request.params["relationship_id"])
    status = request.form().get("do", "")
    if status not in ("APPROVED", "REJECTED") or row["status"] not in ("QUEUED", "PENDING"):
        return back_to(HOME, "late")
    reason = relationships.NAME_MISMATCH if status == "REJECTED" else None
    relationships.set_status(books, row["id"], status, at=books.now(), reason=reason)
    moves.catch_up(books)
    return back_to(HOME, "approved" if status == "APPROVED" else "refused")


def _list(books: Books, table: str, shown: Any, empty: str) -> str:
    sql = f"""SELECT {table}.*, accounts.given_name, accounts.family_name FROM {table}
        JOIN accounts ON accounts.id = {table}.account_id ORDER BY {table}.created_at DESC LIMIT {LAST}"""
    return rows((shown(row) for row in books.all(sql)), empty=empty)


def _person(row: Any) -> str:
    return f"{row['given_name']} {row['family_name']}"


def _facts(row: Any) -> list[str | None]:
    return [f"{_person(row)}, {moment(parse_moment(row['created_at']))}", row["reason"]]


def _transfer(row: Any) -> str:
    title = f"{'Deposit' if row['direction'] == 'INCOMING' else 'Withdrawal'} of ${_dollars(row['cents'])}"
    about = f"{title}, {_person(row)}"
    known = row["status"] in (*OPEN, "COMPLETE", *STOPPED)
    tone = "is-danger" if row["status"] in STOPPED else "is-unknown" if not known else ""
    controls = []
    if row["status"] not in (*STOPPED, "COMPLETE"):
        controls += [button("Settle", "settle", about=about), button("Reject", "reject", about=about)]
    if row["status"] not in STOPPED:
        codes = [(code, f"{code} {name}") for code, name in RETURN_CODES.items()]
        controls += [
            small_select(f"Code for the return: {about}", "code", codes),
            button("Return", "return", about=about),
        ]
    action = f"/control/desk/transfers/{row['id']}"
    return entry(title, badge(row["status"], tone), _facts(row), form(action, *controls))


def _dollars(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}"


def _link(row: Any) -> str:
    title = f"Account ending {row['mask']}"
    about, controls = f"{title}, {_person(row)}", []
    if row["status"] in ("QUEUED", "PENDING"):
        controls = [button("Approve", "APPROVED", about=about), button("Reject", "REJECTED", about=about)]
    tone = "is-danger" if row["status"] in STOPPED else ""
    action = f"/control/desk/relationships/{row['id']}"
    return entry(title, badge(row["status"], tone), _facts(row), form(action, *controls))


# --- The answer that gets lost ----------------------------------------------------------------------------------------


def lose_next_answer(books: Books, request: Request) -> Answer:
    """Take the next transfer in, and hang up instead of saying so."""
    faults.add(books, *LOSE_NEXT, times=1, details={})
    return back_to(HOME, "armed")


def _next_answer(books: Books) -> str:
    waiting = sum(
        fault["times"] - fault["fired"]
        for fault in faults.listed(books)
        if (fault["route"], fault["kind"]) == LOSE_NEXT
    )
    said = f"Answers that will be lost: {waiting}." if waiting else "Every answer to a transfer arrives."
    lose = button("Lose the answer of the next transfer")
    return f"<p>{escape(said)}</p>" + form("/control/desk/lose-next-answer", lose)
