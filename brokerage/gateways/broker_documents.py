"""The Broker API: documents that a customer sends in, and documents that the broker draws up.

Called by operations; calls the broker through broker_client, and fetches documents through download_client. Files
pass through in pieces, in both directions, and come to rest nowhere. Raises NotSent, Refused or OutcomeUnknown.
"""

import base64
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from brokerage.gateways import broker_calls as calls
from brokerage.gateways import broker_words as words
from brokerage.gateways.errors import NotSent, read_timeout

# Three bytes make four letters, so only the last piece is filled up.
BYTES_PER_PIECE = 48 * 1024
UPLOAD_SECONDS = 120
_MIME_TYPE = re.compile(r"[A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,60}")


@dataclass(frozen=True)
class DocumentAnswer:
    """A document that the broker drew up; `kind` is its own word, such as account_statement."""

    alpaca_id: str
    name: str
    kind: str
    sub_kind: str
    on: date | None


@dataclass(frozen=True)
class DocumentFile:
    """A document on its way to us. `pieces` can be read once, inside the block that opened it."""

    content_type: str
    size: int | None  # in bytes, where it is told
    pieces: Iterator[bytes] = field(repr=False)


# --- Sent in ----------------------------------------------------------------------------------------------------------


def upload_document(account_id: str, *, kind: str, sub_kind: str, content: BinaryIO, size: int, mime_type: str) -> None:
    """Send one document of `size` bytes, read from `content`; `kind` and `sub_kind` are the broker's own words.

    The broker takes PDF, PNG and JPEG of up to 10 MB. A second upload of the same does no harm there. Raises NotSent
    where the file cannot be read, is not as long as was said, or takes more than two minutes.
    https://docs.alpaca.markets/reference/uploaddocstoaccount
    """
    about = {"document_type": kind, "document_sub_type": sub_kind, "mime_type": mime_type}
    body = _Encoded({name: value for name, value in about.items() if value}, content, size)
    calls.client().upload(f"/accounts/{account_id}/documents/upload", body)


class _Encoded:
    """The request's body: a list of one document, encoded piece by piece while it is sent.

    It has a length before it is read, which becomes the Content-Length; a body that ends before it is no request.
    """

    def __init__(self, about: dict[str, str], content: BinaryIO, size: int) -> None:
        self._head = f'[{json.dumps(about)[:-1]}, "content": "'.encode()
        self._content, self._size = content, size

    def __len__(self) -> int:
        return len(self._head) + 4 * -(-self._size // 3) + len(_TAIL)

    def __iter__(self) -> Iterator[bytes]:
        give_up_at = time.monotonic() + UPLOAD_SECONDS
        yield self._head
        left = self._size
        while left:
            if time.monotonic() > give_up_at:
                raise NotSent("POST: the upload took too long")
            piece = _read_exactly(self._content, min(left, BYTES_PER_PIECE))
            left -= len(piece)
            yield base64.b64encode(piece)
        if _read(self._content, 1):
            raise NotSent("POST: the file is longer than was said")
        yield _TAIL


_TAIL = b'"}]'


def _read_exactly(content: BinaryIO, count: int) -> bytes:
    """Return the next `count` bytes; some files hand out fewer at a time."""
    found = b""
    while len(found) < count:
        more = _read(content, count - len(found))
        if not more:
            raise NotSent("POST: the file is shorter than was said")
        found += more
    return found


def _read(content: BinaryIO, count: int) -> bytes:
    try:
        return content.read(count)
    except (OSError, ValueError):  # ValueError: it was closed
        raise NotSent("POST: the file cannot be read") from None


# --- Drawn up by the broker -------------------------------------------------------------------------------------------


@calls.reading("list of documents")
def list_documents(account_id: str) -> list[DocumentAnswer]:
    """Return the statements, confirmations, tax forms and the application of an account, newest first."""
    rows = words.rows(calls.client().read(f"/accounts/{account_id}/documents"))
    found = [_document(row) for row in calls.only_of_account(account_id, rows) if row.get("id")]
    return sorted(found, key=lambda document: document.on or date.min, reverse=True)


def _document(row: dict[str, object]) -> DocumentAnswer:
    return DocumentAnswer(
        alpaca_id=str(row["id"]),
        name=words.text(row, "name")[:200],
        kind=words.text(row, "type")[:60],
        sub_kind=words.text(row, "sub_type")[:60],
        on=words.day(row.get("date")),
    )


@contextmanager
def open_document(account_id: str, document_id: str) -> Iterator[DocumentFile]:
    """Open one of an account's documents for as long as the block lasts; a document that is not there is Refused.

    The broker leads on to a signed address, where the document lies for some minutes. It is followed once, and only
    over TLS to the open internet; anything else is OutcomeUnknown, and so is a document above 25 MiB.
    https://docs.alpaca.markets/reference/downloaddocfromaccount
    """
    from brokerage.gateways import download_client

    address = _address(account_id, document_id)
    with download_client.opened(address) as answer:
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
        yield DocumentFile(
            content_type=kind if _MIME_TYPE.fullmatch(kind) else "application/octet-stream",
            size=download_client.size_of(answer),
            pieces=download_client.pieces(answer.raw, read_timeout()),
        )


@calls.reading("document")
def _address(account_id: str, document_id: str) -> str:
    return calls.client().address_of(f"/accounts/{account_id}/documents/{document_id}/download")
