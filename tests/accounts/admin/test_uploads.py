"""The desk's view of documents that customers sent: what became of each, and never what is in it."""

import uuid

import pytest
from django.test import Client

from accounts import states
from accounts.models import DocumentUpload
from brokerage.status import note
from tests import make
from tests.funding.admin.ops import page, text_of

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/documentupload/"


@pytest.fixture
def upload(client: Client) -> DocumentUpload:
    """Make one document, and sign ops in."""
    client.force_login(make.user("ops@example.com", is_staff=True, is_superuser=True))
    made = DocumentUpload.objects.create(
        account=make.account(make.user()), form_key=uuid.uuid4(), asked_for="ADDRESS_VERIFICATION",
        kind="address_verification", sub_kind="lease", sha256="ab" * 32, size=12_345, content_type="image/jpeg",
        actor="customer 1",
    )  # fmt: skip
    made.begin_history()
    made.move(states.NOT_SENT, actor="worker", because="the sender died")
    return made


def test_a_document_can_be_found_and_read(client: Client, upload: DocumentUpload) -> None:
    found = client.get(LIST, {"q": "ada@example.com", "status__exact": "NOT_SENT"}).content.decode()
    shown = client.get(f"{LIST}{upload.pk}/change/").content.decode()

    assert str(upload) in found
    assert all(word in shown for word in ("address_verification", "ab" * 32, "12345", "the sender died"))
    assert str(upload.form_key) not in shown


def test_what_the_broker_wrote_is_shown_to_who_asks_for_it_alone(client: Client, upload: DocumentUpload) -> None:
    prose = "the name on it is Canary Person"
    DocumentUpload.objects.update(refusal=prose)
    evidence = {"what": "POST: refused with 422", "code": "40010001", "http_status": 422, "reason": prose}
    note(upload, field="status", after=states.REFUSED, actor="broker", evidence=evidence)

    shown = text_of(client.get(f"{LIST}{upload.pk}/change/"))

    assert "code: 40010001; http_status: 422; what: POST: refused with 422" in shown
    assert "Canary" not in shown
    answer = client.post(page(upload.account.application, "show"), {"field": "refusal", "because": "the file is odd"})
    assert prose in text_of(answer)


@pytest.mark.parametrize("way", ["add/", "{pk}/delete/"])
def test_nobody_adds_or_deletes_one_by_hand(client: Client, upload: DocumentUpload, way: str) -> None:
    assert client.get(f"{LIST}{way.format(pk=upload.pk)}").status_code == 403


def test_a_customer_is_not_let_in(client: Client, upload: DocumentUpload) -> None:
    client.force_login(upload.account.user)

    assert client.get(LIST).status_code == 302
