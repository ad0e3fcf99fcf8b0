"""The pages of settings: what stands there, and changing it by old and new."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from accounts import states
from accounts.models import BrokerageAccount, DetailsChange
from tests import make
from tests.accounts.changing import FIRM, PATCH, Holder, Kind, holder
from tests.funding.standing import fault
from tests.harness.by_chance import without_chance
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db

CONTACT = {
    "phone": "(201) 555-0177",
    "street_address": "84 Willow Terrace",
    "unit": "Apt 3",
    "city": "Hoboken",
    "state": "NJ",
    "postal_code": "07030",
}
WORK = {"employment_status": "employed", "employer_name": "Harbor School", "employment_position": "Teacher"}
NO = {
    "is_control_person": "False",
    "is_affiliated_exchange_or_finra": "False",
    "is_politically_exposed": "False",
    "immediate_family_exposed": "False",
}
YES = NO | {"is_control_person": "True"} | {f"controlled_firm-{name}": value for name, value in FIRM.items()}
PERSON = {"given_name": "Bea", "family_name": "Okafor", "phone": "(201) 555-0188"}
FORMS = {"contact": CONTACT, "work": WORK, "trusted-contact": PERSON, "disclosures": YES}


@pytest.fixture
def ada(sandbox: Sandbox, client: Client) -> Holder:
    ada = holder(sandbox)
    client.force_login(ada.user)
    return ada


def page(client: Client, url: str = "/settings/") -> str:
    came = client.get(url)
    assert came.status_code == 200, came
    return html.unescape(came.content.decode())


def key(client: Client, slug: str) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', page(client, f"/settings/{slug}/"))
    assert found
    return found[1]


def post(client: Client, path: str, data: dict[str, Any]) -> str:
    came = client.post(f"/settings/{path}", data, follow=True)
    assert came.status_code == 200, came
    return html.unescape(came.content.decode())


# --- Works ------------------------------------------------------------------------------------------------------------


def test_the_page_shows_what_we_have_and_no_secret(ada: Holder, client: Client) -> None:
    shown = page(client)

    for text in ("ada@example.com", "(201) 555-0143", "84 Willow Terrace", "Hudson Clinic", "Nobody named yet"):
        assert text in shown
    assert "1991" not in without_chance(shown)


def test_before_there_is_an_account_it_leads_to_the_application(client: Client) -> None:
    client.force_login(make.user())

    assert "Go to your application" in page(client)
    assert client.get("/settings/contact/").status_code == 404


@pytest.mark.parametrize("slug", FORMS)
def test_a_change_is_typed_checked_and_sent(ada: Holder, client: Client, slug: str) -> None:
    data = FORMS[slug] | {"form_key": key(client, slug)}

    review = post(client, f"{slug}/", data)
    assert "Nothing has been sent yet" in review
    assert "Until now:" in review
    assert not DetailsChange.objects.exists()
    done = post(client, f"{slug}/confirm/", data)

    assert DetailsChange.objects.get().status == states.ACCEPTED
    assert "changed." in done


def test_what_it_leads_to_is_said_before(ada: Holder, client: Client) -> None:
    assert "Deposits and withdrawals wait" in page(client, "/settings/contact/")
    data = CONTACT | {"form_key": key(client, "contact")}

    assert "Nothing else changes" in post(client, "contact/", data)
    assert "deposits and withdrawals wait" in post(client, "contact/", data | {"street_address": "5 Grove Street"})


def test_going_back_from_the_review_loses_nothing(ada: Holder, client: Client) -> None:
    data = CONTACT | {"form_key": key(client, "contact"), "edit": "1"}

    shown = post(client, "contact/confirm/", data)

    assert "(201) 555-0177" in shown
    assert not DetailsChange.objects.exists()


# --- Strangers and bad input ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "contact/", "work/", "trusted-contact/", "disclosures/", "email/", "close/"])
def test_a_stranger_sees_nothing(client: Client, path: str) -> None:
    assert client.get(f"/settings/{path}")["Location"].startswith("/sign-in/")


def test_another_persons_change_can_not_be_called_off(ada: Holder, client: Client) -> None:
    change = ada.ask()
    client.force_login(make.user("bob@example.com"))

    assert client.post(f"/settings/changes/{change.pk}/call-off/").status_code == 404
    assert client.post("/settings/changes/6f1c90ae-2b47-4c11-9d0e-5a1d7c3b8f42/call-off/").status_code == 404
    change.refresh_from_db()
    assert change.status == states.RESERVED


def test_a_get_sends_nothing(ada: Holder, client: Client) -> None:
    assert client.get("/settings/contact/confirm/").status_code == 405
    assert client.get("/settings/nonsense/").status_code == 404


@pytest.mark.parametrize(
    ("slug", "wrong", "says"),
    [
        ("contact", {"phone": "12"}, "Enter a phone number"),
        ("contact", {"street_address": "PO Box 7"}, "This is a PO box"),
        ("contact", {"street_address_2": "PO Box 7"}, "This is a PO box"),
        ("contact", {"postal_code": "90210"}, "not in New Jersey"),
        ("contact", {"city": "Hob\x00oken"}, ""),
        ("contact", {"form_key": "nonsense"}, "start again"),
        ("work", {"employer_name": ""}, "Enter who you work for"),
        ("work", {"employment_status": "king"}, ""),
        ("trusted-contact", {"phone": ""}, "Enter an e-mail, a phone number or an address"),
        ("trusted-contact", {"street_address": "5 Grove Street"}, "Enter their city"),
        ("disclosures", {"is_politically_exposed": ""}, "Choose yes or no"),
        ("disclosures", {"controlled_firm-company_name": ""}, "Enter the name of the company"),
    ],
)
def test_what_is_wrong_stands_beside_the_field(
    ada: Holder, client: Client, slug: str, wrong: dict[str, str], says: str
) -> None:
    data = FORMS[slug] | {"form_key": key(client, slug)} | wrong

    for path in (f"{slug}/", f"{slug}/confirm/"):
        shown = post(client, path, data)
        assert "errors-title" in shown
        assert says in shown
    assert not DetailsChange.objects.exists()


def test_columns_that_are_not_asked_for_stay(ada: Holder, client: Client) -> None:
    data = CONTACT | {"form_key": key(client, "contact"), "given_name": "Eve", "country": "RUS", "status": "CLOSED"}

    post(client, "contact/confirm/", data)

    ada.application.refresh_from_db()
    assert (ada.application.given_name, ada.application.country) == ("Ada", "USA")


def test_nothing_different_sends_nothing(ada: Holder, client: Client) -> None:
    data = CONTACT | {"phone": "201-555-0143", "form_key": key(client, "contact")}

    assert "Nothing is different" in post(client, "contact/", data)
    assert "Nothing is different" in post(client, "contact/confirm/", data)


@pytest.mark.parametrize(
    ("status", "says"),
    [("ACCOUNT_CLOSED", "account is closed"), ("SUBMITTED", "while your account is open, or while it asks you")],
)
def test_an_account_that_takes_no_changes_says_why(ada: Holder, client: Client, status: str, says: str) -> None:
    data = CONTACT | {"form_key": key(client, "contact")}
    BrokerageAccount.objects.update(status=status)

    assert says in page(client)
    assert says in page(client, "/settings/contact/")
    assert says in post(client, "contact/confirm/", data)
    assert not DetailsChange.objects.exists()


# --- The broker says no, or nothing -----------------------------------------------------------------------------------


def test_a_refusal_stands_beside_its_field_with_what_was_typed(ada: Holder, client: Client) -> None:
    body = {"code": 42210000, "message": "phone_number is invalid"}
    fault(ada.sandbox, "status", PATCH, status=422, body=body)

    shown = post(client, "contact/confirm/", CONTACT | {"form_key": key(client, "contact")})

    assert "The broker does not take this phone number" in shown
    assert "+12015550177" in shown
    assert "phone_number is invalid" not in shown
    assert "Not changed" in page(client)


def test_after_a_refusal_another_one_can_be_sent(ada: Holder, client: Client) -> None:
    fault(ada.sandbox, "status", PATCH, status=422, body={"code": 42210000, "message": "phone_number is invalid"})
    post(client, "contact/confirm/", CONTACT | {"form_key": key(client, "contact")})

    done = post(client, "contact/confirm/", CONTACT | {"form_key": key(client, "contact")})

    assert "Your contact details are changed." in done


def test_a_silent_broker_is_said_honestly(ada: Holder, client: Client) -> None:
    fault(ada.sandbox, "drop_after_commit", PATCH)
    fault(ada.sandbox, "bad_gateway", "GET /broker/v1/accounts/*")

    shown = post(client, "contact/confirm/", CONTACT | {"form_key": key(client, "contact")})

    assert "We are confirming this with the broker" in shown
    assert "under way already" in page(client, "/settings/contact/")


def test_what_may_have_reached_the_broker_shows_no_way_to_call_it_off(ada: Holder, client: Client) -> None:
    fault(ada.sandbox, "drop_after_commit", PATCH)

    shown = post(client, "disclosures/confirm/", YES | {"form_key": key(client, "disclosures")})

    assert "We are confirming this with the broker" in shown
    assert "Call this change off" not in shown
    change = DetailsChange.objects.get()
    assert "may be with the broker already" in post(client, f"changes/{change.pk}/call-off/", {})
    change.refresh_from_db()
    assert change.status == states.RESERVED


def test_a_broker_that_is_away_lets_it_be_called_off(ada: Holder, client: Client) -> None:
    fault(ada.sandbox, "rate_limited", PATCH)

    shown = post(client, "contact/confirm/", CONTACT | {"form_key": key(client, "contact")})
    assert "Call this change off" in shown
    post(client, f"changes/{DetailsChange.objects.get().pk}/call-off/", {})

    assert DetailsChange.objects.get().status == states.WITHDRAWN
    assert "Call this change off" not in page(client)


# --- Twice ------------------------------------------------------------------------------------------------------------


def test_a_double_click_sends_once(ada: Holder, client: Client) -> None:
    data = CONTACT | {"form_key": key(client, "contact")}

    post(client, "contact/confirm/", data)
    again = post(client, "contact/confirm/", data)

    assert DetailsChange.objects.count() == 1
    assert "changed." in again


def test_a_second_tab_does_not_overwrite_the_first(ada: Holder, client: Client) -> None:
    old_key = key(client, "contact")
    post(client, "contact/confirm/", CONTACT | {"form_key": old_key})

    other = post(client, "contact/confirm/", CONTACT | {"phone": "(201) 555-0199", "form_key": old_key})

    assert "changed since you opened the page" in other
    assert ada.present(Kind.CONTACT)["phone"] == "+12015550177"


def test_the_page_costs_the_same_with_many_changes(
    ada: Holder, client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        post(client, "contact/confirm/", CONTACT | {"unit": str(number), "form_key": key(client, "contact")})
        BrokerageAccount.objects.update(status="ACTIVE")

    with django_assert_max_num_queries(12):
        page(client)
