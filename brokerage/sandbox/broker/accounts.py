"""Brokerage accounts: their rows, their statuses, and how an application is decided.

    SUBMITTED ─→ APPROVED ─→ ACTIVE ⇄ ACCOUNT_UPDATED
       └─→ ACTION_REQUIRED ─(documents)─→ SUBMITTED    └─→ APPROVAL_PENDING, REJECTED

The vendor's SDK cannot send the vendor's own test fixtures, so a family name asks for an outcome here:
Actionrequired, Rejected, Pending. A disclosure that is true sends the application to manual review as well.
"""

import json
import re
import sqlite3
from typing import Any

from brokerage.sandbox import timers
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import declarations, events
from brokerage.sandbox.broker.account_answers import shown as shown
from brokerage.sandbox.broker.refusal import unauthorized
from brokerage.sandbox.clock import iso

OPENED = ("ACTIVE", "ACCOUNT_UPDATED")
OUTCOMES = {"actionrequired": "ACTION_REQUIRED", "rejected": "REJECTED", "pending": "APPROVAL_PENDING"}
FIXTURE = re.compile(r"/fixtures/status=([A-Z_]+)/fixtures/")
KYC_FINDINGS: dict[str, dict[str, Any]] = {
    "APPROVED": {"summary": "pass"},
    "ACTION_REQUIRED": {"indeterminate": {"ADDRESS_VERIFICATION": {}}, "summary": "fail"},
    "REJECTED": {"reject": {"IDENTITY_VERIFICATION": {}}, "summary": "fail"},
}


def fetch(books: Books, account_id: str) -> sqlite3.Row:
    """Raises Refusal (401): the vendor does not say whether an account exists that is not yours."""
    row = books.one("SELECT * FROM accounts WHERE id = ?", account_id)
    if row is None:
        raise unauthorized()
    return row


def document_of(row: sqlite3.Row) -> dict[str, Any]:
    """What the application said, with what was changed and added since."""
    document: dict[str, Any] = json.loads(row["document"])
    return document


def keep_document(books: Books, account_id: str, document: dict[str, Any], *, at: float) -> None:
    text = json.dumps(document)
    books.write("UPDATE accounts SET document = ?, updated_at = ? WHERE id = ?", text, iso(at), account_id)


def set_status(
    books: Books, account_id: str, status: str, *, at: float, kyc_results: dict[str, Any] | None = None
) -> None:
    """Move an account, with one event; a status it already has is no move."""
    row = fetch(books, account_id)
    findings = kyc_results if kyc_results is not None else _findings(status)
    kept = json.dumps(findings) if findings is not None else row["kyc_results"]
    if row["status"] == status and kept == row["kyc_results"]:
        return
    books.write(
        "UPDATE accounts SET status = ?, kyc_results = ?, updated_at = ? WHERE id = ?",
        status, kept, iso(at), account_id,
    )  # fmt: skip
    change: dict[str, Any] = {"kyc_results": json.loads(kept) if kept else None}
    if row["status"] != status:
        change |= {"status_from": row["status"], "status_to": status}
    tell(books, row, change, at=at)
    timers.start(books, "account", account_id, status, at=at)


def tell(books: Books, row: sqlite3.Row, change: dict[str, Any], *, at: float) -> None:
    """One event that says what changed about an account, and nothing else."""
    payload = {"account_number": row["account_number"], **change}
    events.record(books, "accounts", account_id=row["id"], entity_id=row["id"], at=at, payload=payload)


def advance(books: Books, account_id: str, *, at: float) -> None:
    """The next step of an application that nobody stands in the way of."""
    row = fetch(books, account_id)
    if row["status"] == "SUBMITTED":
        set_status(books, account_id, _decision(books, row), at=at)
    elif row["status"] in ("APPROVED", "ACCOUNT_UPDATED"):
        set_status(books, account_id, "ACTIVE", at=at)


def restart_timers(books: Books) -> None:
    for row in books.all("SELECT id, status FROM accounts"):
        timers.start(books, "account", row["id"], row["status"], at=books.now())


def _decision(books: Books, row: sqlite3.Row) -> str:
    document = document_of(row)
    asked = OUTCOMES.get(row["family_name"].lower())
    if books.setting("account_fixtures") and (fixture := FIXTURE.search(document.get("additional_information") or "")):
        return fixture[1]
    if asked == "ACTION_REQUIRED" and row["kyc_results"] and document["documents"]:
        return "APPROVED"  # what was asked for has come
    if asked is None and any(document["disclosures"].get(name) for name in declarations.DISCLOSURES):
        return "APPROVAL_PENDING"
    return asked or "APPROVED"


def _findings(status: str) -> dict[str, Any] | None:
    if status not in KYC_FINDINGS:
        return None
    return {"accept": {}, "indeterminate": {}, "reject": {}, "additional_information": "", **KYC_FINDINGS[status]}
