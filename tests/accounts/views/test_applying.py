"""Applying, page by page: in order, at one's own pace, back and forth."""

import html
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from accounts import states, steps
from accounts.models import AgreementSignature, Application, BrokerageAccount, User
from accounts.operations import broker_form
from tests import make
from tests.harness.by_chance import without_chance
from tests.harness.sandbox import Sandbox
from tests.journeys.people import hidden

pytestmark = pytest.mark.django_db

SSN = make.ANSWERS["tax-id"]["tax_id"]


@pytest.fixture
def ada(client: Client) -> User:
    """Sign Ada in."""
    user = make.user()
    client.force_login(user)
    return user


ALL_ANSWERS = {**make.ANSWERS, **make.MORE_ANSWERS}
# Whom every page concerns: on a visa, with every disclosure a yes, and with a trusted contact.
EVERYTHING: dict[str, dict[str, Any]] = {
    "birth": {"residency": "visa", "country_of_birth": "VNM"},
    "disclosures": dict.fromkeys(make.ANSWERS["disclosures"], "True"),
    "trusted-contact": make.TRUSTED_CONTACT,
}


def answer(client: Client, slug: str, **changes: Any) -> str:
    """Answer one page well; return where it leads."""
    came = client.post(f"/apply/{slug}/", {**ALL_ANSWERS[slug], **changes})
    assert came.status_code == 302, came.content.decode()
    return str(came["Location"])


def page(client: Client, url: str) -> str:
    came = client.get(url)
    assert came.status_code == 200, came
    return html.unescape(came.content.decode())


@pytest.mark.parametrize("changes", [{}, EVERYTHING], ids=["a citizen", "a visitor"])
def test_the_pages_come_in_order_and_end_at_the_check(
    client: Client, ada: User, changes: dict[str, dict[str, Any]]
) -> None:
    url, seen = client.get("/apply/")["Location"], []

    while url != "/apply/check/":
        slug = url.split("/")[2]
        seen.append(slug)
        assert steps.BY_SLUG[slug].question in page(client, url)
        url = answer(client, slug, **changes.get(slug, {}))

    assert seen == [step.slug for step in steps.of(Application.objects.get())[:-1]]
    assert set(seen) == set(make.ANSWERS) | (set(make.MORE_ANSWERS) if changes else set())
    assert "Send my application" in page(client, url)


ORDER = [step.slug for step in steps.QUESTIONS]


@pytest.mark.parametrize("done", range(len(ORDER)))
def test_one_goes_on_where_one_left(client: Client, ada: User, done: int) -> None:
    for slug in ORDER[:done]:
        answer(client, slug, **EVERYTHING.get(slug, {}))
    client.logout()
    client.force_login(ada)

    assert client.get("/apply/")["Location"] == f"/apply/{ORDER[done]}/"


def test_a_page_that_does_not_concern_one_leads_on(client: Client, ada: User) -> None:
    make.application(ada)

    for slug in make.MORE_ANSWERS:
        assert client.get(f"/apply/{slug}/")["Location"] == "/apply/"
        assert client.post(f"/apply/{slug}/", make.MORE_ANSWERS[slug])["Location"] == "/apply/"
    assert Application.objects.get().contexts.count() == 0


def test_a_yes_that_becomes_a_no_takes_its_page_away(client: Client, ada: User) -> None:
    make.application(ada)
    answer(client, "disclosures", is_control_person="True")
    answer(client, "company")
    assert "Hudson Instruments" in page(client, "/apply/check/")

    answer(client, "disclosures")

    assert "Hudson Instruments" not in page(client, "/apply/check/")
    assert broker_form.filled_in(Application.objects.get())["disclosures"].get("context") is None


def test_a_stale_tab_is_told_and_loses_nothing(client: Client, ada: User) -> None:
    first = client.get("/apply/address/")
    seen = hidden(first, "seen")
    answer(client, "address", seen=seen, city="Newark")

    came = client.post("/apply/address/", {**make.ANSWERS["address"], "seen": seen, "city": "Trenton"})

    text = html.unescape(came.content.decode())
    assert "You have answered this page somewhere else" in text
    assert 'value="Trenton"' in text
    assert Application.objects.get().city == "Newark"
    again = {**make.ANSWERS["address"], "seen": hidden(came, "seen"), "city": "Trenton"}
    assert client.post("/apply/address/", again).status_code == 302
    assert Application.objects.get().city == "Trenton"


def test_the_pages_are_never_kept_by_the_browser(client: Client, ada: User) -> None:
    make.application(ada)

    for url in ("/apply/name/", "/apply/check/"):
        assert "no-store" in client.get(url)["Cache-Control"]


def test_the_notice_about_identity_is_shown_first_and_kept(client: Client, ada: User) -> None:
    assert "federal law requires all financial institutions" in page(client, "/apply/name/")
    assert Application.objects.count() == 0

    answer(client, "name")

    notice = Application.objects.get().identity_notice
    assert notice is not None
    assert notice.revision == "sample-1"


def test_going_back_loses_nothing(client: Client, ada: User) -> None:
    for slug in ("name", "contact", "address"):
        answer(client, slug)

    assert 'value="Okafor"' in page(client, "/apply/name/")
    assert 'value="84 Willow Terrace"' in page(client, "/apply/address/")
    assert answer(client, "name") == "/apply/contact/"
    assert Application.objects.get().city == "Hoboken"


def test_a_change_from_the_check_leads_back_to_it(client: Client, ada: User) -> None:
    make.application(ada)
    assert "Hoboken, NJ" in page(client, "/apply/check/")

    assert answer(client, "address", city="Newark") == "/apply/check/"

    assert "Newark, NJ" in page(client, "/apply/check/")


