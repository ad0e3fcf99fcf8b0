"""Control over one brokerage account: its status, what it may not do, and its cash."""

from typing import Any

from brokerage.sandbox import moves
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, ledger, restrictions
from brokerage.sandbox.clock import iso
from brokerage.sandbox.control.gate import BadControl
from brokerage.sandbox.control.reading import Fields, cents, known, kyc_results, moment
from brokerage.sandbox.wire import Request


def account(books: Books, request: Request, fields: Fields) -> Fields:
    """Whatever is given of it: `status` and `kyc_results`, `flags`, `restrict` and `ach_return`, `created_at`."""
    row = known(books, "accounts", request.params["account_id"])
    now = books.now()
    if "created_at" in fields:
        _set_back(books, row["id"], moment("created_at", fields["created_at"]))
    if "ach_return" in fields:
        restrictions.restrict(books, row["id"], ach_return=bool(fields["ach_return"]), at=now)
    if fields.get("restrict"):
        restrictions.restrict(books, row["id"], at=now, **fields["restrict"])
    if fields.get("flags"):
        restrictions.block(books, row["id"], at=now, **fields["flags"])
    if "status" in fields or "kyc_results" in fields:
        status = str(fields.get("status") or row["status"])
        accounts.set_status(books, row["id"], status, at=now, kyc_results=kyc_results(fields.get("kyc_results")))
    moves.catch_up(books)
    return shown(books, known(books, "accounts", row["id"]))


def _set_back(books: Books, account_id: str, created_at: float) -> None:
    """Let an account have been opened earlier, so that it has a past: statements, and a history that begins then."""
    if not 0 <= created_at <= books.now():
        raise BadControl("created_at must not be in the future")
    books.write("UPDATE accounts SET created_at = ? WHERE id = ?", iso(created_at), account_id)


def balance(books: Books, request: Request, fields: Fields) -> Fields:
    row = known(books, "accounts", str(fields.get("account_id")))
    words = {name: str(fields[name]) for name in ("activity_type", "description") if fields.get(name)}
    set_cash(books, row["id"], fields.get("amount"), **words)
    return shown(books, row)


def set_cash(
    books: Books, account_id: str, amount: Any, *, activity_type: str = "", description: str = "adjustment"
) -> None:
    """Book the difference that makes an account's cash the amount wanted: money, or drift, from nowhere."""
    difference = cents(amount) - ledger.cash(books, account_id)
    if difference:
        kind = activity_type or ("CSD" if difference > 0 else "CSW")
        ledger.book(
            books, account_id=account_id, activity_type=kind, cents=difference, at=books.now(), description=description
        )


def shown(books: Books, row: Any) -> Fields:
    return {
        **accounts.shown(row, ()),
        "email": row["email"],
        "ach_return": bool(row["ach_return"]),
        "flags": restrictions.blocks(row),
        "restrict": restrictions.restricted_by(row),
        "cash": ledger.dollars_and_cents(ledger.cash(books, row["id"])),
        "withdrawable": ledger.dollars_and_cents(ledger.withdrawable(books, row["id"])),
    }
