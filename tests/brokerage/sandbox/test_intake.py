"""Bodies on the wire: in chunks or of a known length, up to ten documents of ten megabytes, and nothing beyond."""

import base64
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from email.message import Message
from io import BytesIO
from urllib.parse import urlsplit

import pytest
import requests

from brokerage.sandbox import intake
from tests.brokerage.sandbox.bench import KEYS, Bench, application

MEGABYTE = 1024 * 1024
UPLOAD = "/broker/v1/accounts/0b9e4d42-0000-4000-8000-000000000000/documents/upload"
BASIC = base64.b64encode(":".join(KEYS).encode()).decode()


def upload(pieces: Iterator[bytes] | bytes, bench: Bench, account_id: str) -> requests.Response:
    return bench.broker("POST", f"v1/accounts/{account_id}/documents/upload", data=pieces, timeout=60)


def documents(number: int, size: int) -> Iterator[bytes]:
    """Documents as a site streams them, a part at a time."""
    part = base64.b64encode(bytes(3 * 65536))
    yield b"["
    for each in range(number):
        yield b'%s{"document_type": "identity_verification", "content": "' % (b"," if each else b"")
        left = -(-size // 3) * 4
        while left > 0:
            yield part[: min(left, len(part))]
            left -= len(part)
        yield b'", "mime_type": "application/pdf"}'
    yield b"]"


def raw(bench: Bench, account_id: str, rest: bytes) -> bytes:
    """What comes back for a body written by hand."""
    url = urlsplit(bench.url)
    path = f"/broker/v1/accounts/{account_id}/documents/upload"
    head = f"POST {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Basic {BASIC}\r\n"
    with socket.create_connection((str(url.hostname), int(url.port or 0)), timeout=5) as line:
        line.sendall(head.encode() + rest)
        line.shutdown(socket.SHUT_WR)
        return line.recv(100_000)


def noted(bench: Bench, account_id: str) -> int:
    return len(bench.broker("GET", f"v1/accounts/{account_id}").json()["documents"])


def test_ten_documents_of_ten_megabytes_are_taken_in_chunks(bench: Bench, account: str) -> None:
    answer = upload(documents(10, 10 * MEGABYTE - 10), bench, account)

    assert answer.status_code == 204
    assert noted(bench, account) == 10


def test_documents_are_taken_at_a_known_length(bench: Bench, account: str) -> None:
    answer = upload(b"".join(documents(2, 10 * MEGABYTE - 10)), bench, account)

    assert answer.status_code == 204


def take(size: int, act: Callable[[bytes], None]) -> None:
    headers = Message()
    headers["Content-Length"] = str(size)
    intake.hand_over(headers, BytesIO(bytes(size)), UPLOAD, act)


def test_a_large_body_waits_for_the_one_before_it() -> None:
    """So memory holds one of them, however many arrive."""
    order, begun, may_end = list[str](), threading.Event(), threading.Event()

    def first(body: bytes) -> None:
        begun.set()
        may_end.wait(5)
        order.append(f"first {len(body)}")

    senders = [
        threading.Thread(target=take, args=(5 * MEGABYTE, first)),
        threading.Thread(target=take, args=(6 * MEGABYTE, lambda body: order.append(f"second {len(body)}"))),
    ]
    senders[0].start()
    begun.wait(5)
    senders[1].start()
    take(MEGABYTE, lambda body: order.append(f"small {len(body)}"))
    may_end.set()
    for sender in senders:
        sender.join(5)

    assert order == [f"small {MEGABYTE}", f"first {5 * MEGABYTE}", f"second {6 * MEGABYTE}"]


def test_a_connection_may_be_dropped_after_a_large_body(bench: Bench, account: str) -> None:
    bench.fault("drop_after_commit", route="POST /broker/v1/accounts/*/documents/upload")

    with pytest.raises(requests.ConnectionError):
        upload(documents(1, 5 * MEGABYTE), bench, account)

    assert noted(bench, account) == 1


@pytest.mark.parametrize("known", [True, False])
def test_one_document_too_many_is_too_large(bench: Bench, account: str, known: bool) -> None:
    body = documents(11, 10 * MEGABYTE - 10)

    answer = upload(b"".join(body) if known else body, bench, account)

    assert (answer.status_code, answer.json()["code"]) == (413, 41310000)
    assert noted(bench, account) == 0


def test_only_documents_may_be_that_large(bench: Bench, account: str) -> None:
    form = {**application(), "documents": json.loads(b"".join(documents(2, 3 * MEGABYTE)))}
    too_much = (b" " * MEGABYTE for _ in range(5))

    applied = bench.broker("POST", "v1/accounts", json=form)
    changed = bench.broker("PATCH", f"v1/accounts/{account}", data=too_much)

    assert (applied.status_code, changed.status_code) == (200, 413)


def test_a_refused_body_is_not_read_to_its_end(bench: Bench) -> None:
    connection = http.client.HTTPConnection(urlsplit(bench.url).netloc, timeout=5)
    connection.putrequest("POST", "/broker/v1/accounts")
    connection.putheader("Content-Length", str(10**12))
    connection.endheaders()

    answer = connection.getresponse()

    assert (answer.status, answer.getheader("Connection")) == (413, "close")


def test_chunks_may_have_extensions_and_trailers(bench: Bench, account: str) -> None:
    body = b"".join(documents(1, 3))
    chunk = b"%x;name=value\r\n%b\r\n0\r\nExpires: never\r\n\r\n" % (len(body), body)

    answer = raw(bench, account, b"Transfer-Encoding: Chunked\r\n\r\n" + chunk)

    assert answer.startswith(b"HTTP/1.1 204 ")
    assert noted(bench, account) == 1


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        (b"Transfer-Encoding: gzip\r\n\r\n", b"transfer encoding is not supported"),
        (b"Transfer-Encoding: chunked\r\n\r\nlong\r\n", b"a chunk does not say how long it is"),
        (b"Transfer-Encoding: chunked\r\n\r\n5\r\n[1", b"request body ended early"),
        (b"Transfer-Encoding: chunked\r\n\r\n2\r\n[1]\r\n0\r\n\r\n", b"a chunk is longer than it said"),
        (b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 101, b"too many trailers"),
        (b"Content-Length: some\r\n\r\n", b"content length is invalid"),
        (b"Content-Length: 5\r\n\r\n[1", b"request body ended early"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(bench: Bench, account: str, rest: bytes, message: bytes) -> None:
    answer = raw(bench, account, rest)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"message":"' + message in answer
    assert noted(bench, account) == 0