def test_bad_input_is_shown_with_its_cure_and_keeps_what_stood(client: Client, ada: User) -> None:
    make.application(ada)

    came = client.post("/apply/address/", make.ANSWERS["address"] | {"postal_code": "90210", "city": "Newark"})

    text = html.unescape(came.content.decode())
    assert "This ZIP code is not in New Jersey" in text
    assert 'value="Newark"' in text
    assert Application.objects.get().city == "Hoboken"


def test_fields_that_a_page_does_not_ask_for_are_ignored(client: Client, ada: User) -> None:
    answer(
        client,
        "name",
        status="ACTIVE",
        is_staff="1",
        user=str(make.user("eve@example.com").pk),
        tax_id="1",
        sent_at="x",
    )

    application = Application.objects.get()
    ada.refresh_from_db()
    assert (application.status, application.user, application.tax_id, application.sent_at) == ("DRAFT", ada, "", None)
    assert not ada.is_staff


def test_nobody_can_read_anothers_answers(client: Client, ada: User) -> None:
    make.application(make.user("bob@example.com"), given_name="Bobcanary")

    for slug in steps.BY_SLUG:
        assert "Bobcanary" not in client.get(f"/apply/{slug}/", follow=True).content.decode()


# --- The tax id -------------------------------------------------------------------------------------------------------


def test_the_tax_id_is_never_sent_back(client: Client, ada: User) -> None:
    application = make.application(ada)
    application.given_name = ""
    application.save()
    pages = [
        *(client.get(f"/apply/{slug}/") for slug in steps.BY_SLUG),
        client.get("/apply/check/"),
        client.post("/apply/tax-id/", {"tax_id_type": "USA_SSN", "tax_id": "666-55-4321"}),
    ]

    for came in pages:
        for secret in (SSN, "444554321", "44455", "666-55", "66655"):
            assert secret not in without_chance(came.content.decode())
    assert "•••-••-4321" in page(client, "/apply/check/")


def test_a_tax_id_that_is_anothers_is_a_clear_error(client: Client, ada: User) -> None:
    make.application(make.user("bob@example.com"), tax_id="444554321")

    came = client.post("/apply/tax-id/", make.ANSWERS["tax-id"])

    assert onboarding_message() in html.unescape(came.content.decode())
    assert SSN not in came.content.decode()
    assert Application.objects.get(user=ada).tax_id_hash is None


def onboarding_message() -> str:
    return "There is an application with this number already."


def test_the_tax_id_is_in_no_session(client: Client, ada: User) -> None:
    answer(client, "tax-id")

    assert "444554321" not in str(dict(client.session))


# --- Agreeing and sending ---------------------------------------------------------------------------------------------


def test_agreeing_is_recorded_with_the_visit(client: Client, ada: User, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.7", "User-Agent": "a browser"}

    with time_machine.travel("2026-11-22 10:00Z", tick=False):
        client.post("/apply/agreements/", make.ANSWERS["agreements"], headers=headers)
        client.post("/apply/agreements/", make.ANSWERS["agreements"], headers={"X-Forwarded-For": "203.0.113.8"})

    signature = AgreementSignature.objects.get()
    assert (signature.ip_address, signature.user_agent) == ("203.0.113.7", "a browser")
    assert signature.signed_at == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_an_application_that_lacks_answers_is_not_sent(client: Client, ada: User, sandbox: Sandbox) -> None:
    answer(client, "name")

    came = client.post("/apply/check/")

    assert "Still to answer" in came.content.decode()
    assert Application.objects.get().status == states.DRAFT
    assert sandbox.get("/control/state")["accounts"] == []


def test_sending_twice_opens_one_account(client: Client, ada: User, sandbox: Sandbox) -> None:
    make.application(ada)

    assert client.post("/apply/check/")["Location"] == client.post("/apply/check/")["Location"] == "/apply/waiting/"

    assert len(sandbox.get("/control/state")["accounts"]) == BrokerageAccount.objects.count() == 1


def test_after_sending_the_answers_stand(client: Client, ada: User, sandbox: Sandbox) -> None:
    make.application(ada)
    client.post("/apply/check/")

    for slug in steps.BY_SLUG:
        assert client.post(f"/apply/{slug}/", ALL_ANSWERS[slug])["Location"] == "/apply/waiting/"
    assert Application.objects.get().tax_id == ""


def test_a_refusal_leads_to_the_page_it_is_about(client: Client, ada: User, sandbox: Sandbox) -> None:
    make.application(ada, street_address="P.O. Box 9")
    client.post("/apply/check/")

    text = page(client, "/apply/waiting/")

    assert "Change home address" in text
    assert re.search(r'href="/apply/address/"', text)
    assert "cannot be a P.O. Box" not in text
    assert "The broker takes no PO box" in page(client, "/apply/address/")
    assert "The broker takes no PO box" not in page(client, "/apply/name/")
    assert answer(client, "address") == "/apply/check/"
    client.post("/apply/check/")
    assert Application.objects.get().status == states.ACCEPTED


def test_an_address_that_is_someone_elses_does_not_leave_one_waiting(client: Client, ada: User) -> None:
    make.application(ada, status=states.REFUSED, refusal=states.OTHER_IDENTITY, sent_at=datetime.now(UTC))

    text = page(client, "/apply/waiting/")

    assert "known to the broker already" in text
    assert 'href="/apply/name/"' in text
    assert "hx-get" not in text


def test_a_broker_that_is_away_does_not_show(client: Client, ada: User, settings: Settings) -> None:
    settings.BROKER_BASE_URL = "http://127.0.0.1:9"
    make.application(ada)

    client.post("/apply/check/")

    text = page(client, "/apply/waiting/")
    assert "We are sending your application" in text
    assert "hx-get" in text
