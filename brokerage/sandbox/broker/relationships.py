"""ACH relationships: a bank account that money may be moved with, named by hand or by a Plaid processor token."""

import re
import sqlite3
import uuid
from typing import Any

from brokerage.sandbox import timers
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, bodies, events, fields, transfers
from brokerage.sandbox.broker.refusal import Refusal, bad_parameter
from brokerage.sandbox.clock import iso
from brokerage.sandbox.plaid import processors
from brokerage.sandbox.plaid.refusal import PlaidRefusal
from brokerage.sandbox.wire import Answer, Request, as_json, nothing

STATUSES = ("QUEUED", "PENDING", "SENT_TO_CLEARING", "APPROVED", "REJECTED", "CANCEL_REQUESTED", "CANCEL_SENT",
            "CANCEL_FAILED", "CANCELED")  # fmt: skip
LEAVING = ("CANCEL_REQUESTED", "CANCEL_SENT")
ENDED = ("REJECTED", "CANCELED")
# What the vendor calls a bank's particulars, and the columns that keep them.
BANK = {"bank_account_type": "bank_type", "bank_account_number": "bank_number", "bank_routing_number": "bank_routing"}
NAME_MISMATCH = "the name of the bank account's owner does not match the brokerage account"


def create(books: Books, request: Request) -> Answer:
    account = accounts.fetch(books, request.params["account_id"])
    form = bodies.read_object(request)
    bank = _bank_of_token(books, form["processor_token"]) if form.get("processor_token") else _bank_by_hand(form)
    _check_texts(form)
    _check_account(books, account)
    now = books.now()
    relationship_id = str(uuid.uuid4())
    books.insert(
        "relationships", id=relationship_id, account_id=account["id"], status="", nickname=form.get("nickname"),
        created_at=iso(now), updated_at=iso(now), **bank,
    )  # fmt: skip
    set_status(books, relationship_id, "QUEUED", at=now)
    return as_json(answered(books, fetch(books, relationship_id)))


def _check_texts(form: dict[str, Any]) -> None:
    """Raises Refusal, which is 400 for everything about a relationship that breaks a rule."""
    try:
        fields.allow(form, "account_owner_name", fields.at_most(100))
        fields.allow(form, "nickname", fields.at_most(100))
        fields.allow(form, "instant", fields.yes_or_no)
    except Refusal as refusal:
        raise bad_parameter(refusal.message) from None


def _check_account(books: Books, account: sqlite3.Row) -> None:
    ready = accounts.OPENED if not books.setting("link_before_active") else ()
    if account["status"] in ("REJECTED", "ACCOUNT_CLOSED") or (ready and account["status"] not in ready):
        raise bad_parameter("account is not allowed to have an ach relationship")
    if _active(books, account["id"]):
        raise Refusal(409, "only one active ach relationship allowed")


def index(books: Books, request: Request) -> Answer:
    account = accounts.fetch(books, request.params["account_id"])
    rows = books.all("SELECT * FROM relationships WHERE account_id = ? ORDER BY created_at DESC, id", account["id"])
    wanted = request.words("statuses")
    if unknown := [name for name in wanted if name not in STATUSES]:
        raise bad_parameter(f"statuses is invalid: {unknown[0]}")
    hidden = () if books.setting("list_canceled_relationships") else ("CANCELED",)
    kept = [row for row in rows if (row["status"] in wanted if wanted else row["status"] not in hidden)]
    return as_json([answered(books, row) for row in kept])


def delete(books: Books, request: Request) -> Answer:
    account = accounts.fetch(books, request.params["account_id"])
    row = books.one("SELECT * FROM relationships WHERE id = ?", request.params["relationship_id"])
    if row is None or row["account_id"] != account["id"] or row["status"] in (*ENDED, *LEAVING):
        raise Refusal(404, "ach relationship not found")
    if books.setting("refuse_delete_with_open_transfers") and transfers.any_open(books, row["id"]):
        raise Refusal(422, "ach relationship has open transfers")
    set_status(books, row["id"], "CANCEL_REQUESTED", at=books.now())
    return nothing()


def fetch(books: Books, relationship_id: str) -> sqlite3.Row:
    """Raises KeyError."""
    row = books.one("SELECT * FROM relationships WHERE id = ?", relationship_id)
    if row is None:
        raise KeyError(relationship_id)
    return row


