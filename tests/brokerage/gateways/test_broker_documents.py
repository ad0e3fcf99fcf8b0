"""Documents in both directions, in pieces; and which addresses a document is fetched from."""

import base64
import io
import json
import time
import tracemalloc
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import responses
from pytest_django import Settings

from brokerage.gateways import broker_accounts, broker_documents, download_client
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError, patience
from tests.brokerage.gateways import applications
from tests.brokerage.gateways.vendor import Vendor, answer, cut, message, reset, silence, trickle
from tests.harness.sandbox import Sandbox

PDF = b"%PDF-1.4\nNot a statement of anybody."


def upload(content: Any, size: int, account_id: str = "acc") -> None:
    broker_documents.upload_document(
        account_id,
        kind="identity_verification",
        sub_kind="passport",
        content=content,
        size=size,
        mime_type="image/png",
    )


def fetch(account_id: str = "acc", document_id: str = "doc") -> bytes:
    with broker_documents.open_document(account_id, document_id) as file:
        return b"".join(file.pieces)


# --- Sent in ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 4, 48 * 1024 - 1, 48 * 1024, 48 * 1024 + 1, 200_001])
def test_a_document_is_sent_as_a_list_of_one(vendor: Vendor, size: int) -> None:
    vendor.says(answer(204))
    content = bytes(number % 251 for number in range(size))

    upload(io.BytesIO(content), size)

    (asked,) = vendor.asked
    (sent,) = json.loads(asked.body)
    assert (asked.method, asked.path) == ("POST", "/v1/accounts/acc/documents/upload")
    assert (asked.headers["content-type"], int(asked.headers["content-length"])) == (
        "application/json",
        len(asked.body),
    )
    assert base64.b64decode(sent.pop("content"), validate=True) == content
    assert sent == {
        "document_type": "identity_verification",
        "document_sub_type": "passport",
        "mime_type": "image/png",
    }


def test_a_file_that_hands_out_less_than_it_is_asked_for_is_sent_whole(vendor: Vendor) -> None:
    vendor.says(answer(204))

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 0, 7))

    upload(Slow(b"x" * 1000), 1000)

    assert base64.b64decode(json.loads(vendor.asked[0].body)[0]["content"]) == b"x" * 1000


def test_a_large_document_never_stands_in_memory(vendor: Vendor) -> None:
    class Zeros(io.RawIOBase):
        left = 10 * 1024 * 1024

        def read(self, size: int = -1) -> bytes:
            taken = min(size, self.left)
            self.left -= taken
            return bytes(taken)

    vendor.says(answer(204))
    with suppress(VendorError):
        broker_accounts.get_account("warm")
    body = broker_documents._Encoded({}, Zeros(), Zeros.left)  # type: ignore[arg-type]

    tracemalloc.start()
    count = sum(len(piece) for piece in body)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == len(body)
    assert most < 1024 * 1024
    upload(Zeros(), Zeros.left)
    assert len(vendor.asked[-1].body) > 13 * 1024 * 1024


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_yes_to_an_upload_is_a_yes(vendor: Vendor, status: int) -> None:
    vendor.says(answer(status))

    upload(io.BytesIO(PDF), len(PDF))

    assert len(vendor.asked) == 1


def test_an_upload_goes_out_on_a_connection_of_its_own(vendor: Vendor) -> None:
    vendor.says(answer(200, []), answer(204))
    broker_documents.list_documents("acc")

    upload(io.BytesIO(PDF), len(PDF))

    assert vendor.connections == 2


