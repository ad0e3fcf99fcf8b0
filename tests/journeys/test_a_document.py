"""From an application that could not be confirmed, by way of a document, to an open account."""

import html
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from accounts.models import BrokerageAccount, DocumentUpload
from tests.accounts import papers
from tests.harness.sandbox import Sandbox
from tests.journeys import people

pytestmark = pytest.mark.django_db


def waiting(client: Client) -> str:
    return " ".join(html.unescape(client.get("/apply/waiting/").content.decode()).split())


def test_a_document_opens_an_account(client: Client, sandbox: Sandbox) -> None:
    user = people.sign_up(client)
    people.apply(client)
    account = BrokerageAccount.objects.get()
    findings: dict[str, Any] = {"accept": {"IDENTITY_VERIFICATION": {}}, "indeterminate": {"ADDRESS_VERIFICATION": {}}}
    sandbox.post(f"/control/accounts/{account.alpaca_id}", status="ACTION_REQUIRED", kyc_results=findings)
    call_command("run_worker", once=True)
    assert "The broker needs to see a document" in waiting(client)

    page = client.get("/apply/documents/address/")
    key = people.hidden(page, "form_key")
    photo = SimpleUploadedFile("bill.jpg", papers.photo(), "image/jpeg")
    done = client.post("/apply/documents/address/", {"paper": "utility_bill", "file": photo, "form_key": key})

    assert done["Location"] == "/apply/waiting/"
    assert "With the broker" in waiting(client)
    assert DocumentUpload.objects.get().account.user == user

    accepted: dict[str, Any] = {"accept": {"IDENTITY_VERIFICATION": {}, "ADDRESS_VERIFICATION": {}}}
    sandbox.post(f"/control/accounts/{account.alpaca_id}", status="APPROVED", kyc_results=accepted)
    people.settle_account(user, sandbox)

    shown = waiting(client)
    assert "Your brokerage account is open" in shown
    assert "Confirmed" in shown.partition("Documents you sent")[2].partition("</section>")[0]
