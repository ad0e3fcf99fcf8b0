"""Brokerage accounts: their rows, their statuses, and how an application is decided.

    SUBMITTED ─→ APPROVED ─→ ACTIVE ⇄ ACCOUNT_UPDATED
       ├─→ ACTION_REQUIRED ─(documents, corrections)─→ SUBMITTED
       ├─→ SUBMISSION_FAILED ─→ SUBMITTED
       └─→ APPROVAL_PENDING, REJECTED         ONBOARDING ─(by hand)─→ SUBMITTED

The vendor's SDK cannot send the vendor's own test fixtures, so a family name asks for an outcome here:
Actionrequired, Rejected, Pending, Onboarding, Submissionfailed; and given names say what it is about (`findings`).
A disclosure that is true sends the application to manual review as well.
"""

import json
import re
import sqlite3
from typing import Any

from brokerage.sandbox import timers
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import events, findings
from brokerage.sandbox.broker.account_answers import shown as shown
from brokerage.sandbox.broker.refusal import unauthorized
from brokerage.sandbox.clock import iso

OPENED = ("ACTIVE", "ACCOUNT_UPDATED")
OUTCOMES = {
    "actionrequired": "ACTION_REQUIRED",
    "onboarding": "ONBOARDING",
    "pending": "APPROVAL_PENDING",
    "rejected": "REJECTED",
    "submissionfailed": "SUBMISSION_FAILED",
}
FIXTURE = re.compile(r"/fixtures/status=([A-Z_]+)/fixtures/")


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
    said = kyc_results if kyc_results is not None else _found(row, status)
    kept = json.dumps(said) if said is not None else row["kyc_results"]
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


def begin(books: Books, account_id: str, *, at: float) -> None:
    """The first status of an application: SUBMITTED, or ONBOARDING while the customer is led through checks."""
    asked = OUTCOMES.get(fetch(books, account_id)["family_name"].lower())
    set_status(books, account_id, "ONBOARDING" if asked == "ONBOARDING" else "SUBMITTED", at=at)


def advance(books: Books, account_id: str, *, at: float) -> None:
    """The next step of an application that nobody stands in the way of."""
    row = fetch(books, account_id)
    if row["status"] == "SUBMITTED":
        _decide(books, row, at=at)
    elif row["status"] == "SUBMISSION_FAILED":
        set_status(books, account_id, "SUBMITTED", at=at)
    elif row["status"] in ("APPROVED", "ACCOUNT_UPDATED"):
        set_status(books, account_id, "ACTIVE", at=at)


def restart_timers(books: Books) -> None:
    for row in books.all("SELECT id, status FROM accounts"):
        timers.start(books, "account", row["id"], row["status"], at=books.now())


def _decide(books: Books, row: sqlite3.Row, *, at: float) -> None:
    """What becomes of an application that was submitted, for the first time or again."""
    document, asked = document_of(row), OUTCOMES.get(row["family_name"].lower())
    before = json.loads(row["kyc_results"]) if row["kyc_results"] else None
    if books.setting("account_fixtures") and (fixture := FIXTURE.search(document.get("additional_information") or "")):
        set_status(books, row["id"], fixture[1], at=at)
    elif before and before.get("indeterminate"):
        _look_again(books, row, document, before, at=at)
    elif asked is None and (disclosed := [name for name in findings.DISCLOSED if document["disclosures"].get(name)]):
        status = str(books.setting("disclosed_status"))
        codes = [findings.DISCLOSED[name] for name in disclosed]
        set_status(books, row["id"], status, at=at, kyc_results=findings.found(status, codes))
    elif asked == "SUBMISSION_FAILED" and not document.get("submission_failed"):
        keep_document(books, row["id"], {**document, "submission_failed": True}, at=at)
        set_status(books, row["id"], asked, at=at)
    else:
        set_status(books, row["id"], asked if asked in findings.PLACES else "APPROVED", at=at)


def _look_again(
    books: Books, row: sqlite3.Row, document: dict[str, Any], before: findings.Findings, *, at: float
) -> None:
    """Approve what has come back, unless documents must fit what was asked for and something is still missing."""
    now = findings.answered(before, document)
    if books.setting("documents_must_fit") and now["indeterminate"]:
        set_status(books, row["id"], "ACTION_REQUIRED", at=at, kyc_results=now)
    else:
        set_status(books, row["id"], "APPROVED", at=at)


def _found(row: sqlite3.Row, status: str) -> findings.Findings | None:
    """What is said along with a status when nobody says it otherwise; None: what was said before."""
    before = json.loads(row["kyc_results"]) if row["kyc_results"] else None
    if status == "APPROVED" or (status == "ACTIVE" and before and before.get("indeterminate")):
        return findings.passed(before)
    return findings.found(status, findings.asked_for(row["given_name"]))