class Broken(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise OSError("the disk of canary is gone")


@pytest.mark.parametrize(
    ("content", "size"), [(io.BytesIO(PDF), 99), (io.BytesIO(PDF), 3), (io.BytesIO(), 5), (Broken(), 5)]
)
def test_a_file_that_is_not_as_was_said_is_not_sent(vendor: Vendor, content: io.BytesIO, size: int) -> None:
    vendor.says(answer(204))

    with pytest.raises(NotSent) as fault:
        upload(content, size)

    assert "canary" not in f"{fault.value!r} {fault.value.evidence}"
    assert not any(asked.body.endswith(b"]") for asked in vendor.asked)


def test_an_upload_that_takes_too_long_is_given_up(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_documents, "UPLOAD_SECONDS", -1)

    with pytest.raises(NotSent, match="too long"):
        upload(io.BytesIO(PDF), len(PDF))


def test_a_file_that_was_closed_is_not_sent(vendor: Vendor) -> None:
    content = io.BytesIO(PDF)
    content.close()

    with pytest.raises(NotSent):
        upload(content, len(PDF))


def test_a_document_that_was_asked_for_reaches_the_broker(sandbox: Sandbox) -> None:
    made = broker_accounts.create_account(applications.APPLICATION)
    sandbox.post(f"/control/accounts/{made.alpaca_id}", status="ACTION_REQUIRED")

    upload(io.BytesIO(PDF), len(PDF), made.alpaca_id)

    assert broker_accounts.get_account(made.alpaca_id).status != "ACTION_REQUIRED"


def test_a_document_of_a_kind_that_the_broker_does_not_take_is_refused(sandbox: Sandbox) -> None:
    made = broker_accounts.create_account(applications.APPLICATION)

    with pytest.raises(Refused) as refusal:
        broker_documents.upload_document(
            made.alpaca_id, kind="poem", sub_kind="", content=io.BytesIO(PDF), size=len(PDF), mime_type="image/png"
        )

    assert refusal.value.http_status == 400


# --- Listed -----------------------------------------------------------------------------------------------------------


def test_documents_are_listed_newest_first(vendor: Vendor) -> None:
    rows = [
        {"id": "1", "type": "account_application", "date": "2026-01-02", "name": "a.pdf"},
        {"id": "2", "type": "a_new_kind", "date": "someday", "sub_type": None},
        {"id": "3", "type": "tax_statement", "date": "2026-02-01", "sub_type": "1099"},
        {"type": "account_statement", "date": "2026-02-01"},
        "no row",
    ]
    vendor.says(answer(200, rows))

    found = broker_documents.list_documents("acc")

    assert [(each.alpaca_id, each.kind, each.on) for each in found] == [
        ("3", "tax_statement", date(2026, 2, 1)),
        ("1", "account_application", date(2026, 1, 2)),
        ("2", "a_new_kind", None),
    ]
    assert (found[0].sub_kind, found[1].name) == ("1099", "a.pdf")


def test_the_documents_of_another_account_are_not_listed(vendor: Vendor) -> None:
    vendor.says(answer(200, [{"id": "1", "account_id": "another"}]))

    with pytest.raises(OutcomeUnknown):
        broker_documents.list_documents("acc")


# --- Fetched ----------------------------------------------------------------------------------------------------------


def test_a_document_is_fetched_from_where_it_lies(sandbox: Sandbox) -> None:
    made = broker_accounts.create_account(applications.APPLICATION)
    (document,) = broker_documents.list_documents(made.alpaca_id)

    with broker_documents.open_document(made.alpaca_id, document.alpaca_id) as file:
        content = b"".join(file.pieces)

    assert (document.kind, file.content_type, file.size) == ("account_application", "application/pdf", len(content))
    assert content.startswith(b"%PDF")


def test_a_document_that_is_not_there_is_refused(sandbox: Sandbox) -> None:
    made = broker_accounts.create_account(applications.APPLICATION)

    with pytest.raises(Refused) as refusal:
        fetch(made.alpaca_id, "0d18ae51-3c94-4511-b209-101e1666416b")

    assert refusal.value.http_status == 404


@pytest.mark.parametrize("status", [301, 302, 307])
def test_the_address_is_followed_once_and_without_our_credentials(
    vendor: Vendor, status: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login canary password canary")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    vendor.says(
        answer(status, "", Location=f"{vendor.url}/files/1?signature=x%2By"), answer(200, PDF, "application/pdf")
    )

    assert fetch() == PDF

    first, second = vendor.asked
    assert first.path == "/v1/accounts/acc/documents/doc/download"
    assert "authorization" in first.headers
    assert (second.method, second.target) == ("GET", "/files/1?signature=x%2By")
    assert "authorization" not in second.headers


def test_an_answer_that_leads_on_is_not_read(vendor: Vendor) -> None:
    endless = message(301, b"x" * 1000, Location="/files/1").removesuffix(b"x" * 1000)
    vendor.says(silence(endless), answer(200, PDF))

    with patience(1):
        assert fetch() == PDF


def test_an_address_without_a_host_leads_back_to_the_broker(vendor: Vendor) -> None:
    vendor.says(answer(302, "", Location="/files/1"), answer(200, PDF))

    assert fetch() == PDF
    assert vendor.asked[1].path == "/files/1"


@pytest.mark.parametrize(
    "said",
    [
        answer(200, PDF),
        answer(301),
        answer(301, "", Location="https://[half/1"),
        answer(303, "", Location="/1"),
        answer(308, "", Location="/1"),
        answer(204),
        answer(500, "<h1>"),
    ],
)
def test_an_answer_that_leads_nowhere_is_no_document(vendor: Vendor, said: Any) -> None:
    vendor.says(said)

    with pytest.raises(OutcomeUnknown):
        fetch()

    assert len(vendor.asked) == 1


@pytest.mark.parametrize("status", [204, 206, 301, 302, 307, 400, 401, 403, 404, 429, 500])
def test_another_answer_where_the_document_lies_is_no_document(
    vendor: Vendor, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    error = {"code": 40410000, "message": "no"}
    vendor.says(answer(301, "", Location=f"{vendor.url}/files/1"), answer(status, error, Location=f"{vendor.url}/2"))

    with pytest.raises(OutcomeUnknown) as doubt:
        fetch()

    assert doubt.value.http_status == status
    assert len(vendor.asked) == 2
    assert caplog.text == ""


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/files/1",
        "http://files.invalid/1",
        "https://127.0.0.1/1",
        "https://localhost/1",
        "https://10.0.0.7/1",
        "https://192.168.1.1/1",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/1",
        "https://[::1]/1",
        "https://[fe80::1%25eth0]/1",
        "https://[::ffff:10.0.0.7]/1",
        "https://0/1",
        "https://2130706433/1",
        "https://canary:secret@files.invalid/1",
        "https://files.invalid:port/1",
        "https://files.invalid\\@10.0.0.7/1",
        "https:///1",
        "ftp://files.invalid/1",
        "file:///etc/passwd",
        "javascript:1",
        "https://fil es.invalid/1",
        "https://filés.invalid/1",
    ],
)
def test_no_other_address_is_followed(vendor: Vendor, address: str) -> None:
    vendor.says(answer(301, "", Location=address))

    with pytest.raises(OutcomeUnknown, match="do not follow"):
        fetch()

    assert len(vendor.asked) == 1


