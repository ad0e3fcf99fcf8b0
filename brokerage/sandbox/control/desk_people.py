"""The desk's page about people: their brokerage accounts, and their sign-ins at banks."""

from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, ledger
from brokerage.sandbox.control.desk_parts import back_to, badge, button, entry, form, page, rows, section
from brokerage.sandbox.plaid import institutions, items, webhooks
from brokerage.sandbox.wire import Answer, Request

HERE = "/control/people/"
LAST = 50
STATUSES = {"APPROVED": "Approve", "ACTIVE": "Activate", "ACTION_REQUIRED": "Ask for more", "REJECTED": "Reject"}
WAITING = ("SUBMITTED", "APPROVAL_PENDING", "ACTION_REQUIRED", "ONBOARDING", "APPROVED")
LOGINS = {"expire": webhooks.require_login, "revoke": webhooks.revoke, "repair": webhooks.repair_elsewhere}
DONE = {"expire": "login", "revoke": "revoked", "repair": "repaired"}


def people(books: Books, request: Request) -> Answer:
    opened = books.all(f"SELECT * FROM accounts ORDER BY created_at DESC LIMIT {LAST}")
    logins = books.all(f"SELECT * FROM items ORDER BY created_at DESC LIMIT {LAST}")
    return page(
        books, request, "People and their banks",
        section("Brokerage accounts", rows((_account(books, row) for row in opened), empty="Applications stand here.")),
        section("Bank logins", rows((_login(books, row) for row in logins), empty="Plaid’s Items will stand here.")),
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


def login(books: Books, request: Request) -> Answer:
    """Expire a bank login, end our access, or have it repaired with another application."""
    act = request.form().get("do", "")
    row = items.by_id(books, request.params["item_id"])
    if act not in LOGINS or row["removed"]:
        return back_to(HERE, "late")
    LOGINS[act](books, row["id"])
    return back_to(HERE, DONE[act])


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


def _login(books: Books, row: Any) -> str:
    bank = institutions.name_of(row["institution_id"]) if row["institution_id"] else "Linked by number"
    trouble = None if row["removed"] else items.trouble_of(books, row)
    word = "REMOVED" if row["removed"] else trouble.code if trouble else "WELL"
    accounts_ = ", ".join(_bank_account(row) for row in items.bank_accounts(books, row["id"]))
    facts = [accounts_, f"Item {row['id']}", f"News go to {row['webhook']}" if row["webhook"] else "No webhook"]
    tone = "" if word in ("WELL", "REMOVED") else "is-warn"
    return entry(bank, badge(word, tone), facts, _acts(row, bank, word))


def _bank_account(row: Any) -> str:
    shown = items.account_shown(row)
    return f"{shown['name']} ending {shown['mask']}" if shown["mask"] else str(shown["name"])


def _acts(row: Any, bank: str, word: str) -> str:
    if word == "REMOVED":
        return ""
    about = f"{bank}, {row['id'][:6]}"
    buttons = [button("Expire the login", "expire", about=about), button("Revoke access", "revoke", about=about)]
    if word != "WELL":
        buttons = [button("Repair it elsewhere", "repair", about=about)]
    return form(f"/control/desk/items/{row['id']}", *buttons)
