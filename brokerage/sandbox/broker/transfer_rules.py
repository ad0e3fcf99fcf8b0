"""What the broker asks of a transfer before it takes one in, in the order in which it asks."""

import re
import sqlite3
from decimal import Decimal
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import bodies, ledger, restrictions, transfer_extras
from brokerage.sandbox.broker.refusal import Refusal, invalid
from brokerage.sandbox.clock import banking_day_start, iso

MOST_CENTS = 10**14
USABLE = ("QUEUED", "PENDING", "APPROVED", "CANCEL_FAILED")  # the last is a link that stands as it did


def check(books: Books, account: sqlite3.Row, form: Any) -> int:
    """The amount in cents of a transfer that may be taken in. Raises Refusal."""
    if not isinstance(form, dict):
        raise bodies.malformed()
    _check_kind(form)
    cents = _cents(form.get("amount"))
    _check_minimum(books, form["direction"], cents)
    transfer_extras.check_ira(account, form)
    _check_relationship(books, account, form)
    direction = form["direction"]
    _check_permission(books, account, direction)
    _check_count(books, account["id"], direction)
    _check_daily_total(books, account["id"], direction, cents)
    if direction == "OUTGOING" and cents > ledger.withdrawable(books, account["id"]):
        status = int(books.setting("withdrawable_exceeded_status"))
        raise Refusal(status, "transfer amount must be less than withdrawable cash")
    return cents


def _check_kind(form: dict[str, Any]) -> None:
    if form.get("transfer_type") not in ("ach", "wire"):
        raise invalid("transfer_type must be either ach or wire")
    if form.get("direction") not in ("INCOMING", "OUTGOING"):
        raise invalid("direction must be either incoming or outgoing")
    if form["transfer_type"] == "wire":
        _refuse_wire(form)
    if form.get("bank_id"):
        raise invalid("bank_id should be empty for ach transfer")
    if form.get("fee_payment_method") not in (None, "", "user", "invoice"):
        raise invalid("fee_payment_method must be either user or invoice")
    if form.get("additional_information"):
        raise invalid("only wire transfer type can provide additional information for the transfer")


def _refuse_wire(form: dict[str, Any]) -> None:
    """No bank can be registered for wires here, so none goes through."""
    if form["direction"] == "INCOMING":
        raise Refusal(422, "cannot submit incoming wire transfer using this API", code=40010001)
    if form.get("relationship_id"):
        raise invalid("relationship_id should be empty for wire transfer")
    raise invalid("invalid bank_id" if form.get("bank_id") else "bank_id required for wire transfer")


def _cents(amount: Any) -> int:
    """Plain digits, as a string or a number; what a decimal library would read besides is refused."""
    written = isinstance(amount, str | int | float) and re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", str(amount))
    value = Decimal(written[0]) if written else Decimal("NaN")
    if not value.is_finite() or value * 100 > MOST_CENTS:
        raise invalid("amount is invalid")
    if value <= 0:
        raise invalid("amount must be greater than 0.00")
    if value != value.quantize(Decimal("0.01")):
        raise invalid("amount must not have more than 2 decimal places")
    return int(value * 100)


def _check_minimum(books: Books, direction: str, cents: int) -> None:
    least = Decimal(str(books.setting("min_deposit" if direction == "INCOMING" else "min_withdrawal")))
    if direction == "INCOMING" and cents < least * 100:
        raise invalid(f"deposit amount must be greater than or equal to {least}")
    if direction == "OUTGOING" and cents <= least * 100:
        raise invalid(f"withdrawal amount must be greater than {least}")


def _check_relationship(books: Books, account: sqlite3.Row, form: dict[str, Any]) -> None:
    row = books.one("SELECT * FROM relationships WHERE id = ?", str(form.get("relationship_id")))
    usable = row and row["account_id"] == account["id"] and row["status"] in USABLE
    if not usable:
        raise invalid("invalid relationship_id")


def _check_permission(books: Books, account: sqlite3.Row, direction: str) -> None:
    word, flag = {
        "INCOMING": ("deposits", "incoming_transfers_blocked"),
        "OUTGOING": ("withdrawals", "outgoing_transfers_blocked"),
    }[direction]
    held = direction == "OUTGOING" and books.setting("review_holds_withdrawals")
    open_in = ("ACTIVE",) if held else ("ACTIVE", "ACCOUNT_UPDATED")
    returned = account["ach_return"] and books.setting("block_transfers_after_return")
    blocked = any(restrictions.is_blocked(account, each) for each in ("account_blocked", "transfers_blocked", flag))
    if account["status"] not in open_in or returned or blocked:
        raise Refusal(403, f"{word} are not permitted for this account")


def _check_count(books: Books, account_id: str, direction: str) -> None:
    limit = books.setting("ach_per_day")
    if limit is None and books.setting("profile") == "realistic":
        limit = 1
    if not limit:
        return
    sql = """SELECT COUNT(*) FROM transfers WHERE account_id = ? AND direction = ? AND created_at >= ?
        AND status NOT IN ('CANCELED', 'REJECTED')"""
    if books.number(sql, account_id, direction, _today(books)) >= int(limit):
        raise invalid(f"maximum number of ACH transfers allowed is {limit} per trading day in each direction")


def _check_daily_total(books: Books, account_id: str, direction: str, cents: int) -> None:
    """Everything asked for today counts, however it ended."""
    limit = Decimal(str(books.setting("daily_limit")))
    sql = "SELECT SUM(cents) FROM transfers WHERE account_id = ? AND direction = ? AND created_at >= ?"
    if books.number(sql, account_id, direction, _today(books)) + cents > limit * 100:
        status = int(books.setting("daily_limit_status"))
        raise Refusal(status, f"maximum total daily transfer allowed is ${limit}", code=40010001)


def _today(books: Books) -> str:
    return iso(banking_day_start(books.now()))
