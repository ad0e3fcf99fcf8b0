"""Opening accounts: what is asked of an application, and how it is decided."""

import pytest

from tests.brokerage.sandbox.bench import Bench, application


def test_an_application_is_submitted_then_approved_then_active(bench: Bench) -> None:
    account_id = bench.open_account(active=False)

    seen = []
    for _ in range(3):
        seen.append(bench.broker("GET", f"v1/accounts/{account_id}?params=").json()["status"])
        bench.pass_time(1)

    assert seen == ["SUBMITTED", "APPROVED", "ACTIVE"]


@pytest.mark.parametrize(
    ("family_name", "status"),
    [("Actionrequired", "ACTION_REQUIRED"), ("Rejected", "REJECTED"), ("Pending", "APPROVAL_PENDING")],
)
def test_a_family_name_asks_for_an_outcome(bench: Bench, family_name: str, status: str) -> None:
    account_id = bench.open_account(active=False, family_name=family_name)

    bench.pass_time(60)

    assert bench.broker("GET", f"v1/accounts/{account_id}").json()["status"] == status


def test_what_is_missing_for_kyc_is_said(bench: Bench) -> None:
    account_id = bench.open_account(active=False, family_name="Actionrequired")

    bench.pass_time(60)

    findings = bench.broker("GET", f"v1/accounts/{account_id}").json()["kyc_results"]
    assert findings["indeterminate"] == {"ADDRESS_VERIFICATION": {}}


def test_a_true_disclosure_waits_for_a_person(bench: Bench) -> None:
    form = application()
    form["disclosures"]["is_control_person"] = True
    account_id = bench.broker("POST", "v1/accounts", json=form).json()["id"]

    bench.pass_time(60)

    assert bench.broker("GET", f"v1/accounts/{account_id}").json()["status"] == "APPROVAL_PENDING"


@pytest.mark.parametrize(
    ("part", "field", "value", "status", "message"),
    [
        ("contact", "email_address", "nobody", 422, "email_address is invalid"),
        ("contact", "street_address", ["PO Box 12"], 422, "street_address cannot be a P.O. Box"),
        ("contact", "street_address", ["1234"], 422, "street_address is invalid"),
        ("contact", "city", "7", 422, "city is invalid"),
        ("contact", "state", "ZZ", 422, "state is invalid"),
        ("contact", "postal_code", "1", 422, "postal_code is invalid"),
        ("identity", "given_name", "Zoë", 422, "given_name contains characters that are not allowed"),
        ("identity", "given_name", " Ada", 422, "given_name must not start or end with a space"),
        ("identity", "date_of_birth", "12/10/1980", 422, "date_of_birth must be formatted as YYYY-MM-DD"),
        ("identity", "date_of_birth", "2020-01-01", 422, "date_of_birth is invalid"),
        ("identity", "tax_id", "666-55-4321", 422, "tax_id is invalid"),
        ("identity", "tax_id", "123456789", 422, "tax_id is invalid"),
        (
            "identity",
            "country_of_tax_residence",
            "US",
            422,
            "country_of_tax_residence must be an ISO 3166-1 alpha-3 code",
        ),
        ("disclosures", "is_control_person", None, 422, "is_control_person is required"),
    ],
)
def test_a_bad_field_is_named(bench: Bench, part: str, field: str, value: object, status: int, message: str) -> None:
    form = application()
    form[part][field] = value

    answer = bench.broker("POST", "v1/accounts", json=form)

    assert answer.status_code == status
    assert answer.json() == {"code": 42210000, "message": message}


def test_an_application_without_agreements_is_refused(bench: Bench) -> None:
    answer = bench.broker("POST", "v1/accounts", json={**application(), "agreements": []})

    assert (answer.status_code, answer.json()) == (400, {"code": 40010001, "message": "agreements is required"})


def test_an_address_of_the_new_internet_is_refused(bench: Bench) -> None:
    form = application()
    form["agreements"][0]["ip_address"] = "::1"

    assert bench.broker("POST", "v1/accounts", json=form).json()["message"] == "ip_address must be an IPv4 address"


def test_an_email_address_opens_one_account(bench: Bench) -> None:
    form = application()
    bench.broker("POST", "v1/accounts", json=form)
    form["contact"]["email_address"] = form["contact"]["email_address"].upper()

    answer = bench.broker("POST", "v1/accounts", json=form)

    assert (answer.status_code, answer.json()["code"]) == (409, 40910000)


def test_an_account_is_found_by_its_email_address(bench: Bench) -> None:
    form = application()
    form["contact"]["email_address"] = "ada+broker@example.com"
    account_id = bench.broker("POST", "v1/accounts", json=form).json()["id"]
    bench.open_account()

    found = bench.broker("GET", "v1/accounts", params={"query": "ada+broker@example.com byron"}).json()

    assert [account["id"] for account in found] == [account_id]


def test_the_list_carries_the_entities_that_were_asked_for(bench: Bench, account: str) -> None:
    everything = bench.broker("GET", "v1/accounts").json()[0]
    some = bench.broker("GET", "v1/accounts", params={"entities": "contact,identity"}).json()[0]

    assert {"contact", "identity", "disclosures", "agreements"} <= set(everything)
    assert {"contact", "identity"} <= set(some)
    assert "agreements" not in some


def test_the_tax_id_is_never_read_back(bench: Bench, account: str) -> None:
    assert "444" not in bench.broker("GET", f"v1/accounts/{account}").text.replace(account, "").split('"identity"')[1]
    assert "tax_id" not in bench.broker("GET", f"v1/accounts/{account}").json()["identity"]


def test_an_unknown_account_is_answered_like_a_bad_key(bench: Bench) -> None:
    answer = bench.broker("GET", "v1/accounts/0b9e4d42-0000-4000-8000-000000000000")

    assert (answer.status_code, answer.json()["code"]) == (401, 40110000)


def test_an_account_is_closed_only_when_it_is_empty(bench: Bench, account: str) -> None:
    bench.control("balances", account_id=account, amount="10.00")
    refused = bench.broker("POST", f"v1/accounts/{account}/actions/close")
    bench.control("balances", account_id=account, amount="0")

    closed = bench.broker("POST", f"v1/accounts/{account}/actions/close")

    assert refused.status_code == 422
    assert closed.status_code == 204
    assert bench.broker("GET", f"v1/accounts/{account}").json()["status"] == "ACCOUNT_CLOSED"
