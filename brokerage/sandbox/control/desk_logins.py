"""Bank logins on the desk's page about people: what a bank or its customer does to one, or to one account of it."""

import sqlite3
from dataclasses import dataclass

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import parse_moment
from brokerage.sandbox.control import bank_logins
from brokerage.sandbox.control.desk_parts import back_to, badge, button, entry, form, moment, rows, small_select
from brokerage.sandbox.control.gate import BadControl
from brokerage.sandbox.plaid import institutions, items, verification
from brokerage.sandbox.wire import Answer, Request

HERE = "/control/people/"
LAST = 50
# Words of control: the button or the choice, and the notice when it is done.
LOGINS = {
    "login_required": ("Expire the login", "login"),
    "disconnecting": ("Announce its end", "ending"),
    "revoked": ("Revoke access", "revoked"),
    "new_accounts": ("Offer new accounts", "offered"),
    "repaired": ("Repair it elsewhere", "repaired"),
}
ACCOUNTS = {
    "account_revoked": ("Revoke it", "account"),
    "unshare": ("Stop sharing", "unshared"),
    "new_numbers": ("New numbers", "renumbered"),
}
DEPOSITS = {"verified": ("See its deposits", "seen"), "verification_expired": ("Miss its deposits", "unseen")}
DONE = {state: notice for state, (_, notice) in (LOGINS | ACCOUNTS | DEPOSITS).items()}


@dataclass(frozen=True)
class Login:
    """A sign-in at a bank, whose it is, the account that the broker draws on, and Plaid's word for its trouble."""

    item_id: str
    person: str
    mask: str
    approved: bool
    trouble: str

    def __str__(self) -> str:
        return f"{self.person}, account ending {self.mask}"


def known(books: Books) -> list[Login]:
    """The logins behind the broker's links, the one that moved last first."""
    sql = """SELECT item_id, mask, given_name, family_name, relationships.status = 'APPROVED' AS approved
        FROM relationships JOIN processor_tokens ON processor_tokens.token = relationships.processor_token
        JOIN accounts ON accounts.id = relationships.account_id JOIN items ON items.id = item_id AND NOT removed
        ORDER BY relationships.updated_at DESC"""
    found = [row for row in books.all(sql) if not items.is_manual(books, row["item_id"])]
    troubles = [items.trouble_of(books, items.by_id(books, row["item_id"])) for row in found]
    return [
        Login(
            row["item_id"], f"{row['given_name']} {row['family_name']}", row["mask"] or "", bool(row["approved"]),
            trouble.code if trouble else "",
        )
        for row, trouble in zip(found, troubles, strict=True)
    ]  # fmt: skip


def newest(books: Books) -> Login | None:
    """The login that is well and belongs to the bank account that the broker approved last."""
    return next((login for login in known(books) if login.approved and not login.trouble), None)


def listed(books: Books) -> str:
    found = books.all(f"SELECT * FROM items ORDER BY created_at DESC LIMIT {LAST}")
    return rows((_login(books, row) for row in found), empty="Plaid’s Items will stand here.")


def login(books: Books, request: Request) -> Answer:
    """What a button does to a login, or, with `account_id` and `state`, to one of its accounts."""
    item, asked = items.by_id(books, request.params["item_id"]), request.form()
    state = asked.get("state", "") if asked.get("do") == "account" else asked.get("do", "")
    try:
        bank_logins.change(books, item, state, account_id=asked.get("account_id"))
    except (BadControl, KeyError):
        return back_to(HERE, "late")
    return back_to(HERE, DONE[state])


def _login(books: Books, row: sqlite3.Row) -> str:
    bank = institutions.name_of(row["institution_id"]) if row["institution_id"] else "Linked by number"
    trouble = None if row["removed"] else items.trouble_of(books, row)
    word = "REMOVED" if row["removed"] else trouble.code if trouble else "WELL"
    accounts = items.bank_accounts(books, row["id"])
    facts = [
        ", ".join(_named(account) for account in accounts),
        *(f"{_named(account)}: {verification.status_of(account)}" for account in accounts if _is_typed(account)),
        f"Item {row['id']}",
        f"News go to {row['webhook']}" if row["webhook"] else "No webhook",
        _end(books, row),
    ]
    about = f"{bank}, {row['id'][:6]}"
    controls = "" if word == "REMOVED" else _acts(books, row, about, word) + _acts_on_accounts(row, about, accounts)
    return entry(bank, badge(word, "" if word in ("WELL", "REMOVED") else "is-warn"), facts, controls)


def _named(account: sqlite3.Row) -> str:
    shown = items.account_shown(account)
    return f"{shown['name']} ending {shown['mask']}" if shown["mask"] else str(shown["name"])


def _short(account: sqlite3.Row) -> str:
    shown = items.account_shown(account)
    return f"Ending {shown['mask']}" if shown["mask"] else str(shown["name"])


def _is_typed(account: sqlite3.Row) -> bool:
    """Whether somebody has typed its numbers and they had to be verified."""
    return verification.status_of(account) is not None


def _end(books: Books, row: sqlite3.Row) -> str | None:
    ends_at = items.shown(books, row)["consent_expiration_time"]
    return f"Announced to end on {moment(parse_moment(ends_at))}" if ends_at else None


def _acts(books: Books, row: sqlite3.Row, about: str, word: str) -> str:
    if word != "WELL":
        states = ["repaired"]
    elif items.is_manual(books, row["id"]):
        states = ["revoked"]
    else:
        states = [state for state in LOGINS if state not in ("repaired", "disconnecting" if _end(books, row) else "")]
    buttons = [button(LOGINS[state][0], state, about=about) for state in states]
    return form(f"/control/desk/items/{row['id']}", *buttons)


def _acts_on_accounts(row: sqlite3.Row, about: str, accounts: list[sqlite3.Row]) -> str:
    if not accounts:
        return ""
    states = ACCOUNTS | (DEPOSITS if any(map(verification.awaits_deposits, accounts)) else {})
    choices = [(state, words) for state, (words, _) in states.items()]
    return form(
        f"/control/desk/items/{row['id']}",
        small_select(f"Account: {about}", "account_id", [(account["id"], _short(account)) for account in accounts]),
        small_select(f"What happens to the account: {about}", "state", choices),
        button("Do this to it", "account", about=about),
    )
