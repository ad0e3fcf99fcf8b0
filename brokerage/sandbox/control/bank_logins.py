"""What a bank or its customer does to a login at Plaid, as JSON: one word of `state` for each."""

import sqlite3
from collections.abc import Callable
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.control.gate import BadControl
from brokerage.sandbox.plaid import changes, items, verification
from brokerage.sandbox.wire import Request

Fields = dict[str, Any]

TO_THE_LOGIN: dict[str, Callable[[Books, str], None]] = {
    "login_required": changes.require_login,
    "disconnecting": changes.announce_end,
    "revoked": changes.revoke,
    "repaired": changes.repair_elsewhere,
    "new_accounts": changes.offer_accounts,
}
SIGN_INS = ("login_required", "disconnecting")


def _see_deposits(books: Books, account: sqlite3.Row) -> None:
    verification.settle(books, account, "automatically_verified")


def _expire_deposits(books: Books, account: sqlite3.Row) -> None:
    verification.settle(books, account, "verification_expired")


TO_AN_ACCOUNT: dict[str, Callable[[Books, sqlite3.Row], None]] = {
    "account_revoked": changes.revoke_account,
    "unshare": changes.unshare,
    "new_numbers": changes.change_numbers,
    "verified": _see_deposits,
    "verification_expired": _expire_deposits,
}
OF_DEPOSITS = ("verified", "verification_expired")


def control_item(books: Books, request: Request, fields: Fields) -> Fields:
    """POST /control/plaid/items/{item_id}: {"state": ...}, and for what happens to one account its `account_id`."""
    item = items.by_id(books, request.params["item_id"])
    change(books, item, str(fields["state"]), account_id=fields.get("account_id"))
    shown = items.shown(books, items.by_id(books, item["id"]))
    return {**shown, "accounts": [items.account_shown(row) for row in items.bank_accounts(books, item["id"])]}


def change(books: Books, item: sqlite3.Row, state: str, *, account_id: Any = None) -> None:
    """Do it, to the first account where none is named. Raises BadControl, KeyError."""
    if item["removed"]:
        raise BadControl("the Item was removed")
    if state in TO_THE_LOGIN:
        if state in SIGN_INS and items.is_manual(books, item["id"]):
            raise BadControl("nobody has signed in to this Item: it was linked by number")
        TO_THE_LOGIN[state](books, item["id"])
    elif state in TO_AN_ACCOUNT:
        account = _account(books, item["id"], account_id)
        if state in OF_DEPOSITS and not verification.awaits_deposits(account):
            raise BadControl("the account is not waiting for an automatic verification")
        TO_AN_ACCOUNT[state](books, account)
    else:
        raise BadControl(f"state must be one of {', '.join([*TO_THE_LOGIN, *TO_AN_ACCOUNT])}")


def _account(books: Books, item_id: str, account_id: Any) -> sqlite3.Row:
    rows = items.bank_accounts(books, item_id)
    if not rows:
        raise BadControl("the Item shows no account")
    wanted = [row for row in rows if account_id in (None, row["id"])]
    if not wanted:
        raise KeyError(account_id)
    return wanted[0]
