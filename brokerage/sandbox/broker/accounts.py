"""Brokerage accounts: opened, looked up, closed, and carried from SUBMITTED to ACTIVE.

The vendor's SDK cannot send the vendor's own test fixtures, so a family name asks for an outcome here:
Actionrequired, Rejected, Pending. A disclosure that is true sends the application to manual review as well.
"""

import json
import secrets
import sqlite3
import uuid
from datetime import date
from typing import Any

from brokerage.sandbox import timers
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import application, events, ledger
from brokerage.sandbox.broker.refusal import Refusal, bad_parameter, invalid, unauthorized
from brokerage.sandbox.clock import banking_day, iso, parse_moment
from brokerage.sandbox.wire import Answer, Request, as_json, nothing

ENTITIES = ("contact", "identity", "disclosures", "agreements", "documents", "trusted_contact")
OUTCOMES = {"actionrequired": "ACTION_REQUIRED", "rejected": "REJECTED", "pending": "APPROVAL_PENDING"}
KYC_FINDINGS: dict[str, dict[str, Any]] = {
    "APPROVED": {"summary": "pass"},
    "ACTION_REQUIRED": {"indeterminate": {"ADDRESS_VERIFICATION": {}}, "summary": "fail"},
    "REJECTED": {"reject": {"IDENTITY_VERIFICATION": {}}, "summary": "fail"},
}


def create(books: Books, request: Request) -> Answer:
    form = _body(request)
    application.check(form, today=date.fromisoformat(banking_day(books.now())))
    contact, identity = form["contact"], form["identity"]
    email = contact["email_address"].lower()
    if books.one("SELECT 1 FROM accounts WHERE email = ?", email):
        raise Refusal(409, "email address already exists")
    now = books.now()
    account_id = str(uuid.uuid4())
    books.insert(
        "accounts", id=account_id, account_number=_unused_number(books), status="", email=email,
        given_name=identity["given_name"], family_name=identity["family_name"], phone=contact.get("phone_number") or "",
        document=json.dumps(_kept(form)), created_at=iso(now), updated_at=iso(now),
    )  # fmt: skip
    set_status(books, account_id, "SUBMITTED", at=now)
    return as_json(shown(fetch(books, account_id)))


def index(books: Books, request: Request) -> Answer:
    order = "ASC" if request.first("sort") == "asc" else "DESC"
    rows = books.all(f"SELECT * FROM accounts ORDER BY created_at {order}, id")
    entities = request.words("entities") or list(ENTITIES)
    return as_json([shown(row, entities) for row in rows if _is_wanted(row, request)][:1000])


def read(books: Books, request: Request) -> Answer:
    return as_json(shown(fetch(books, request.params["account_id"])))


def close(books: Books, request: Request) -> Answer:
    row = books.one("SELECT * FROM accounts WHERE id = ?", request.params["account_id"])
    if row is None:
        raise Refusal(404, "account not found")
    if row["status"] == "ACCOUNT_CLOSED":
        raise invalid("account is already closed")
    if ledger.cash(books, row["id"]) != 0:
        raise invalid("account must have no cash balance to be closed")
    if ledger.open_transfers(books, row["id"]):
        raise invalid("account must have no pending transfers to be closed")
    set_status(books, row["id"], "ACCOUNT_CLOSED", at=books.now())
    return nothing()


def fetch(books: Books, account_id: str) -> sqlite3.Row:
    """Raises Refusal (401): the vendor does not say whether an account exists that is not yours."""
    row = books.one("SELECT * FROM accounts WHERE id = ?", account_id)
    if row is None:
        raise unauthorized()
    return row


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
        status,
        kept,
        iso(at),
        account_id,
    )
    change = {"account_number": row["account_number"], "kyc_results": json.loads(kept) if kept else None}
    if row["status"] != status:
        change |= {"status_from": row["status"], "status_to": status}
    events.record(books, "accounts", account_id=account_id, entity_id=account_id, at=at, payload=change)
    timers.start(books, "account", account_id, status, at=at)


