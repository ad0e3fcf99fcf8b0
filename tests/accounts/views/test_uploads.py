"""The page on which a document is sent to the broker: what it says, what it takes, and what comes of it."""

import html
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts import documents_asked, states
from accounts.files import MOST_BYTES
from accounts.models import BrokerageAccount, DocumentUpload
from accounts.operations import sending_documents
from tests import make
from tests.accounts import papers
from tests.accounts.needing import PAGE, READ, UPLOAD, Needy, needy, said
from tests.funding.standing import fault
from tests.harness.sandbox import Sandbox
from tests.journeys.people import hidden

EVERY_SLUG = [asked.slug for asked in documents_asked.BY_CODE.values()]


@pytest.fixture
def ada(sandbox: Sandbox, client: Client, db: None) -> Needy:
    """Ada is signed in, and the broker could not confirm her address."""
    return needy(sandbox, client)


def text(page: Any) -> str:
    return " ".join(html.unescape(page.content.decode()).split()).replace('<span class="visually-hidden">', "")


# --- Works ------------------------------------------------------------------------------------------------------------


def test_a_document_goes_from_the_browser_to_the_broker(ada: Needy) -> None:
    page = ada.client.get(PAGE)
    assert "Proof of your home address" in text(page)
    assert "up to 10 MB" in text(page)
    assert "keep no copy" in text(page)

    done = ada.choose(papers.photo(), key=hidden(page, "form_key"))

    [there] = ada.at_the_broker()
    assert (there["document_type"], there["document_sub_type"]) == ("address_verification", "utility_bill")
    assert there["mime_type"] == "image/jpeg"
    assert done.redirect_chain == [("/apply/waiting/", 302)]
    assert said(done) == "Your document is with the broker."
    assert "Utility bill of the last three months" in text(done)
    assert "With the broker" in text(done)


def test_the_page_moves_on_at_once(ada: Needy) -> None:
    done = ada.choose()

    ada.account.refresh_from_db()
    assert ada.account.status == "SUBMITTED"
    assert "The broker is checking your application" in text(done)
    assert "Send another: Proof of your home address" in text(done)  # a second page of it may still be sent


def test_a_pdf_goes_out_as_it_came(ada: Needy) -> None:
    ada.choose(papers.pdf())

    [there] = ada.at_the_broker()
    assert there["mime_type"] == "application/pdf"
    assert ada.upload.size == len(papers.pdf())


@pytest.mark.parametrize("slug", EVERY_SLUG)
def test_whatever_the_broker_asks_for_has_its_page(ada: Needy, slug: str) -> None:
    asked = documents_asked.BY_SLUG[slug]
    BrokerageAccount.objects.update(kyc_results={"indeterminate": {asked.code: {}}})

    waiting = text(ada.client.get("/apply/waiting/"))
    page = ada.client.get(f"/apply/documents/{slug}/")
    ada.choose(page=f"/apply/documents/{slug}/", paper=asked.papers[-1].key)

    assert f"/apply/documents/{slug}/" in waiting
    assert asked.title in waiting
    assert "The broker needs to see a document" in waiting
    assert asked.title in text(page)
    [there] = ada.at_the_broker()
    assert (there["document_type"], there["document_sub_type"]) == (asked.papers[-1].kind, asked.papers[-1].sub_kind)
    assert ada.upload.asked_for == asked.code


def test_something_else_may_be_sent_while_the_broker_decides(ada: Needy) -> None:
    ada.choose(page="/apply/documents/something-else/", paper="other")

    assert (ada.upload.asked_for, ada.upload.kind) == ("", "other")


def test_what_was_mistyped_can_be_changed_from_there(ada: Needy) -> None:
    waiting = text(ada.client.get("/apply/waiting/"))
    assert 'href="/settings/">Change your details' in waiting
    assert 'href="/settings/contact/"' in text(ada.client.get("/settings/"))

    BrokerageAccount.objects.update(status="APPROVAL_PENDING")
    assert "Change your details" not in text(ada.client.get("/apply/waiting/"))


# --- Strangers --------------------------------------------------------------------------------------------------------


def test_a_stranger_signs_in_first(client: Client, db: None) -> None:
    for answer in (client.get(PAGE), client.post(PAGE)):
        assert answer["Location"] == f"/sign-in/?next={PAGE}"


@pytest.mark.parametrize("page", [PAGE, "/apply/documents/horoscope/", "/apply/documents/something-else/"])
def test_who_has_no_account_finds_nothing(client: Client, db: None, page: str) -> None:
    client.force_login(make.user())

    assert client.get(page).status_code == client.post(page).status_code == 404


def test_what_there_is_no_page_for_is_not_found(ada: Needy) -> None:
    for slug in ("horoscope", "ADDRESS_VERIFICATION", "address-verification"):
        assert ada.client.get(f"/apply/documents/{slug}/").status_code == 404


