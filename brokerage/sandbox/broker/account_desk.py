"""The endpoints of accounts: opened, looked up, listed, closed."""

import json
import secrets
import sqlite3
import uuid
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, application, bodies, documents, holdings, ledger, query
from brokerage.sandbox.broker.account_answers import DEFAULTS, ENTITIES, OPTIONAL, answered
from brokerage.sandbox.broker.refusal import Refusal, bad_parameter
from brokerage.sandbox.broker.strictness import refusing_fields, strictness
from brokerage.sandbox.clock import iso, parse_moment
from brokerage.sandbox.wire import Answer, Request, as_json, nothing

MOST_LISTED = 1000


def create(books: Books, request: Request) -> Answer:
    form = bodies.read_object(request)
    with refusing_fields(books):
        application.check(form, strictness(books))
    account_id = str(uuid.uuid4())
    form, email = _with_person(books, form, account_id)
    if books.one("SELECT 1 FROM accounts WHERE email = ?", email):
        raise Refusal(409, "email address already exists")
    contact, identity, now = form["contact"], form["identity"], books.now()
    books.insert(
        "accounts", id=account_id, account_number=_unused_number(books), status="", email=email,
        given_name=identity["given_name"], family_name=identity["family_name"], phone=contact.get("phone_number") or "",
        document=json.dumps(_kept(form, at=now)), created_at=iso(now), updated_at=iso(now),
    )  # fmt: skip
    accounts.begin(books, account_id, at=now)
    return as_json(answered(books, accounts.fetch(books, account_id)))


def _with_person(books: Books, form: dict[str, Any], account_id: str) -> tuple[dict[str, Any], str]:
    """The application with its person, and the address that must be new; a second account brings neither."""
    holder_id = form.get("primary_account_holder_id")
    if not holder_id:
        return form, form["contact"]["email_address"].lower()
    holder = books.one("SELECT * FROM accounts WHERE id = ?", holder_id)
    if holder is None or holder["status"] not in accounts.OPENED:
        raise bad_parameter("primary_account_holder_id is not eligible to open an additional account")
    known = accounts.document_of(holder)
    person = {name: known[name] for name in ("contact", "identity", "disclosures")}
    return {**person, **form}, f"{holder['email']} {account_id}"


def _kept(form: dict[str, Any], *, at: float) -> dict[str, Any]:
    """What may be read back later. The tax id is never among it, so it is not kept either."""
    names = (*ENTITIES, *DEFAULTS, *OPTIONAL, "additional_information")
    said = {name: form[name] for name in names if form.get(name)}
    for person in said.get("beneficiaries", []):
        person["tax_id"] = "xxx-xx-xxxx"
    return {
        **said,
        "account_type": form.get("account_type") or "trading",
        "enabled_assets": form.get("enabled_assets") or ["us_equity"],
        "documents": documents.noted(form.get("documents") or [], at=at),
        "identity": {name: value for name, value in form["identity"].items() if name != "tax_id"},
    }


def _unused_number(books: Books) -> str:
    while True:
        number = str(secrets.randbelow(900_000_000) + 100_000_000)
        if not books.one("SELECT 1 FROM accounts WHERE account_number = ?", number):
            return number


def index(books: Books, request: Request) -> Answer:
    oldest_first = query.choice(request, "sort", ("asc", "desc"), "desc") == "asc"
    entities = request.words("entities")
    if unknown := [name for name in entities if name not in ENTITIES]:
        raise bad_parameter(f"entities is invalid: {unknown[0]}")
    if not entities and books.setting("list_entities") == "all":
        entities = list(ENTITIES)
    period = [query.moment(name, request.first(name)) if request.first(name) else None
              for name in ("created_after", "created_before")]  # fmt: skip
    rows = books.all(f"SELECT * FROM accounts ORDER BY created_at {'ASC' if oldest_first else 'DESC'}, id")
    wanted = [row for row in rows if _is_wanted(row, request) and _is_within(row, *period)]
    return as_json([answered(books, row, entities) for row in wanted[:MOST_LISTED]])


def _is_wanted(row: sqlite3.Row, request: Request) -> bool:
    statuses = request.words("status")
    words = f"{row['account_number']} {row['phone']} {row['given_name']} {row['family_name']} {row['email']}".lower()
    return (not statuses or row["status"] in statuses) and all(
        token in words for token in request.first("query").lower().split()
    )


def _is_within(row: sqlite3.Row, after: float | None, before: float | None) -> bool:
    """Both ends belong to the period."""
    created_at = parse_moment(row["created_at"])
    return (after is None or created_at >= after) and (before is None or created_at <= before)


def read(books: Books, request: Request) -> Answer:
    return as_json(answered(books, accounts.fetch(books, request.params["account_id"])))


def close(books: Books, request: Request) -> Answer:
    row = books.one("SELECT * FROM accounts WHERE id = ?", request.params["account_id"])
    if row is None:
        raise Refusal(404, "account not found")
    if reason := _reason_to_keep_open(books, row):
        raise Refusal(int(books.setting("close_refused_status")), reason)
    accounts.set_status(books, row["id"], "ACCOUNT_CLOSED", at=books.now())
    return nothing()


def _reason_to_keep_open(books: Books, row: sqlite3.Row) -> str:
    if row["status"] == "ACCOUNT_CLOSED":
        return "account is already closed"
    if ledger.cash(books, row["id"]) != 0:
        return "account must have no cash balance to be closed"
    if holdings.any_held(books, row["id"]):
        return "account must have no positions to be closed"
    if ledger.open_transfers(books, row["id"]):
        return "account must have no pending transfers to be closed"
    return ""