def restrict(books: Books, account_id: str, *, ach_return: bool, at: float) -> None:
    """Restrict an account to liquidation because of a returned ACH, or lift that; one event for a change."""
    row = fetch(books, account_id)
    if bool(row["ach_return"]) == ach_return:
        return
    books.write("UPDATE accounts SET ach_return = ? WHERE id = ?", int(ach_return), account_id)
    change = {
        "account_number": row["account_number"],
        "admin_configurations": {"restrict_to_liquidation_reasons": {"ach_return": ach_return}},
    }
    events.record(books, "accounts", account_id=account_id, entity_id=account_id, at=at, payload=change)


def advance(books: Books, account_id: str, *, at: float) -> None:
    """The next step of an application that nobody stands in the way of."""
    row = fetch(books, account_id)
    if row["status"] == "SUBMITTED":
        set_status(books, account_id, _decision(row), at=at)
    elif row["status"] == "APPROVED":
        set_status(books, account_id, "ACTIVE", at=at)


def restart_timers(books: Books) -> None:
    for row in books.all("SELECT id, status FROM accounts"):
        timers.start(books, "account", row["id"], row["status"], at=books.now())


def shown(row: sqlite3.Row, entities: list[str] | tuple[str, ...] = ENTITIES) -> dict[str, Any]:
    document = json.loads(row["document"])
    return {
        "id": row["id"],
        "account_number": row["account_number"],
        "status": row["status"],
        "crypto_status": "INACTIVE",
        "currency": "USD",
        "last_equity": "0",
        "created_at": row["created_at"],
        "account_name": f"{row['given_name']} {row['family_name']}",
        "account_type": document["account_type"],
        "enabled_assets": document["enabled_assets"],
        "kyc_results": json.loads(row["kyc_results"]) if row["kyc_results"] else None,
        **{name: document[name] for name in entities if name in document and name in ENTITIES},
    }


def _body(request: Request) -> Any:
    try:
        return request.json()
    except ValueError:
        raise Refusal(400, "request body format is invalid") from None


def _kept(form: dict[str, Any]) -> dict[str, Any]:
    """What may be read back later. The tax id is never among it, so it is not kept either."""
    identity = {name: value for name, value in form["identity"].items() if name != "tax_id"}
    extras = {
        "account_type": form.get("account_type") or "trading",
        "enabled_assets": form.get("enabled_assets") or ["us_equity"],
    }
    return {
        **{name: form[name] for name in ENTITIES if form.get(name)},
        "documents": [],
        **extras,
        "identity": identity,
    }


def _unused_number(books: Books) -> str:
    while True:
        number = str(secrets.randbelow(900_000_000) + 100_000_000)
        if not books.one("SELECT 1 FROM accounts WHERE account_number = ?", number):
            return number


def _decision(row: sqlite3.Row) -> str:
    disclosures = json.loads(row["document"])["disclosures"]
    asked = OUTCOMES.get(row["family_name"].lower())
    if asked is None and any(disclosures.get(name) for name in application.DISCLOSURES):
        return "APPROVAL_PENDING"
    return asked or "APPROVED"


def _findings(status: str) -> dict[str, Any] | None:
    if status not in KYC_FINDINGS:
        return None
    return {"accept": {}, "indeterminate": {}, "reject": {}, "additional_information": "", **KYC_FINDINGS[status]}


def _is_wanted(row: sqlite3.Row, request: Request) -> bool:
    statuses = request.words("status")
    words = f"{row['account_number']} {row['phone']} {row['given_name']} {row['family_name']} {row['email']}".lower()
    return (
        (not statuses or row["status"] in statuses)
        and all(token in words for token in request.first("query").lower().split())
        and _within(row["created_at"], request.first("created_after"), request.first("created_before"))
    )


def _within(created_at: str, after: str, before: str) -> bool:
    try:
        moment = parse_moment(created_at)
        return (not after or moment >= parse_moment(after)) and (not before or moment <= parse_moment(before))
    except ValueError:
        raise bad_parameter("created_after and created_before must be dates or times") from None
