"""The broker's documents: the list is kept, and no document goes out before it is written down who gets it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BrokerageAccount, BrokerDocument, DocumentAccess, DocumentList
from accounts.operations import documents
from tests import make
from tests.brokerage.gateways.vendor import Act, Vendor, answer, cut, message, reset, silence
from tests.funding.standing import at_once

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 1000


@pytest.fixture
def vendor(settings: Settings) -> Iterator[Vendor]:
    vendor = Vendor()
    settings.BROKER_BASE_URL = vendor.url
    yield vendor
    vendor.close()


@pytest.fixture
def account(db: None) -> BrokerageAccount:
    return make.account(make.user())


def listed(*ids: str, **more: Any) -> list[dict[str, Any]]:
    row = {"name": "October.pdf", "type": "account_statement", "sub_type": "", "date": "2026-10-31"}
    return [row | {"id": each} | more for each in ids]


def hands_out(vendor: Vendor, act: Act) -> None:
    vendor.says(answer(301, Location=f"{vendor.url}/file?signature=secret"), act)


def opened(account: BrokerageAccount) -> documents.Sending:
    document = make.document(account, on=date(2026, 10, 31))
    reader = documents.Reader(account.user, documents.CUSTOMER, "203.0.113.7")
    return documents.open_document(document=document, reader=reader)


def outcomes() -> list[str]:
    return list(DocumentAccess.objects.values_list("outcome", flat=True))


# --- The list ---------------------------------------------------------------------------------------------------------


def test_what_is_new_is_added_and_nothing_is_taken_away(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(answer(body=listed("a", "b")), answer(body=listed("b", "c", name="another name")))

    with time_machine.travel(timezone.now(), tick=False) as clock:
        documents.refresh_if_old(account=account)
        clock.shift(documents.GOOD_FOR)
        known = documents.refresh_if_old(account=account)

    names = dict(BrokerDocument.objects.values_list("alpaca_document_id", "name"))
    assert names == {"a": "October.pdf", "b": "October.pdf", "c": "another name"}
    assert known.as_of == known.asked_at


def test_two_pages_at_once_ask_once(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(answer(body=listed("a")))

    for _ in range(3):
        documents.refresh_if_old(account=account)

    assert len(vendor.asked) == 1


@pytest.mark.django_db(transaction=True)
def test_many_pages_at_one_moment_ask_once(vendor: Vendor) -> None:
    account = make.account(make.user())
    vendor.says(answer(body=listed("a", "b")))

    came = at_once(*[lambda: documents.refresh_if_old(account=account) for _ in range(8)])

    assert all(isinstance(each, DocumentList) for each in came), came
    assert (len(vendor.asked), BrokerDocument.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    "act",
    [
        answer(500, "<h1>Sorry</h1>"),
        answer(404, {"code": 40410000, "message": "account not found"}),
        answer(body={"documents": []}),
        answer(body=listed("x", account_id="somebody else")),
        silence(),
    ],
)
def test_the_list_stays_when_the_broker_is_away(account: BrokerageAccount, vendor: Vendor, act: Act) -> None:
    make.document(account)
    long_ago = timezone.now() - timedelta(hours=5)
    account.document_list.as_of = account.document_list.asked_at = long_ago
    account.document_list.save()
    vendor.says(act)

    known = documents.refresh_if_old(account=account)
    documents.refresh_if_old(account=account)

    assert known.as_of == long_ago
    assert BrokerDocument.objects.count() == 1
    assert len(vendor.asked) == 1


def test_odd_rows_are_kept_as_far_as_they_make_sense(account: BrokerageAccount, vendor: Vendor) -> None:
    rows = [
        {"id": "bare"},
        {"name": "no id"},
        "no row",
        {"id": "x" * 65},
        {"id": "odd", "type": "TELEPORTED", "date": "?"},
    ]
    vendor.says(answer(body=rows))

    documents.refresh_if_old(account=account)

    found = BrokerDocument.objects.order_by("kind").values_list("alpaca_document_id", "kind", "on")
    assert list(found) == [("bare", "", None), ("odd", "TELEPORTED", None)]


# --- One document -----------------------------------------------------------------------------------------------------


def test_a_document_passes_through_and_is_written_down_first(account: BrokerageAccount, vendor: Vendor) -> None:
    hands_out(vendor, answer(200, PDF, "application/pdf"))

    sending = opened(account)

    assert outcomes() == ["OPENED"], "before the first byte"
    assert (b"".join(sending), sending.size, sending.content_type) == (PDF, len(PDF), "application/pdf")
    sending.close()
    assert outcomes() == ["OPENED", "SENT"]
    access = DocumentAccess.objects.earliest("at")
    assert (access.user, access.actor, access.ip_address) == (account.user, "CUSTOMER", "203.0.113.7")


@pytest.mark.parametrize(
    "act",
    [
        cut(message(200, PDF, "application/pdf")[:-5000]),
        reset(message(200, PDF, "application/pdf")[:-5000]),
    ],
)
def test_half_a_document_never_looks_whole(account: BrokerageAccount, vendor: Vendor, act: Act) -> None:
    hands_out(vendor, act)
    sending = opened(account)

    with pytest.raises(documents.BrokenOff):
        list(sending)

    sending.close()
    assert outcomes() == ["OPENED", "BROKEN_OFF"]


@pytest.mark.parametrize("act", [cut(message(200, PDF, "application/pdf")[: -len(PDF)]), reset(b"HTTP/1.1 200 OK\r\n")])
def test_one_that_breaks_off_at_once_is_not_handed_out(account: BrokerageAccount, vendor: Vendor, act: Act) -> None:
    hands_out(vendor, act)

    with pytest.raises(documents.NotHandedOut):
        opened(account)

    assert outcomes() == ["AWAY"]


def test_a_reader_who_hangs_up_is_written_down(account: BrokerageAccount, vendor: Vendor) -> None:
    hands_out(vendor, answer(200, PDF, "application/pdf"))
    sending = opened(account)

    next(iter(sending))
    sending.close()

    assert outcomes() == ["OPENED", "BROKEN_OFF"]


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (answer(404, {"code": 40410000, "message": "document not found"}), "REFUSED"),
        (answer(500, "<h1>Sorry</h1>"), "AWAY"),
        (answer(200, "no redirect"), "AWAY"),
        (answer(301, Location="http://169.254.169.254/latest/meta-data"), "AWAY"),
        (answer(301, Location="https://127.0.0.1/file"), "AWAY"),
        (answer(301, Location="file:///etc/passwd"), "AWAY"),
    ],
)
def test_what_is_not_handed_out_is_written_down(
    account: BrokerageAccount, vendor: Vendor, act: Act, outcome: str
) -> None:
    vendor.says(act)

    with pytest.raises(documents.NotHandedOut):
        opened(account)

    assert outcomes() == [outcome]
    assert len(vendor.asked) == 1


def test_a_signed_address_that_has_expired_hands_nothing_out(account: BrokerageAccount, vendor: Vendor) -> None:
    hands_out(vendor, answer(403, "<Error>AccessDenied</Error>"))

    with pytest.raises(documents.NotHandedOut):
        opened(account)

    assert outcomes() == ["AWAY"]


# --- Operations people ------------------------------------------------------------------------------------------------


def test_a_reason_is_good_for_ten_minutes_and_one_person(account: BrokerageAccount) -> None:
    document, person = make.document(account), make.user("ops@example.com", is_staff=True)

    with time_machine.travel(timezone.now(), tick=False) as clock:
        documents.allow(document=document, person=person, because="a call")

        assert documents.is_allowed(document=document, person=person)
        assert not documents.is_allowed(document=document, person=account.user)
        assert not documents.is_allowed(document=make.document(account), person=person)
        clock.shift(timedelta(minutes=10))
        assert not documents.is_allowed(document=document, person=person)
