"""What the checks of a person find: any code can be asked for, and is cleared by what fits it."""

import base64
from typing import Any

import pytest

from brokerage.sandbox.broker.findings import CODES
from tests.brokerage.sandbox.bench import Bench, application

CONTENT = base64.b64encode(b"%PDF-1.4").decode()


def decided(bench: Bench, given_name: str, family_name: str) -> Any:
    account_id = bench.open_account(active=False, given_name=given_name, family_name=family_name)
    bench.pass_time(60)
    return read(bench, account_id)


def read(bench: Bench, account_id: str) -> Any:
    return bench.broker("GET", f"v1/accounts/{account_id}").json()


def send(bench: Bench, account_id: str, kind: str) -> Any:
    document = {"document_type": kind, "content": CONTENT, "mime_type": "application/pdf"}
    bench.broker("POST", f"v1/accounts/{account_id}/documents/upload", json=[document])
    bench.pass_time(60)
    return read(bench, account_id)


def codes(account: Any, place: str) -> list[str]:
    return sorted(account["kyc_results"][place])


def test_a_given_name_asks_for_any_code(bench: Bench) -> None:
    for code in CODES:
        name = code.replace("_", "").capitalize()
        waiting, rejected = (decided(bench, name, family) for family in ("Actionrequired", "Rejected"))

        assert (waiting["status"], codes(waiting, "indeterminate")) == ("ACTION_REQUIRED", [code])
        assert (rejected["status"], codes(rejected, "reject")) == ("REJECTED", [code])
        assert bool(waiting["kyc_results"]["additional_information"]) == code.startswith("OTHER")


def test_several_codes_may_be_asked_for(bench: Bench) -> None:
    account = decided(bench, "Dateofbirth Ada WATCHLIST_HIT", "Pending")

    assert (account["status"], codes(account, "indeterminate")) == (
        "APPROVAL_PENDING",
        ["DATE_OF_BIRTH", "WATCHLIST_HIT"],
    )


@pytest.mark.parametrize("given_name", ["Ada", "Watchlisthit"])
def test_a_name_alone_decides_nothing(bench: Bench, given_name: str) -> None:
    account = decided(bench, given_name, "Byron")

    assert account["status"] == "ACTIVE"
    assert account["kyc_results"]["summary"] == "pass"


def test_what_was_open_is_accepted_once_documents_came(bench: Bench) -> None:
    account_id = decided(bench, "Selfieverification Pep", "Actionrequired")["id"]

    account = send(bench, account_id, "other")

    assert account["status"] == "ACTIVE"
    assert codes(account, "accept") == ["PEP", "SELFIE_VERIFICATION"]
    assert codes(account, "indeterminate") == []


def test_what_does_not_fit_may_be_asked_for_again(bench: Bench) -> None:
    bench.control("settings", documents_must_fit=True)
    account_id = decided(bench, "Addressverification Taxidentification Watchlisthit", "Actionrequired")["id"]

    unfit = send(bench, account_id, "w8ben")
    half = send(bench, account_id, "w9")
    whole = send(bench, account_id, "address_verification")

    assert (unfit["status"], codes(unfit, "accept")) == ("ACTION_REQUIRED", ["WATCHLIST_HIT"])
    assert (half["status"], codes(half, "indeterminate")) == ("ACTION_REQUIRED", ["ADDRESS_VERIFICATION"])
    assert (whole["status"], len(codes(whole, "accept"))) == ("ACTIVE", 3)


def test_a_correction_clears_what_it_is_about(bench: Bench) -> None:
    bench.control("settings", documents_must_fit=True)
    account_id = decided(bench, "Dateofbirth Addressverification", "Actionrequired")["id"]

    bench.broker("PATCH", f"v1/accounts/{account_id}", json={"identity": {"date_of_birth": "1981-12-10"}})
    bench.pass_time(60)

    account = read(bench, account_id)
    assert (account["status"], codes(account, "accept")) == ("ACTION_REQUIRED", ["DATE_OF_BIRTH"])


def test_onboarding_waits_for_a_hand(bench: Bench) -> None:
    waiting = decided(bench, "Ada", "Onboarding")

    bench.control(f"accounts/{waiting['id']}", status="SUBMITTED")
    bench.pass_time(60)

    statuses = [event.get("status_to") for event in bench.state()["events"]]
    assert waiting["status"] == "ONBOARDING"
    assert statuses == ["ONBOARDING", "SUBMITTED", "APPROVED", "ACTIVE"]


def test_a_submission_that_failed_is_made_again(bench: Bench) -> None:
    decided(bench, "Ada", "Submissionfailed")

    statuses = [event.get("status_to") for event in bench.state()["events"]]
    assert statuses == ["SUBMITTED", "SUBMISSION_FAILED", "SUBMITTED", "APPROVED", "ACTIVE"]


def test_a_yes_may_ask_for_more(bench: Bench) -> None:
    bench.control("settings", disclosed_status="ACTION_REQUIRED")
    form = application()
    form["disclosures"] |= {"is_control_person": True, "immediate_family_exposed": True}
    account_id = bench.broker("POST", "v1/accounts", json=form).json()["id"]
    bench.pass_time(60)
    asked = read(bench, account_id)

    account = send(bench, account_id, "account_approval_letter")

    assert codes(asked, "indeterminate") == ["CONTROL_PERSON", "FAMILY_MEMBER_PEP"]
    assert account["status"] == "ACTIVE"
