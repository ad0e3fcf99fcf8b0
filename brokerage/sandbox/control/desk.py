"""A page for people: what moved lately, and buttons for what a bank might do next. Works without JavaScript."""

from html import escape
from pathlib import Path
from typing import Any

from brokerage.sandbox import faults, moves
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import ledger, relationships
from brokerage.sandbox.clock import iso_seconds
from brokerage.sandbox.control.api import act_on_transfer
from brokerage.sandbox.wire import Answer, Request

STYLE = Path(__file__).parent / "desk.css"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LOSE_NEXT = ("POST /broker/v1/accounts/*/transfers", "drop_after_commit")
LAST = 25
OPEN = ("QUEUED", "PENDING", "APPROVAL_PENDING", "APPROVED", "SENT_TO_CLEARING")


def page(books: Books, request: Request) -> Answer:
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Answer(200, _document(books).encode(), "text/html; charset=utf-8", headers)


def style(books: Books, request: Request) -> Answer:
    return Answer(200, STYLE.read_bytes(), "text/css; charset=utf-8")


def moved(books: Books, request: Request) -> Answer:
    return Answer(303, headers={"Location": "/control/"})


def transfer(books: Books, request: Request) -> Answer:
    """One button of one transfer: `settle`, `reject`, or `return` with a code."""
    action, _, code = request.form().get("do", "").partition(" ")
    if action in ("settle", "reject", "return"):
        act_on_transfer(books, request.params["transfer_id"], action=action, code=code or "R01")
    return moved(books, request)


def relationship(books: Books, request: Request) -> Answer:
    row = relationships.fetch(books, request.params["relationship_id"])
    status = request.form().get("do", "")
    if status in ("APPROVED", "REJECTED"):
        reason = relationships.NAME_MISMATCH if status == "REJECTED" else None
        relationships.set_status(books, row["id"], status, at=books.now(), reason=reason)
        moves.catch_up(books)
    return moved(books, request)


def lose_next_answer(books: Books, request: Request) -> Answer:
    """Take the next transfer in, and hang up instead of saying so."""
    faults.add(books, *LOSE_NEXT, times=1, details={})
    return moved(books, request)


def _document(books: Books) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sandbox desk</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/control/desk.css">
</head>
<body>
<header class="ribbon">Sandbox: no bank, no broker, no money</header>
<main>
<h1>What the banks do next</h1>
<p class="quiet">It is {iso_seconds(books.now())} here. Profile: {escape(books.setting("profile"))}.</p>
<section>
<h2>The next answer</h2>
<p>{_lost_answers(books)}</p>
<form method="post" action="/control/desk/lose-next-answer"><button>Lose the answer of the next transfer</button></form>
</section>
<section>
<h2>Transfers</h2>
{_list(books, "transfers", _transfer)}
</section>
<section>
<h2>Bank links</h2>
{_list(books, "relationships", _relationship)}
</section>
</main>
</body>
</html>
"""


def _lost_answers(books: Books) -> str:
    waiting = sum(
        fault["times"] - fault["fired"]
        for fault in faults.listed(books)
        if (fault["route"], fault["kind"]) == LOSE_NEXT
    )
    return f"Answers that will be lost: {waiting}." if waiting else "Every answer arrives."


def _list(books: Books, table: str, shown: Any) -> str:
    sql = f"""SELECT {table}.*, accounts.given_name, accounts.family_name FROM {table}
        JOIN accounts ON accounts.id = {table}.account_id ORDER BY {table}.created_at DESC LIMIT {LAST}"""
    rows = books.all(sql)
    return f"<ul>{''.join(shown(row) for row in rows)}</ul>" if rows else '<p class="quiet">None yet.</p>'


def _transfer(row: Any) -> str:
    what = "Deposit" if row["direction"] == "INCOMING" else "Withdrawal"
    amount = ledger.dollars_and_cents(row["cents"])
    buttons = [("settle", "Settle"), ("reject", "Reject")] if row["status"] in OPEN else []
    if row["status"] in (*OPEN, "COMPLETE"):
        buttons += [(f"return {code}", f"Return {code}") for code in ("R01", "R03", "R10")]
    return _entry(row, f"{what} of ${amount}", buttons, f"/control/desk/transfers/{row['id']}")


def _relationship(row: Any) -> str:
    buttons = [("APPROVED", "Approve"), ("REJECTED", "Reject")] if row["status"] in ("QUEUED", "PENDING") else []
    return _entry(row, f"Account ending {row['mask']}", buttons, f"/control/desk/relationships/{row['id']}")


def _entry(row: Any, title: str, buttons: list[tuple[str, str]], action: str) -> str:
    """One row of a list; every button's name says what it acts on, for whoever hears the page."""
    person = escape(f"{row['given_name']} {row['family_name']}")
    controls = "".join(
        f'<button name="do" value="{value}" aria-label="{label}: {escape(title)}, {person}">{label}</button>'
        for value, label in buttons
    )
    reason = f'<p class="quiet">{escape(row["reason"])}</p>' if row["reason"] else ""
    form = f'<form method="post" action="{action}">{controls}</form>' if controls else ""
    return f"""<li>
<p><strong>{escape(title)}</strong> <span class="status">{escape(row["status"])}</span></p>
<p class="quiet">{person}, {row["created_at"][:19].replace("T", " ")} UTC</p>
{reason}{form}</li>
"""
