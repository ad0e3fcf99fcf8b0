"""Every way in which one POST to the broker can end, and that it is one POST whatever comes back."""

import socket
import ssl
import uuid
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from brokerage.gateways import broker
from brokerage.gateways.errors import CalledInsideTransaction, NotSent, OutcomeUnknown, Refused, patience
from tests.brokerage.gateways import streams
from tests.brokerage.gateways.vendor import Vendor, answer, cut, message, reset, silence, trickle
from tests.harness.certificates import own_certificate

ERROR = {"code": 42210000, "message": "amount is too large"}
HTML = "<html><h1>Something stands between</h1></html>"


def ask() -> broker.TransferAnswer:
    return broker.create_transfer(
        account_id=str(uuid.uuid4()), relationship_id=str(uuid.uuid4()), direction="INCOMING", amount=Decimal("250.00")
    )


# --- What the broker says ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 422])
def test_the_brokers_own_refusal_is_a_refusal(vendor: Vendor, status: int) -> None:
    vendor.says(answer(status, ERROR))

    with pytest.raises(Refused) as refusal:
        ask()

    assert (refusal.value.code, refusal.value.reason) == ("42210000", "amount is too large")
    assert refusal.value.http_status == status
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 422])
@pytest.mark.parametrize("body", [HTML, "", {"message": "no code"}, ["code"], b"\xff\xfe{", "[" * 200_000])
def test_a_refusal_that_is_not_the_brokers_tells_nothing(vendor: Vendor, status: int, body: object) -> None:
    vendor.says(answer(status, body))

    with pytest.raises(OutcomeUnknown):
        ask()

    assert len(vendor.asked) == 1


@pytest.mark.parametrize("body", [{"code": 42910000, "message": "too many requests"}, HTML, ""])
def test_a_broker_that_asks_us_to_slow_down_has_done_nothing(vendor: Vendor, body: object) -> None:
    vendor.says(answer(429, body))

    with pytest.raises(NotSent) as later:
        ask()

    assert later.value.http_status == 429
    assert len(vendor.asked) == 1


@pytest.mark.parametrize(
    "status", [301, 302, 303, 307, 308, 304, 402, 408, 409, 410, 418, 425, 500, 501, 502, 503, 504]
)
@pytest.mark.parametrize("body", [ERROR, HTML])
def test_any_other_answer_leaves_the_outcome_unknown(vendor: Vendor, status: int, body: object) -> None:
    vendor.says(answer(status, body, Location=f"{vendor.url}/elsewhere"))

    with pytest.raises(OutcomeUnknown) as doubt:
        ask()

    assert doubt.value.http_status == status
    assert len(vendor.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"id": "9f0c"',
        b"null",
        b"[]",
        b'"done"',
        b"{}",
        b'{"id": ""}',
        b'{"id": null, "status": "QUEUED"}',
        b"\x00\xff\xfe",
        HTML.encode(),
        b"[" * 200_000,
        b'{"id": "9f0c", "amount": ' + b"9" * 10_000 + b"}",
    ],
)
def test_a_yes_that_names_no_id_leaves_the_outcome_unknown(vendor: Vendor, body: bytes) -> None:
    vendor.says(answer(200, body))

    with pytest.raises(OutcomeUnknown):
        ask()

    assert len(vendor.asked) == 1


@pytest.mark.parametrize("status", [200, 422, 500])
def test_an_answer_above_one_mebibyte_is_not_read_to_its_end(vendor: Vendor, status: int) -> None:
    vendor.says(answer(status, b'{"id": "9f0c", "code": 1, "x": "' + b"x" * 1024 * 1024 + b'"}'))

    with pytest.raises(OutcomeUnknown, match="larger than 1 MiB"):
        ask()


# --- What becomes of the connection -----------------------------------------------------------------------------------

YES = message(200, {"id": "9f0c", "status": "QUEUED"})


