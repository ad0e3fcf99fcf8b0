"""The desk's page about people: their brokerage accounts, and with `desk_logins` their sign-ins at banks."""

from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, findings, ledger, restrictions
from brokerage.sandbox.control import desk_logins
from brokerage.sandbox.control.desk_parts import (
    back_to,
    badge,
    button,
    entry,
    form,
    page,
    rows,
    section,
    small_select,
)
from brokerage.sandbox.wire import Answer, Request

HERE = "/control/people/"
LAST = 50
DECISIONS = {"APPROVED": "Approve", "ACTIVE": "Activate", "SUBMITTED": "Submit", "REJECTED": "Reject"}
WAITING = ("SUBMITTED", "APPROVAL_PENDING", "ACTION_REQUIRED", "ONBOARDING", "SUBMISSION_FAILED", "APPROVED")
ENDED = ("REJECTED", "ACCOUNT_CLOSED")
ASK, CHANGE, CLOSE = "ask", "change", "close"
# What a block, or a reason to restrict an account, is called here: set, and lifted.
MAY_NOT = {
    "account_blocked": ("Block the account", "Unblock the account"),
    "trading_blocked": ("Block trading", "Unblock trading"),
    "transfers_blocked": ("Block transfers", "Unblock transfers"),
    "incoming_transfers_blocked": ("Block deposits", "Unblock deposits"),
    "outgoing_transfers_blocked": ("Block withdrawals", "Unblock withdrawals"),
    "ach_return": ("Restrict: a deposit came back", "Lift: a deposit came back"),
    "position_to_equity_ratio": ("Restrict: positions too large", "Lift: positions too large"),
    "unspecified": ("Restrict: no reason given", "Lift: no reason given"),
}


def people(books: Books, request: Request) -> Answer:
    opened = books.all(f"SELECT * FROM accounts ORDER BY created_at DESC LIMIT {LAST}")
    return page(
        books, request, "People and their banks",
        section("Brokerage accounts", rows((_account(books, row) for row in opened), empty="Applications stand here.")),
        section("Bank logins", desk_logins.listed(books)),
    )  # fmt: skip


def account(books: Books, request: Request) -> Answer:
    """What a button does to an account, each with its event."""
    row = books.one("SELECT * FROM accounts WHERE id = ?", request.params["account_id"])
    if row is None:
        raise KeyError(request.params["account_id"])
    asked = request.form()
    return back_to(HERE, "paced" if _done(books, row, asked.get("do", ""), asked) else "late")


def _done(books: Books, row: Any, do: str, asked: dict[str, str]) -> bool:
    """Whether it still made sense, and so was done."""
    at = books.now()
    if do in DECISIONS and row["status"] in WAITING:
        accounts.set_status(books, row["id"], do, at=at)
    elif do == ASK and row["status"] in WAITING and asked.get("code") in findings.CODES:
        wanted = findings.found("ACTION_REQUIRED", [asked["code"]])
        accounts.set_status(books, row["id"], "ACTION_REQUIRED", at=at, kyc_results=wanted)
    elif do == CHANGE and row["status"] not in ENDED and asked.get("what", "") in _changes(row):
        _change(books, row, asked["what"], at=at)
    elif do == CLOSE and row["status"] in accounts.OPENED:
        accounts.set_status(books, row["id"], "ACCOUNT_CLOSED", at=at)
    else:
        return False
    return True


def _standing(row: Any) -> dict[str, bool]:
    return {**restrictions.blocks(row), **restrictions.restricted_by(row)}


def _changes(row: Any) -> dict[str, str]:
    """What can be done to what an account may do: the word for it, and how it is called."""
    return {
        f"{name} {'lift' if stands else 'set'}": MAY_NOT[name][int(stands)] for name, stands in _standing(row).items()
    }


def _change(books: Books, row: Any, what: str, *, at: float) -> None:
    name, _, way = what.partition(" ")
    act = restrictions.restrict if name in restrictions.REASONS else restrictions.block
    act(books, row["id"], at=at, **{name: way == "set"})


def _account(books: Books, row: Any) -> str:
    person = f"{row['given_name']} {row['family_name']}"
    cash = ledger.dollars_and_cents(ledger.cash(books, row["id"]))
    free = ledger.dollars_and_cents(ledger.withdrawable(books, row["id"]))
    tone = "is-danger" if row["status"] in ENDED else ""
    facts = [
        f"Account {row['account_number']}, {row['email']}",
        f"Cash ${cash}, of which ${free} can be withdrawn",
        *(f"Done: {MAY_NOT[name][0].lower()}" for name, stands in _standing(row).items() if stands),
    ]
    return entry(person, badge(row["status"], tone), facts, _controls(row, person))


def _controls(row: Any, person: str) -> str:
    action = f"/control/desk/accounts/{row['id']}"
    controls = ""
    if row["status"] in WAITING:
        decisions = [button(label, do, about=person) for do, label in DECISIONS.items() if do != row["status"]]
        codes = small_select(f"What to ask for: {person}", "code", [(code, code) for code in findings.CODES])
        controls += form(action, *decisions) + form(action, codes, button("Ask for this", ASK, about=person))
    if row["status"] not in ENDED:
        changes = small_select(f"What the account may not do: {person}", "what", _changes(row).items())
        close = [button("Close", CLOSE, about=person)] if row["status"] in accounts.OPENED else []
        controls += form(action, changes, button("Do this", CHANGE, about=person), *close)
    return controls
