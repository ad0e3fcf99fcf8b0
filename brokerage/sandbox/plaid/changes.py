"""What becomes of an Item outside this application: at its bank, with another application, in its customer's hands.

Called by control and the desk, by /sandbox/item/reset_login, and by `moves` when a timer is due. The application hears
of it by webhook, where Plaid tells it. https://plaid.com/docs/api/items/#webhooks
"""

import json
import sqlite3

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import items, processors, webhooks

# --- The sign-in ------------------------------------------------------------------------------------------------------


def require_login(books: Books, item_id: str) -> None:
    """The bank wants its customer to sign in again; told once."""
    if items.trouble_of(books, items.by_id(books, item_id)):
        return
    books.write("UPDATE items SET login_required = 1 WHERE id = ?", item_id)
    books.write("UPDATE item_states SET disconnect_at = NULL WHERE item_id = ?", item_id)
    _tell_trouble(books, item_id)


def announce_end(books: Books, item_id: str) -> None:
    """In a week the bank will want its customer to sign in again; told once."""
    if items.trouble_of(books, items.by_id(books, item_id)):
        return
    ends_at = books.now() + items.WEEK
    sql = "UPDATE item_states SET disconnect_at = ? WHERE item_id = ? AND disconnect_at IS NULL"
    if books.write(sql, ends_at, item_id):
        items.start_timer(books, item_id)
        notice = webhooks.disconnect_notice(ends_at)
        webhooks.send(books, items.by_id(books, item_id), "ITEM", "PENDING_DISCONNECT", **notice)


def revoke(books: Books, item_id: str) -> None:
    """The customer has ended our access, at the bank or at Plaid; told once."""
    items.state_of(books, item_id)
    sql = "UPDATE item_states SET revoked = 1, disconnect_at = NULL WHERE item_id = ? AND NOT revoked"
    if books.write(sql, item_id):
        processors.end_tokens(books, items.by_id(books, item_id), "revoked")
        _tell_trouble(books, item_id)


def _tell_trouble(books: Books, item_id: str) -> None:
    item = items.by_id(books, item_id)
    trouble = items.trouble_of(books, item)
    if trouble:
        webhooks.send_error(books, item, trouble)


def repair_elsewhere(books: Books, item_id: str) -> None:
    """The customer has signed in again with another application, and ours works too."""
    items.state_of(books, item_id)
    books.write("UPDATE item_states SET revoked = 0 WHERE item_id = ?", item_id)
    items.sign_in_anew(books, item_id)
    webhooks.send(books, items.by_id(books, item_id), "ITEM", "LOGIN_REPAIRED")


def end_sign_in(books: Books, item_id: str, *, at: float) -> None:
    """The thirty days of a sandbox Item are over, or the bank's notice; called when its timer is due."""
    if not items.by_id(books, item_id)["removed"]:
        require_login(books, item_id)


def restart_timers(books: Books) -> None:
    for row in books.all("SELECT id FROM items WHERE NOT removed AND NOT login_required"):
        items.start_timer(books, row["id"])


# --- The accounts -----------------------------------------------------------------------------------------------------


def revoke_account(books: Books, account: sqlite3.Row) -> None:
    """The customer has ended our access to this one account, and to no other."""
    items.forget_account(books, account["id"])
    _tell(books, account, "ITEM", "USER_ACCOUNT_REVOKED", account_id=account["id"])


def unshare(books: Books, account: sqlite3.Row) -> None:
    """As most banks do it: the account is not there any more, and nobody says so."""
    items.forget_account(books, account["id"])


def change_numbers(books: Books, account: sqlite3.Row) -> None:
    """The bank has given the account another number; who wants to move money with it needs another processor token."""
    number = items.number_of(json.loads(account["details"]))
    items.change_account(books, account, _number=f"{int(number[:-4] or 0) + 1:0{len(number) - 4}}{number[-4:]}")
    books.write("UPDATE processor_tokens SET outdated = 1 WHERE bank_account_id = ?", account["id"])
    updated = {account["id"]: ["ACCOUNT_NUMBER"]}
    _tell(books, account, "AUTH", "DEFAULT_UPDATE", **webhooks.auth_update(updated))


def offer_accounts(books: Books, item_id: str) -> None:
    """The customer has opened another account at this bank, which update mode can share."""
    webhooks.send(books, items.by_id(books, item_id), "ITEM", "NEW_ACCOUNTS_AVAILABLE", error=None)


def _tell(books: Books, account: sqlite3.Row, kind: str, code: str, **extra: object) -> None:
    webhooks.send(books, items.by_id(books, account["item_id"]), kind, code, **extra)