@pytest.mark.parametrize(
    "act",
    [
        reset(),
        reset(YES[:20]),
        reset(YES[:-5]),
        cut(b""),
        cut(YES[:-5]),
        cut(b"nonsense\r\n\r\n"),
        cut(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\""),
        cut(message(200, b"not gzip at all", Content_Encoding="gzip")),
    ],
    ids=["reset", "in the head", "in the body", "closed", "truncated", "no HTTP", "chunk missing", "no gzip"],
)  # fmt: skip
def test_an_answer_that_breaks_off_leaves_the_outcome_unknown(vendor: Vendor, act: object) -> None:
    vendor.says(act)  # type: ignore[arg-type]

    with pytest.raises(OutcomeUnknown):
        ask()

    assert len(vendor.asked) == 1


@pytest.mark.parametrize("said", [b"", YES[:20], YES[:-5]])
def test_a_vendor_that_falls_silent_leaves_the_outcome_unknown(vendor: Vendor, said: bytes) -> None:
    vendor.says(silence(said))

    with pytest.raises(OutcomeUnknown), patience(1):
        ask()

    assert len(vendor.asked) == 1


@pytest.mark.slow
@pytest.mark.parametrize("status", [200, 422])
def test_an_answer_that_trickles_past_the_deadline_leaves_the_outcome_unknown(vendor: Vendor, status: int) -> None:
    head = message(status, b" " * 100_000).removesuffix(b" " * 100_000)
    vendor.says(trickle(head))

    with pytest.raises(OutcomeUnknown, match="took too long") as doubt, patience(3):
        ask()

    assert len(vendor.asked) == 1
    assert doubt.value.http_status is None  # no answer came, whatever its first line says


def test_nothing_is_sent_where_nobody_listens(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.BROKER_BASE_URL = f"http://127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(NotSent):
        ask()


def test_nothing_is_sent_to_a_name_without_an_address(settings: Settings) -> None:
    settings.BROKER_BASE_URL = "http://broker.invalid"

    with pytest.raises(NotSent):
        ask()


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return own_certificate(tmp_path).path


@pytest.fixture
def tls_vendor(certificate: Path, settings: Settings) -> Iterator[Vendor]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    vendor = Vendor(tls=context)
    settings.BROKER_BASE_URL = vendor.url
    yield vendor
    vendor.close()


def test_nothing_is_sent_to_someone_we_do_not_trust(tls_vendor: Vendor) -> None:
    with pytest.raises(NotSent):
        ask()

    assert tls_vendor.asked == []


@pytest.mark.parametrize("greeting", [b"", b"220 this is a mail server\r\n"], ids=["silent", "another protocol"])
def test_nothing_is_sent_where_no_tls_is_spoken(settings: Settings, greeting: bytes) -> None:
    with closing(Vendor(greeting=greeting)) as vendor:
        settings.BROKER_BASE_URL = vendor.url.replace("http:", "https:")

        with pytest.raises(NotSent), patience(1):
            ask()


def test_a_tls_connection_that_breaks_in_the_answer_leaves_the_outcome_unknown(
    tls_vendor: Vendor, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    tls_vendor.says(_speak_plainly)

    with pytest.raises(OutcomeUnknown):
        ask()

    assert len(tls_vendor.asked) == 1


def _speak_plainly(connection: socket.socket) -> None:
    with socket.socket(fileno=connection.detach()) as plain:
        plain.sendall(b"this is no record of TLS at all")


# --- Transactions -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_socket_is_opened_inside_a_transaction(vendor: Vendor) -> None:
    with pytest.raises(CalledInsideTransaction), transaction.atomic():
        ask()
    with pytest.raises(CalledInsideTransaction), transaction.atomic():
        broker.list_transfers("an account")
    with pytest.raises(CalledInsideTransaction), transaction.atomic():
        streams.funding_events(since="0" * 26, until="1" * 26)

    assert vendor.connections == 0
