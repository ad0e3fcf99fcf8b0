"""What an account may not do for a while, whatever its status: blocks, and being held to liquidation.

Set by control and by what happens to transfers; asked by the rules of transfers, shown by the trading account.
"""

import sqlite3

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts

FLAGS = ("account_blocked", "trading_blocked", "transfers_blocked")
ADMIN_FLAGS = ("incoming_transfers_blocked", "outgoing_transfers_blocked")


def restrict(books: Books, account_id: str, *, ach_return: bool, at: float) -> None:
    """Restrict an account to liquidation because of a returned ACH, or lift that; one event for a change."""
    row = accounts.fetch(books, account_id)
    if bool(row["ach_return"]) == ach_return:
        return
    books.write("UPDATE accounts SET ach_return = ? WHERE id = ?", int(ach_return), account_id)
    reasons = {"restrict_to_liquidation_reasons": {"ach_return": ach_return}}
    accounts.tell(books, row, {"admin_configurations": reasons}, at=at)


def block(books: Books, account_id: str, *, at: float, **flags: bool) -> None:
    """Set or lift the broker's own blocks, with one event that tells what changed and has no status in it.

    Raises KeyError for a flag that there is not.
    """
    row = accounts.fetch(books, account_id)
    document = accounts.document_of(row)
    kept = document.setdefault("flags", {})
    if unknown := flags.keys() - {*FLAGS, *ADMIN_FLAGS}:
        raise KeyError(*sorted(unknown))
    changed = {name: bool(value) for name, value in flags.items() if kept.get(name, False) != bool(value)}
    if not changed:
        return
    accounts.keep_document(books, account_id, {**document, "flags": kept | changed}, at=at)
    admin = {name: changed.pop(name) for name in ADMIN_FLAGS if name in changed}
    accounts.tell(books, row, changed | ({"admin_configurations": admin} if admin else {}), at=at)


def is_blocked(row: sqlite3.Row, flag: str) -> bool:
    return bool(accounts.document_of(row).get("flags", {}).get(flag))