def test_an_unencrypted_address_is_followed_by_the_sandbox_alone(vendor: Vendor, settings: Settings) -> None:
    settings.BROKER_BASE_URL = "https://broker.invalid"

    with pytest.raises(OutcomeUnknown, match="do not follow"), download_client.opened(f"{vendor.url}/files/1"):
        pass

    assert vendor.connections == 0


@responses.activate
def test_a_document_lies_on_the_open_internet(settings: Settings) -> None:
    settings.BROKER_BASE_URL = "https://broker.invalid"
    settings.BROKER_API_KEY = settings.BROKER_API_SECRET = "canary"
    address = "https://bucket.files.invalid/1.pdf?X-Amz-Signature=ab%2Fcd&X-Amz-Expires=900"
    responses.get(
        "https://broker.invalid/v1/accounts/acc/documents/doc/download", status=301, headers={"Location": address}
    )
    lies_there = responses.get(address, PDF, content_type="application/pdf; charset=binary")

    with broker_documents.open_document("acc", "doc") as file:
        assert (file.content_type, b"".join(file.pieces)) == ("application/pdf", PDF)

    assert lies_there.calls[0].request.url == address
    assert "Authorization" not in lies_there.calls[0].request.headers


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("application/pdf", "application/pdf"),
        ("text/csv; charset=utf-8", "text/csv"),
        ("", "text/html"),
        ("pdf", "application/octet-stream"),
        ("a/b/c", "application/octet-stream"),
        ("text/<script>", "application/octet-stream"),
    ],
)
def test_the_kind_of_a_file_is_told_where_it_is_a_kind(vendor: Vendor, said: str, kind: str) -> None:
    vendor.says(answer(301, "", Location="/1"), answer(200, "x", said))

    with broker_documents.open_document("acc", "doc") as file:
        assert (file.content_type, file.size) == (kind, 1)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_document_may_hide_its_size(vendor: Vendor) -> None:
    vendor.says(answer(301, "", Location="/1"), cut(CHUNKED + b"5\r\n%PDF-\r\n3\r\n1.4\r\n0\r\n\r\n"))

    with broker_documents.open_document("acc", "doc") as file:
        assert (file.size, b"".join(file.pieces)) == (None, b"%PDF-1.4")