def test_a_form_of_another_site_sends_nothing(ada: Needy) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada.user)

    answer = strict.post(PAGE, {"paper": "lease", "file": SimpleUploadedFile("a", papers.picture()), "form_key": "1"})

    assert answer.status_code == 403
    assert not DocumentUpload.objects.exists()


def test_another_persons_form_key_sends_ones_own_file(ada: Needy, sandbox: Any) -> None:
    key = str(uuid.uuid4())
    ada.choose(key=key)
    grace = make.user("grace@example.com")
    make.account(grace, status="ACTION_REQUIRED", kyc_results=ada.account.kyc_results)
    client = Client()
    client.force_login(grace)

    client.post(PAGE, {"paper": "lease", "file": SimpleUploadedFile("a", papers.pdf()), "form_key": key})

    assert {each.account.user for each in DocumentUpload.objects.all()} == {ada.user, grace}


@pytest.mark.parametrize("status", ["ACTIVE", "REJECTED", "ACCOUNT_CLOSED", "APPROVED", "SUBMISSION_FAILED", "LIMITED"])
def test_what_nobody_would_look_at_is_not_taken(ada: Needy, status: str) -> None:
    BrokerageAccount.objects.update(status=status)

    shown, done = ada.client.get(PAGE, follow=True), ada.choose()

    assert said(shown) == said(done) == "The broker does not ask for this any more. Nothing was sent."
    assert not DocumentUpload.objects.exists()
    assert "Send it" not in text(done)


def test_what_is_not_asked_for_is_not_taken(ada: Needy) -> None:
    done = ada.choose(page="/apply/documents/selfie/", paper="selfie")

    assert "does not ask for this" in said(done)
    assert not DocumentUpload.objects.exists()


# --- Bad input --------------------------------------------------------------------------------------------------------

SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BAD_FILES: dict[str, tuple[bytes, str, str]] = {
    "0 bytes": (b"", "bill.pdf", "is empty"),
    "10 MB + 1": (papers.pdf() + bytes(MOST_BYTES + 1 - len(papers.pdf())), "bill.pdf", "larger than 10 MB"),
    "30 MB": (bytes(30 * 1024 * 1024), "bill.pdf", "larger than 10 MB"),
    "a drawing that acts": (SCRIPT, "bill.jpg", "a drawing"),
    "a drawing with a name that leads away": (SCRIPT, "../../x.svg", "a drawing"),
    "a program": (b"MZ" + bytes(1000), "bill.pdf", "a program"),
    "a PDF that acts": (papers.pdf(b"<< /S /JavaScript /JS (x) >>"), "bill.pdf", "holds a script"),
    "a PDF that is a ZIP, too": (papers.pdf() + b"PK\x03\x04PK\x05\x06" + bytes(18), "bill.pdf", "damaged"),
    "half a picture": (papers.picture()[:500], "bill.jpg", "damaged"),
}


@pytest.mark.parametrize(("content", "name", "says"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_cannot_be_sent_says_why(ada: Needy, content: bytes, name: str, says: str) -> None:
    page = ada.choose(content, name=name)

    assert page.status_code == 200
    assert says in text(page)
    assert "<title>Error" in text(page)
    assert 'aria-describedby="id_file_helptext id_file_error"' in text(page)
    assert not DocumentUpload.objects.exists()
    assert 'name="paper" value="utility_bill"' in text(page)
    assert "checked" in text(page)  # what was chosen is still chosen


GOOD_FILES = {
    "a PNG named .pdf": (papers.picture("PNG"), "scan.pdf", "image/jpeg"),
    "a PDF named .jpg": (papers.pdf(), "scan.jpg", "application/pdf"),
    "a name that leads away": (papers.picture(), "../../x", "image/jpeg"),
    "a name with a page in it": (papers.picture(), '"><script>alert(1)</script>.jpg', "image/jpeg"),
    "a name as long as a novel": (papers.picture(), "x" * 5000 + ".jpg", "image/jpeg"),
    "a page behind a picture": (papers.picture() + SCRIPT, "bill.jpg", "image/jpeg"),
}


@pytest.mark.parametrize(("content", "name", "content_type"), GOOD_FILES.values(), ids=GOOD_FILES)
def test_neither_name_nor_the_browsers_word_tells_what_a_file_is(
    ada: Needy, content: bytes, name: str, content_type: str
) -> None:
    page = ada.choose(content, name=name)

    assert said(page) == "Your document is with the broker."
    assert ada.upload.content_type == content_type
    assert "alert(1)" not in text(page)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"file": ""}, "Choose a photo or a PDF of the document."),
        ({"file": "a text"}, "Choose a photo or a PDF of the document."),
        ({"paper": ""}, "Choose one of these"),
        ({"paper": "horoscope"}, "Choose one of these"),
        ({"paper": "passport"}, "Choose one of these"),
        ({"form_key": ""}, "This page is out of date. Choose your file once more."),
        ({"form_key": "'; DROP TABLE"}, "out of date"),
    ],
)
def test_an_answer_that_is_missing_or_made_up_says_so(ada: Needy, fields: dict[str, Any], says: str) -> None:
    page = ada.choose(**fields)

    assert says in text(page)
    assert not DocumentUpload.objects.exists()


