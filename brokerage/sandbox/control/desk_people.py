"""The desk's page about people: their brokerage accounts, and with `desk_logins` their sign-ins at banks."""

from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, ledger
from brokerage.sandbox.control import desk_logins
from brokerage.sandbox.control.desk_parts import back_to, badge, button, entry, form, page, rows, section
from brokerage.sandbox.wire import Answer, Request

HERE = "/control/people/"
LAST = 50
STATUSES = {"APPROVED": "Approve", "ACTIVE": "Activate", "ACTION_REQUIRED": "Ask for more", "REJECTED": "Reject"}
WAITING = ("SUBMITTED", "APPROVAL_PENDING", "ACTION_REQUIRED", "ONBOARDING", "APPROVED")


def people(books: Books, request: Request) -> Answer:
    opened = books.all(f"SELECT * FROM accounts ORDER BY created_at DESC LIMIT {LAST}")
    return page(
        books, request, "People and their banks",
        section("Brokerage accounts", rows((_account(books, row) for row in opened), empty="Applications stand here.")),
        section("Bank logins", desk_logins.listed(books)),
    )  # fmt: skip


def account(books: Books, request: Request) -> Answer:
    row = books.one("SELECT * FROM accounts WHERE id = ?", request.params["account_id"])
    if row is None:
        raise KeyError(request.params["account_id"])
    status = request.form().get("do", "")
    if status not in STATUSES or row["status"] not in WAITING:
        return back_to(HERE, "late")
    accounts.set_status(books, row["id"], status, at=books.now(), kyc_results=_missing(status))
    return back_to(HERE, "paced")


def _missing(status: str) -> dict[str, Any] | None:
    if status != "ACTION_REQUIRED":
        return None
    return {"accept": {"IDENTITY_VERIFICATION": {}}, "indeterminate": {"ADDRESS_VERIFICATION": {}}}


def _account(books: Books, row: Any) -> str:
    person = f"{row['given_name']} {row['family_name']}"
    cash = ledger.dollars_and_cents(ledger.cash(books, row["id"]))
    free = ledger.dollars_and_cents(ledger.withdrawable(books, row["id"]))
    tone = "is-danger" if row["status"] in ("REJECTED", "ACCOUNT_CLOSED") else ""
    facts = [
        f"Account {row['account_number']}, {row['email']}",
        f"Cash ${cash}, of which ${free} can be withdrawn",
        "Restricted after a returned deposit" if row["ach_return"] else None,
    ]
    buttons = [button(label, status, about=person) for status, label in STATUSES.items() if status != row["status"]]
    controls = form(f"/control/desk/accounts/{row['id']}", *buttons) if row["status"] in WAITING else ""
    return entry(person, badge(row["status"], tone), facts, controls)