@pytest.mark.parametrize(
    "act",
    [
        cut(b""),
        reset(),
        cut(message(200, PDF)[:-5]),
        reset(message(200, PDF)[:-5]),
        cut(CHUNKED + b"5\r\n%PDF-\r\n"),
        cut(message(200, b"no gzip", Content_Encoding="gzip")),
        silence(),
        silence(message(200, PDF)[:-5]),
    ],
)
def test_a_document_that_breaks_off_is_none(vendor: Vendor, act: Any) -> None:
    vendor.says(answer(301, "", Location="/1"), act)

    with pytest.raises(OutcomeUnknown), patience(1):
        fetch()


@pytest.mark.slow
def test_a_document_that_trickles_is_none(vendor: Vendor) -> None:
    head = message(200, b" " * 100_000).removesuffix(b" " * 100_000)
    vendor.says(answer(301, "", Location="/1"), trickle(head))

    with pytest.raises(OutcomeUnknown, match="took too long"), patience(3):
        fetch()


def test_a_reader_may_take_its_time(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"x" * 300_000
    vendor.says(answer(301, "", Location="/1"), answer(200, content))
    clock: Any = SimpleNamespace(ahead=0, monotonic=lambda: time.monotonic() + clock.ahead)
    monkeypatch.setattr(download_client, "time", clock)

    with broker_documents.open_document("acc", "doc") as file, patience(1):
        found = next(file.pieces)
        clock.ahead = 60
        found += b"".join(file.pieces)

    assert found == content


def test_a_document_that_cannot_be_reached_may_be_asked_for_again(vendor: Vendor, settings: Settings) -> None:
    with closing(Vendor()) as gone:
        pass
    settings.BROKER_BASE_URL = gone.url

    with pytest.raises(NotSent), download_client.opened(f"{gone.url}/files/canary"):
        pass


def test_a_document_is_at_most_25_mebibytes(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_client, "MAX_DOCUMENT_BYTES", 1000)
    vendor.says(answer(301, "", Location="/1"), answer(200, b"x" * 1001))

    with pytest.raises(OutcomeUnknown, match="larger"):
        fetch()

    vendor.says(answer(301, "", Location="/1"), cut(CHUNKED + b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n"))
    with pytest.raises(OutcomeUnknown, match="larger"):
        fetch()

    vendor.says(answer(301, "", Location="/1"), answer(200, b"x" * 1000))
    assert len(fetch()) == 1000


def test_the_readers_own_trouble_is_not_the_vendors(vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    vendor.says(answer(301, "", Location="/1"), answer(200, PDF))

    with pytest.raises(Refused), broker_documents.open_document("acc", "doc"):
        raise Refused("another call", http_status=400)

    assert caplog.text == ""
