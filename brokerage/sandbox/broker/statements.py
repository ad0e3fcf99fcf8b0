"""The endpoints of documents that the broker draws up (`paperwork`): listed, and downloaded.

A download leads by a redirect to an address that is signed, needs no credentials, and is good for a quarter of an hour.
"""

import hashlib
import hmac
import secrets
import sqlite3
from datetime import date

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, paperwork, pdf, query
from brokerage.sandbox.broker.refusal import Refusal
from brokerage.sandbox.settings import PAPERS
from brokerage.sandbox.wire import Answer, Request, as_json

SIGNED_SECONDS = 900
# Addresses need not outlive the process that signed them.
SIGNING_KEY = secrets.token_bytes(32)


def index(books: Books, request: Request) -> Answer:
    row = accounts.fetch(books, request.params["account_id"])
    kind = query.choice(request, "type", PAPERS)
    bounds = {name: query.day(name, request.first(name)) for name in ("start", "end") if request.first(name)}
    return as_json([document for document in paperwork.drawn_up(books, row) if _is_wanted(document, kind, bounds)])


def _is_wanted(document: dict[str, str], kind: str, bounds: dict[str, date]) -> bool:
    day = date.fromisoformat(document["date"])
    return (
        kind in ("", document["type"]) and day >= bounds.get("start", date.min) and day <= bounds.get("end", date.max)
    )


def read(books: Books, request: Request) -> Answer:
    """One document's entry in the list; only the vendor's SDK knows of this."""
    row = accounts.fetch(books, request.params["account_id"])
    return as_json(_found(books, row, request.params["document_id"]))


def download(books: Books, request: Request) -> Answer:
    """A redirect to the document; one who asks for JSON is led to a statement as JSON."""
    row = accounts.fetch(books, request.params["account_id"])
    document = _found(books, row, request.params["document_id"])
    as_data = request.headers.get("accept") == "application/json" and document["type"] == "account_statement"
    return _redirect(books, request, row["id"], document["id"], "json" if as_data else "pdf")


def download_w8ben(books: Books, request: Request) -> Answer:
    row = accounts.fetch(books, request.params["account_id"])
    sent = accounts.document_of(row)["documents"]
    wanted = request.params["document_id"]
    if not any(each["id"] == wanted and each["document_type"] == "w8ben" for each in sent):
        raise Refusal(404, "document not found")
    return _redirect(books, request, row["id"], wanted, "pdf")


def _found(books: Books, row: sqlite3.Row, document_id: str) -> dict[str, str]:
    for document in paperwork.drawn_up(books, row):
        if document["id"] == document_id:
            return document
    raise Refusal(404, "document not found")


def _redirect(books: Books, request: Request, account_id: str, document_id: str, form: str) -> Answer:
    path = f"/broker/files/{account_id}/{document_id}.{form}"
    expires = int(books.now()) + SIGNED_SECONDS
    here = f"http://{request.headers.get('host', '127.0.0.1')}"
    location = f"{here}{path}?expires={expires}&signature={_signature(path, expires)}"
    return Answer(301, headers={"Location": location})


def _signature(path: str, expires: int) -> str:
    return hmac.new(SIGNING_KEY, f"{path} {expires}".encode(), hashlib.sha256).hexdigest()


def signed_file(books: Books, request: Request) -> Answer:
    """What a signed address leads to. Raises Refusal (403) when it is not, or no longer, signed."""
    expires = query.count(request, "expires", 0)
    right = hmac.compare_digest(_signature(request.path, expires).encode(), request.first("signature").encode())
    if not right or expires < books.now():
        raise Refusal(403, "the address has expired")
    row = accounts.fetch(books, request.params["account_id"])
    document_id, _, form = request.params["file"].rpartition(".")
    lines = paperwork.lines(books, row, document_id)
    if form == "json":
        return as_json(lines)
    return Answer(200, pdf.page([f"{name}: {value}" for name, value in lines.items()]), "application/pdf")
