"""Documents that the broker draws up: an account's application, and a statement of every month that is over.

They are told from the books when they are asked for. A download leads by a redirect to an address that is signed,
needs no credentials, and is good for a quarter of an hour.
"""

import hashlib
import hmac
import secrets
import sqlite3
import uuid
from datetime import date, datetime, timedelta
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, ledger, query
from brokerage.sandbox.broker.refusal import Refusal
from brokerage.sandbox.clock import NEW_YORK, parse_moment
from brokerage.sandbox.wire import Answer, Request, as_json

KINDS = ("account_application", "account_statement", "crypto_account_statement", "options_application",
         "tax_statement", "trade_confirmation_json", "trade_confirmation")  # fmt: skip
SIGNED_SECONDS = 900
# Addresses need not outlive the process that signed them.
SIGNING_KEY = secrets.token_bytes(32)


def index(books: Books, request: Request) -> Answer:
    row = accounts.fetch(books, request.params["account_id"])
    kind = query.choice(request, "type", KINDS)
    bounds = {name: query.day(name, request.first(name)) for name in ("start", "end") if request.first(name)}
    return as_json([document for document in _drawn_up(books, row) if _is_wanted(document, kind, bounds)])


def _is_wanted(document: dict[str, str], kind: str, bounds: dict[str, date]) -> bool:
    day = date.fromisoformat(document["date"])
    return (
        kind in ("", document["type"]) and day >= bounds.get("start", date.min) and day <= bounds.get("end", date.max)
    )


def _drawn_up(books: Books, row: sqlite3.Row) -> list[dict[str, str]]:
    opened_on = datetime.fromtimestamp(parse_moment(row["created_at"]), NEW_YORK).date()
    months = _ends_of_months(opened_on, query.today(books))
    kinds = [("account_application", opened_on), *(("account_statement", day) for day in months)]
    return [_named(row["id"], kind, day) for kind, day in kinds]


def _named(account_id: str, kind: str, day: date) -> dict[str, str]:
    name = f"{kind}_{day.isoformat()}"
    document_id = uuid.uuid5(uuid.UUID(account_id), name)
    return {"id": str(document_id), "name": f"{name}.pdf", "type": kind, "sub_type": "", "date": day.isoformat()}


def _ends_of_months(start: date, today: date) -> list[date]:
    ends = []
    first = date(start.year, start.month, 1)
    while (following := (first + timedelta(days=32)).replace(day=1)) <= today:
        ends.append(following - timedelta(days=1))
        first = following
    return ends


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
    for document in _drawn_up(books, row):
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
    lines = _lines(books, row, document_id)
    if form == "json":
        return as_json(lines)
    return Answer(200, _pdf([f"{name}: {value}" for name, value in lines.items()]), "application/pdf")


def _lines(books: Books, row: sqlite3.Row, document_id: str) -> dict[str, Any]:
    """What the document says. Raises Refusal for one that there is not."""
    drawn_up = {each["id"]: each for each in _drawn_up(books, row)}
    document = drawn_up.get(document_id, {"type": "w8ben", "date": row["updated_at"][:10]})
    lines = {
        "document": document["type"],
        "date": document["date"],
        "account_number": row["account_number"],
        "name": f"{row['given_name']} {row['family_name']}",
    }
    if document["type"] != "account_statement":
        return lines
    day_after = datetime.combine(
        date.fromisoformat(document["date"]) + timedelta(days=1), datetime.min.time(), NEW_YORK
    )
    return {**lines, "cash": ledger.dollars_and_cents(ledger.cash(books, row["id"], before=day_after.timestamp()))}


def _pdf(lines: list[str]) -> bytes:
    """A page of plain text, as small as the format allows."""
    text = "".join(f"({_escaped(line)}) Tj T* " for line in lines)
    page = f"BT /F1 11 Tf 16 TL 72 720 Td {text}ET".encode("ascii", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(page), page),
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
