"""Documents at the desk: a reason first, a download within ten minutes, and both are written down."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BrokerDocument, DocumentAccess
from tests import make
from tests.brokerage.gateways.vendor import Vendor, answer
from tests.funding.admin.ops import AtTheDesk, page, person

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n" + bytes(range(256))


@pytest.fixture
def vendor(settings: Settings) -> Iterator[Vendor]:
    vendor = Vendor()
    settings.BROKER_BASE_URL = vendor.url
    yield vendor
    vendor.close()


@pytest.fixture
def document(db: None) -> BrokerDocument:
    return make.document(make.account(make.user()), on=date(2026, 10, 31))


def test_a_document_is_downloaded_for_a_reason_and_written_down(document: BrokerDocument, vendor: Vendor) -> None:
    desk = AtTheDesk(person())
    vendor.says(answer(301, Location=f"{vendor.url}/file"), answer(200, PDF, "application/pdf"))
    assert desk.client.get(page(document, "download")).status_code == 403

    said = desk.press(page(document, "allow"), because="The customer asks about a fee.")

    assert "You can download it for ten minutes" in said
    assert page(document, "download") in desk.client.get(page(document)).content.decode()
    assert b"".join(desk.client.get(page(document, "download"))) == PDF
    written = list(DocumentAccess.objects.values_list("outcome", "actor", "user__email", "because"))
    assert written == [
        ("ALLOWED", "OPS", "ops@example.com", "The customer asks about a fee."),
        ("OPENED", "OPS", "ops@example.com", ""),
        ("SENT", "OPS", "ops@example.com", ""),
    ]
    assert "The customer asks about a fee." in desk.read(page(document))
    assert "Sent whole" in desk.read("/admin/accounts/documentaccess/")


def test_without_a_reason_nothing_happens(document: BrokerDocument, vendor: Vendor) -> None:
    desk = AtTheDesk(person())

    said = desk.press(page(document, "allow"), because="")

    assert "Say why" in said
    assert desk.client.get(page(document, "download")).status_code == 403
    assert (DocumentAccess.objects.count(), vendor.asked) == (0, [])


def test_a_reason_does_not_last(document: BrokerDocument, vendor: Vendor) -> None:
    desk = AtTheDesk(person())
    with time_machine.travel(timezone.now(), tick=False) as clock:
        desk.press(page(document, "allow"), because="a call")
        clock.shift(timedelta(minutes=11))

        assert desk.client.get(page(document, "download")).status_code == 403
        assert page(document, "download") not in desk.client.get(page(document)).content.decode()


def test_who_may_only_look_cannot_download(document: BrokerDocument, vendor: Vendor) -> None:
    reader = person("reader@example.com", "view_brokerdocument")
    desk = AtTheDesk(reader)
    DocumentAccess.objects.create(document=document, user=reader, actor="OPS", outcome="ALLOWED", because="once could")

    assert "Ask to download it" not in desk.read(page(document))
    assert desk.client.get(page(document, "allow")).status_code == 403
    assert desk.client.get(page(document, "download")).status_code == 403
    assert page(document, "download") not in desk.client.get(page(document)).content.decode()
    assert vendor.asked == []


def test_a_broker_that_is_away_is_said(document: BrokerDocument, settings: Settings) -> None:
    settings.BROKER_BASE_URL = "http://127.0.0.1:1"
    desk = AtTheDesk(person())
    desk.press(page(document, "allow"), because="a call")

    said = desk.read(page(document, "download"), status=503)

    assert "The broker refused it, or cannot be reached" in said
    assert DocumentAccess.objects.latest("at").outcome == "AWAY"


def test_the_list_and_the_log_can_be_read_only(document: BrokerDocument) -> None:
    desk = AtTheDesk(person())

    for model in ("brokerdocument", "documentaccess"):
        assert desk.client.get(f"/admin/accounts/{model}/add/").status_code == 403
        assert desk.client.get(f"/admin/accounts/{model}/").status_code == 200
    assert desk.client.post(page(document, "delete"), {"post": "yes"}).status_code == 403