def test_a_post_that_is_no_form_leads_to_one(ada: Needy) -> None:
    page = ada.client.post(PAGE, b"\x00\x01", content_type="application/octet-stream", follow=True)

    assert said(page) == "This page is out of date. Choose your file once more."
    assert hidden(page, "form_key")


def test_two_files_that_are_too_much_together_are_too_much(ada: Needy) -> None:
    half = bytes(MOST_BYTES // 2 + 1)
    files = [SimpleUploadedFile("a", half), SimpleUploadedFile("b", half)]

    page = ada.choose(file=files)

    assert page.status_code == 200
    assert not DocumentUpload.objects.exists()


def test_who_sends_too_many_is_told_when_to_go_on(ada: Needy, settings: Settings) -> None:
    settings.UPLOADS_PER_HOUR = 1
    ada.choose()

    page = ada.choose()

    assert page.status_code == 429
    assert len(ada.at_the_broker()) == 1


def test_who_sends_bad_files_without_end_is_told_when_to_go_on(ada: Needy) -> None:
    for _ in range(sending_documents.TRIES - 1):
        sending_documents.count_try(ada.account)
    last = ada.choose(SCRIPT)

    page = ada.choose()

    assert last.status_code == 200
    assert page.status_code == 429
    assert page["Retry-After"]
    assert not DocumentUpload.objects.exists()


def test_who_has_trouble_with_a_file_may_still_send_another(ada: Needy, settings: Settings) -> None:
    settings.UPLOADS_PER_HOUR = 1
    for _ in range(5):
        ada.choose(SCRIPT)

    assert said(ada.choose()) == "Your document is with the broker."


def test_to_look_at_the_page_is_no_try(ada: Needy) -> None:
    for _ in range(sending_documents.TRIES + 1):
        assert ada.client.get(PAGE).status_code == 200


# --- The broker refuses, and is silent --------------------------------------------------------------------------------


def test_a_file_that_the_broker_refuses_is_chosen_again(ada: Needy) -> None:
    body = {"code": 40010001, "message": "content is <b>broken</b>"}
    fault(ada.sandbox, "status", UPLOAD, status=400, body=body)

    page = ada.choose()

    assert page.redirect_chain == [(PAGE, 302)]
    assert "The broker did not take this file." in said(page)
    assert "broken" not in text(page)
    assert (ada.upload.status, ada.upload.refusal) == (states.REFUSED, "content is <b>broken</b>")
    assert "Your document is with the broker." in said(ada.choose())


def test_what_did_not_leave_is_chosen_again(ada: Needy, settings: Settings) -> None:
    home, settings.BROKER_BASE_URL = settings.BROKER_BASE_URL, "http://127.0.0.1:1"

    page = ada.choose()

    assert page.redirect_chain == [(PAGE, 302)]
    assert "It did not leave us, and we kept no copy. Choose the file again." in said(page)
    settings.BROKER_BASE_URL = home
    assert "Your document is with the broker." in said(ada.choose())


def test_who_cannot_be_told_whether_it_arrived_may_send_it_again(ada: Needy) -> None:
    fault(ada.sandbox, "drop_after_commit", UPLOAD)

    page = ada.choose()

    assert page.redirect_chain == [("/apply/waiting/", 302)]
    assert "We can’t tell whether it arrived" in said(page)
    assert "Sending it again does no harm." in text(page)
    assert "Send it: Proof of your home address" in text(page)
    assert "Your document is with the broker." in said(ada.choose())
    assert len(ada.at_the_broker()) == 2
    assert DocumentUpload.objects.values("sha256").distinct().count() == 1


def test_a_broker_who_is_silent_afterwards_keeps_nobody_waiting(ada: Needy) -> None:
    fault(ada.sandbox, "bad_gateway", READ)

    page = ada.choose()

    assert said(page) == "Your document is with the broker."
    assert "With the broker" in text(page)
    ada.account.refresh_from_db()
    assert ada.account.status == "ACTION_REQUIRED"  # the worker reads it again


def test_a_double_click_sends_once(ada: Needy) -> None:
    key = str(uuid.uuid4())

    pages = [ada.choose(papers.photo(), key=key) for _ in range(3)]

    assert len(ada.at_the_broker()) == DocumentUpload.objects.count() == 1
    assert {said(page) for page in pages} == {"Your document is with the broker."}


def test_a_page_sends_one_file(ada: Needy) -> None:
    key = str(uuid.uuid4())
    ada.choose(papers.photo(), key=key)

    page = ada.choose(papers.pdf(), key=key)

    assert said(page) == "This page has sent another file already. Choose your file once more."
    assert hidden(page, "form_key") != key
    assert len(ada.at_the_broker()) == 1
