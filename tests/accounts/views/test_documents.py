"""The documents' page and the documents: grouped, filtered, one's own alone, and honest when the broker is away."""

import re
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AgreementSignature, BrokerageAccount, BrokerDocument, DocumentAccess
from accounts.operations import documents
from tests import make
from tests.brokerage.gateways.vendor import Vendor, answer, cut, message
from tests.funding.standing import open_customer
from tests.harness.sandbox import Sandbox
from tests.harness.unguarded import remove, rewrite

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 1000
DEAD = "http://127.0.0.1:1"
MOST_QUERIES = 18
CSRF = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')


@pytest.fixture
def account(client: Client, db: None) -> BrokerageAccount:
    account = make.account(make.user())
    client.force_login(account.user)
    return account


@pytest.fixture
def vendor(settings: Settings) -> Iterator[Vendor]:
    vendor = Vendor()
    settings.BROKER_BASE_URL = vendor.url
    yield vendor
    vendor.close()


def text(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def many(account: BrokerageAccount, count: int, kind: str = "trade_confirmation") -> None:
    make.document(account, kind, date(2026, 1, 2))
    rows = [
        BrokerDocument(
            brokerage_account=account, alpaca_document_id=f"{kind} {n}", kind=kind, on=date(2026, 1, 1) - timedelta(n)
        )
        for n in range(count - 1)
    ]
    BrokerDocument.objects.bulk_create(rows)


# --- The list ---------------------------------------------------------------------------------------------------------


def test_the_brokers_documents_stand_there_at_once(client: Client, sandbox: Sandbox) -> None:
    customer = open_customer(sandbox, cash="10.00")
    client.force_login(customer.user)

    page = client.get("/documents/")

    [document] = BrokerDocument.objects.filter(kind="account_application")
    assert f'href="/documents/{document.pk}/"' in page.content.decode()
    assert "As the broker listed them on" in text(page)
    assert b"".join(client.get(f"/documents/{document.pk}/")).startswith(b"%PDF")


def test_kinds_stand_in_groups_newest_first(client: Client, account: BrokerageAccount) -> None:
    make.document(account, "account_statement", date(2026, 9, 30))
    make.document(account, "trade_confirmation", date(2026, 10, 2))
    make.document(account, "account_statement", date(2026, 10, 31))
    make.document(account, "tax_statement", date(2026, 2, 12), name="1099-B")
    make.document(account, "TELEPORTED", None, name="<script>Nova")

    page = client.get("/documents/")

    titles = [group.title for group in page.context["groups"]]
    assert titles == ["Statements", "Trade confirmations", "Tax forms", "Agreements you signed", "Other documents"]
    assert [line.on for line in page.context["groups"][0].lines] == [date(2026, 10, 31), date(2026, 9, 30)]
    assert "Statement of October 2026" in text(page)
    assert "1099-B" in text(page)
    assert "&lt;script&gt;Nova" in page.content.decode()
    assert "TELEPORTED" not in text(page)


def test_agreements_stand_there_before_there_is_an_account(client: Client) -> None:
    user = make.user()
    make.application(user)
    client.force_login(user)

    page = client.get("/documents/")

    lines = page.context["groups"][0].lines
    assert {line.title for line in lines} == set(AgreementSignature.objects.values_list("text__title", flat=True))
    for line in lines:
        address = f"/agreements/signed/{line.signature.pk}/"
        assert f'href="{address}"' in page.content.decode()
        assert client.get(address).status_code == 200


def test_an_agreement_whose_words_were_not_kept_leads_nowhere(client: Client, account: BrokerageAccount) -> None:
    rewrite(AgreementSignature.objects.all(), text=None)

    page = client.get("/documents/?kind=agreements")

    assert page.context["groups"][0].lines[0].title in text(page)
    assert "/agreements/signed/" not in page.content.decode()


def test_nobody_elses_documents_stand_there(client: Client, account: BrokerageAccount) -> None:
    remove(AgreementSignature.objects.all())
    make.document(make.account(make.user("grace@example.com")), on=date(2026, 10, 31))

    page = client.get("/documents/")

    assert page.context["groups"] == []


def test_it_says_what_will_be_there(client: Client, account: BrokerageAccount, vendor: Vendor) -> None:
    remove(AgreementSignature.objects.all())
    vendor.says(answer(body=[]))

    assert "The broker adds a statement after each month" in text(client.get("/documents/"))

    client.force_login(make.user("new@example.com"))
    assert "Go to your application" in text(client.get("/documents/"))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"kind": "statements"}, 2),
        ({"kind": "confirmations"}, 1),
        ({"year": "2025"}, 2),
        ({"kind": "statements", "year": "2025"}, 1),
        ({"kind": "taxes"}, 0),
        ({"kind": "agreements", "year": "2025"}, 0),
    ],
)
def test_the_address_narrows_it(client: Client, account: BrokerageAccount, query: dict[str, str], shown: int) -> None:
    make.document(account, "account_statement", date(2026, 10, 31))
    make.document(account, "account_statement", date(2025, 10, 31))
    make.document(account, "trade_confirmation", date(2025, 3, 3))

    page = client.get("/documents/", query)

    assert sum(group.count for group in page.context["groups"]) == shown
    assert ("No document matches" in text(page)) == (shown == 0)


@pytest.mark.parametrize("name", ["kind", "year"])
@pytest.mark.parametrize("value", ["x", "\x00", "x" * 5000, "-1", "0", "99999", "1e3", "é", "2026-02-30", "<script>"])
def test_a_filter_that_nobody_offered_is_still_a_page(
    client: Client, account: BrokerageAccount, name: str, value: str
) -> None:
    make.document(account, on=date(2026, 10, 31))

    page = client.get("/documents/", {name: value})

    assert page.status_code == 200
    assert "Choose a" in text(page)
    assert page.context["groups"], "everything is shown"


