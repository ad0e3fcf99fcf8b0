"""What only some transfers have: an instant credit that is held until the money arrives, and an IRA's particulars."""

import json
import sqlite3
from decimal import Decimal
from typing import Any

from brokerage.sandbox import banking, pace
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, fields, ledger
from brokerage.sandbox.broker.refusal import invalid
from brokerage.sandbox.clock import iso

IRA_FIELDS = ("distribution_reason", "tax_year")


def check_ira(account: sqlite3.Row, form: dict[str, Any]) -> None:
    """Raises Refusal."""
    if form.get("ira") is None:
        return
    fields.an_object("ira", form["ira"])
    if accounts.document_of(account)["account_type"] != "ira":
        raise invalid("ira can only be specified for ira accounts")
    for name in IRA_FIELDS:
        fields.allow(form["ira"], name, fields.at_most(30))


def keep(books: Books, account: sqlite3.Row, form: dict[str, Any], transfer_id: str, cents: int) -> None:
    """Note the extras of a transfer that was taken in, if it has any."""
    instant = _instant_cents(books, account, form["direction"], cents)
    ira = {name: form["ira"][name] for name in IRA_FIELDS if (form.get("ira") or {}).get(name)}
    if instant or ira:
        books.insert(
            "transfer_extras", transfer_id=transfer_id, instant_cents=instant, ira=json.dumps(ira) if ira else None,
            hold_until=iso(_expected_at(books)) if instant else None,
        )  # fmt: skip


def shown(books: Books, transfer_id: str) -> dict[str, Any]:
    row = books.one("SELECT * FROM transfer_extras WHERE transfer_id = ?", transfer_id)
    if row is None:
        return {}
    instant = {"instant_amount": ledger.dollars_and_cents(row["instant_cents"]), "hold_until": row["hold_until"]}
    return {**(instant if row["instant_cents"] else {}), **({"ira": json.loads(row["ira"])} if row["ira"] else {})}


def instant_credit(books: Books, account_id: str) -> int:
    """Cents that may be traded with although they are still on their way."""
    marks = ", ".join("?" * len(ledger.OPEN))
    sql = f"""SELECT SUM(instant_cents) FROM transfer_extras JOIN transfers ON transfers.id = transfer_id
        WHERE account_id = ? AND status IN ({marks})"""
    return books.number(sql, account_id, *ledger.OPEN)


def _instant_cents(books: Books, account: sqlite3.Row, direction: str, cents: int) -> int:
    document = accounts.document_of(account)
    if direction != "INCOMING" or not document.get("allow_instant_ach") or document.get("instant_ach_blocked"):
        return 0
    room = int(Decimal(str(books.setting("instant_ach_limit"))) * 100) - instant_credit(books, account["id"])
    return max(0, min(cents, room))


def _expected_at(books: Books) -> float:
    """When the broker counts on the money itself."""
    batch_at = banking.batch_closing_after(books.now(), pace.hour(books, "cut_off"))
    days, hour = int(books.setting("ach_settlement_days")), pace.hour(books, "ach_settles_at")
    return banking.settlement_of(batch_at, days=days, hour=hour)
