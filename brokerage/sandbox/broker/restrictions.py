"""What an account may not do for a while, whatever its status: blocks, and being held to liquidation.

Set by control, and by a deposit that comes back; asked by the rules of transfers, shown by the trading account.
"""

import sqlite3

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts

FLAGS = ("account_blocked", "trading_blocked", "transfers_blocked")
ADMIN_FLAGS = ("incoming_transfers_blocked", "outgoing_transfers_blocked")
REASONS = ("ach_return", "position_to_equity_ratio", "unspecified")


def restrict(books: Books, account_id: str, *, at: float, **reasons: bool) -> None:
    """Restrict an account to liquidation for a reason, or lift that; one event that tells what changed.

    Raises KeyError for a reason that there is not.
    """
    row = accounts.fetch(books, account_id)
    if unknown := reasons.keys() - set(REASONS):
        raise KeyError(*sorted(unknown))
    standing = restricted_by(row)
    changed = {name: bool(value) for name, value in reasons.items() if standing[name] != bool(value)}
    if not changed:
        return
    if "ach_return" in changed:
        books.write("UPDATE accounts SET ach_return = ? WHERE id = ?", int(changed["ach_return"]), account_id)
    kept = {name: value for name, value in {**standing, **changed}.items() if name != "ach_return"}
    accounts.keep_document(books, account_id, {**accounts.document_of(row), "restrictions": kept}, at=at)
    accounts.tell(books, row, {"admin_configurations": {"restrict_to_liquidation_reasons": changed}}, at=at)


def restricted_by(row: sqlite3.Row) -> dict[str, bool]:
    """Each reason, and whether it stands."""
    kept = accounts.document_of(row).get("restrictions", {})
    return {"ach_return": bool(row["ach_return"]), **{name: kept.get(name, False) for name in REASONS[1:]}}


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


def blocks(row: sqlite3.Row) -> dict[str, bool]:
    """Each block, and whether it is set."""
    return {flag: is_blocked(row, flag) for flag in (*FLAGS, *ADMIN_FLAGS)}


def is_blocked(row: sqlite3.Row, flag: str) -> bool:
    return bool(accounts.document_of(row).get("flags", {}).get(flag))