def test_many_of_a_kind_are_a_link_and_then_a_year(client: Client, account: BrokerageAccount) -> None:
    many(account, 700)

    everything, kind = client.get("/documents/"), client.get("/documents/?kind=confirmations")
    year = client.get("/documents/?kind=confirmations&year=2025")

    assert len(everything.context["groups"][0].lines) == 12
    assert "All 700" in text(everything)
    assert "These are the newest 100 of 700" in text(kind)
    assert year.context["groups"][0].count == len(year.context["groups"][0].lines) == 365


@pytest.mark.parametrize("address", ["/documents/", "/documents/?kind=confirmations"])
def test_a_page_costs_the_same_with_ten_and_a_thousand(client: Client, account: BrokerageAccount, address: str) -> None:
    costs = []
    for count in (150, 1000):
        BrokerDocument.objects.all().delete()
        many(account, count)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        costs.append(len(asked))

    assert costs[0] == costs[1] <= MOST_QUERIES


def test_the_last_list_stands_with_its_age_when_the_broker_is_away(
    client: Client, account: BrokerageAccount, settings: Settings
) -> None:
    settings.BROKER_BASE_URL = DEAD
    make.document(account, on=date(2026, 10, 31))
    long_ago = timezone.now() - timedelta(hours=5)
    account.document_list.as_of = account.document_list.asked_at = long_ago
    account.document_list.save()

    page = client.get("/documents/")

    assert "We can’t reach the broker right now. This list is from" in text(page)
    assert "Statement of October 2026" in text(page)


def test_a_list_that_never_came_is_not_called_empty(
    client: Client, account: BrokerageAccount, settings: Settings
) -> None:
    settings.BROKER_BASE_URL = DEAD
    remove(AgreementSignature.objects.all())

    page = text(client.get("/documents/"))

    assert "Your documents appear here when it answers" in page
    assert "No documents yet" not in page


# --- One document -----------------------------------------------------------------------------------------------------


def hands_out(vendor: Vendor, act: Any) -> None:
    vendor.says(answer(301, Location=f"{vendor.url}/file?signature=secret"), act)


@pytest.mark.parametrize(
    ("said", "told", "ending"),
    [
        ("application/pdf", "application/pdf", "pdf"),
        ("Application/PDF; charset=x", "application/pdf", "pdf"),
        ("application/json", "application/json", "json"),
        ("text/html", "application/octet-stream", "bin"),
        ("image/svg+xml", "application/octet-stream", "bin"),
        ("x\tx", "application/octet-stream", "bin"),
        ("", "application/octet-stream", "bin"),
    ],
)
def test_a_document_is_a_file_to_keep(
    client: Client, account: BrokerageAccount, vendor: Vendor, said: str, told: str, ending: str
) -> None:
    document = make.document(account, on=date(2026, 10, 31), name='../../x"\r\nSet-Cookie: a=b.html')
    hands_out(vendor, answer(200, PDF, said or " "))

    response: Any = client.get(f"/documents/{document.pk}/")

    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == told
    assert response["Content-Length"] == str(len(PDF))
    assert response["ETag"].startswith('"'), "or Chromium keeps half of it as a whole"
    assert response["Content-Disposition"] == f'attachment; filename="account-statement-2026-10-31.{ending}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in response.headers


def test_one_that_breaks_off_breaks_the_connection(client: Client, account: BrokerageAccount, vendor: Vendor) -> None:
    document = make.document(account)
    hands_out(vendor, cut(message(200, PDF, "application/pdf")[:-5000]))

    response: Any = client.get(f"/documents/{document.pk}/")

    with pytest.raises(documents.BrokenOff):
        list(response.streaming_content)


@pytest.mark.parametrize("base_url", [DEAD, None])
def test_a_broker_that_does_not_hand_it_out_is_a_page_that_says_so(
    client: Client, account: BrokerageAccount, vendor: Vendor, settings: Settings, base_url: str | None
) -> None:
    document = make.document(account)
    vendor.says(answer(404, {"code": 40410000, "message": "document not found"}))
    settings.BROKER_BASE_URL = base_url or vendor.url

    page = client.get(f"/documents/{document.pk}/")

    assert page.status_code == 503
    assert "not available right now" in text(page)
    assert ("try again in a few minutes" if base_url else "Write to us, and we get it for you") in text(page)
    assert DocumentAccess.objects.get().outcome == ("AWAY" if base_url else "REFUSED")


def test_a_strangers_and_a_missing_one_look_alike(client: Client, account: BrokerageAccount, vendor: Vendor) -> None:
    theirs = make.document(make.account(make.user("grace@example.com")))
    mine = make.document(account)

    said = [client.get(f"/documents/{pk}/") for pk in (theirs.pk, uuid.uuid4(), account.pk, theirs.alpaca_document_id)]

    assert {page.status_code for page in said} == {404}
    assert len({CSRF.sub(b"", page.content) for page in said}) == 1
    assert client.post(f"/documents/{mine.pk}/").status_code == 405
    assert client.get("/documents/1/").status_code == 404
    assert not DocumentAccess.objects.exists()
    assert vendor.asked == []


@pytest.mark.parametrize("address", ["/documents/", "/documents/6f1c90ae-2b47-4c11-9d0e-5a1d7c3b8f42/"])
def test_nobody_is_led_to_the_sign_in(client: Client, address: str) -> None:
    assert client.get(address)["Location"].startswith("/sign-in/")