def set_status(books: Books, relationship_id: str, status: str, *, at: float, reason: str | None = None) -> None:
    """Move a relationship, with one event; transfers that waited for it move on or end with it."""
    row = fetch(books, relationship_id)
    if row["status"] == status:
        return
    books.write(
        "UPDATE relationships SET status = ?, reason = ?, updated_at = ? WHERE id = ?",
        status, reason, iso(at), relationship_id,
    )  # fmt: skip
    change = {
        "correspondent": books.setting("correspondent"),
        "entity_id": relationship_id,
        "entity_type": "BankRelationship",
        "status_from": row["status"] or None,
        "status_to": status,
        **({"reason": reason} if reason else {}),
    }
    events.record(books, "funding", account_id=row["account_id"], entity_id=relationship_id, at=at, payload=change)
    timers.start(books, "relationship", relationship_id, status, at=at)
    transfers.relationship_changed(books, relationship_id, status, at=at)


def advance(books: Books, relationship_id: str, *, at: float) -> None:
    row = fetch(books, relationship_id)
    if row["status"] == "CANCEL_REQUESTED":
        set_status(books, relationship_id, "CANCEL_FAILED" if books.setting("cancel_fails") else "CANCELED", at=at)
    elif books.setting("reject_name_mismatch") and not _names_agree(books, row):
        set_status(books, relationship_id, "REJECTED", at=at, reason=NAME_MISMATCH)
    else:
        set_status(books, relationship_id, "APPROVED", at=at)


def restart_timers(books: Books) -> None:
    for row in books.all("SELECT id, status FROM relationships"):
        timers.start(books, "relationship", row["id"], row["status"], at=books.now())


def answered(books: Books, row: sqlite3.Row) -> dict[str, Any]:
    """A relationship as the API answers it, with the switch applied that says what is told of a Plaid link."""
    reading = books.setting("plaid_bank_fields")
    if not row["processor_token"] or reading == "absent":
        return shown(row)
    return {**shown(row), **{name: row[column] if reading == "shown" else "" for name, column in BANK.items()}}


def shown(row: sqlite3.Row) -> dict[str, Any]:
    """Links that came by processor token say nothing of the bank's numbers."""
    common = {
        "id": row["id"],
        "account_id": row["account_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "status": row["status"],
        "account_owner_name": row["owner_name"],
        **({"nickname": row["nickname"]} if row["nickname"] else {}),
    }
    return common if row["processor_token"] else {**common, **{name: row[column] for name, column in BANK.items()}}


def _active(books: Books, account_id: str) -> bool:
    """A link that is still being canceled, or could not be, counts: the vendor frees the place only when it is gone."""
    sql = "SELECT 1 FROM relationships WHERE account_id = ? AND status NOT IN (?, ?)"
    return books.one(sql, account_id, *ENDED) is not None


def _bank_of_token(books: Books, token: Any) -> dict[str, Any]:
    try:
        bank = processors.behind(books, str(token))
    except PlaidRefusal:
        raise bad_parameter("processor_token is invalid") from None
    return {"processor_token": token, **bank}


def _bank_by_hand(form: dict[str, Any]) -> dict[str, Any]:
    for name in ("account_owner_name", "bank_account_type", "bank_account_number", "bank_routing_number"):
        if not isinstance(form.get(name), str) or not form[name].strip():
            raise bad_parameter(f"{name} is required")
    if form["bank_account_type"] not in ("CHECKING", "SAVINGS"):
        raise bad_parameter("bank_account_type must be CHECKING or SAVINGS")
    if not re.fullmatch(r"[0-9]{4,17}", form["bank_account_number"]):
        raise bad_parameter("bank_account_number is invalid")
    if not _is_routing_number(form["bank_routing_number"]):
        raise bad_parameter("bank_routing_number is invalid")
    kept = {column: form[name] for name, column in BANK.items()}
    return {**kept, "owner_name": form["account_owner_name"], "mask": form["bank_account_number"][-4:]}


def _is_routing_number(text: str) -> bool:
    """Nine digits whose weighted sum is a multiple of ten."""
    weights = (3, 7, 1, 3, 7, 1, 3, 7, 1)
    return (
        bool(re.fullmatch(r"[0-9]{9}", text)) and sum(int(d) * w for d, w in zip(text, weights, strict=True)) % 10 == 0
    )


def _names_agree(books: Books, row: sqlite3.Row) -> bool:
    account = accounts.fetch(books, row["account_id"])
    owner = set(re.findall(r"\w+", row["owner_name"].lower()))
    return set(re.findall(r"\w+", f"{account['given_name']} {account['family_name']}".lower())) <= owner
