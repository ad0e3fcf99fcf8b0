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
