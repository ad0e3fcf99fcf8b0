"""What may change about an account after it was applied for: data, documents, blocks, a second account."""

import base64
from typing import Any

import pytest

from tests.brokerage.sandbox.bench import Bench, application

ENGINE = base64.b64encode(b"engine").decode()
UTILITY_BILL = {"document_type": "address_verification", "content": ENGINE, "mime_type": "image/png"}


def change(bench: Bench, account: str, **parts: Any) -> Any:
    return bench.broker("PATCH", f"v1/accounts/{account}", json=parts)


@pytest.mark.parametrize(
    "parts",
    [
        {"contact": {"street_address": ["1 Ockham Park"]}},
        {"identity": {"family_name": "Lovelace"}},
        {"identity": {"country_of_tax_residence": "GBR"}},
        {"disclosures": {"employer_name": "Engines"}},
        {"disclosures": {"is_control_person": True}},
    ],
)
def test_a_material_change_is_reviewed_and_holds_withdrawals(
    bench: Bench, account: str, relationship: str, parts: dict[str, Any]
) -> None:
    bench.control("balances", account_id=account, amount="10.00")

    changed = change(bench, account, **parts).json()
    withdrawal = bench.transfer(account, relationship, "1.00", "OUTGOING")
    bench.pass_time(60)

    assert changed["status"] == "ACCOUNT_UPDATED"
    for part, fields in parts.items():
        assert fields.items() <= changed[part].items()
    assert withdrawal.json()["message"] == "withdrawals are not permitted for this account"
    assert bench.broker("GET", f"v1/accounts/{account}").json()["status"] == "ACTIVE"


def test_a_review_may_let_withdrawals_through(bench: Bench, account: str, relationship: str) -> None:
    bench.control("settings", review_holds_withdrawals=False)
    bench.control("balances", account_id=account, amount="10.00")
    change(bench, account, contact={"city": "Oakland"})

    answers = [bench.transfer(account, relationship, "1.00", way).status_code for way in ("OUTGOING", "INCOMING")]

    assert bench.broker("GET", f"v1/accounts/{account}").json()["status"] == "ACCOUNT_UPDATED"
    assert answers == [200, 200]


def test_a_correction_that_was_asked_for_brings_the_application_back(bench: Bench) -> None:
    account_id = bench.open_account(active=False, family_name="Actionrequired")
    bench.pass_time(60)

    same = change(bench, account_id, contact={"city": "San Mateo"}).json()["status"]
    corrected = change(bench, account_id, contact={"street_address": ["1 Ockham Park"]}).json()["status"]
    bench.pass_time(60)

    assert (same, corrected) == ("ACTION_REQUIRED", "SUBMITTED")
    assert bench.broker("GET", f"v1/accounts/{account_id}").json()["status"] == "ACTIVE"


def test_a_small_change_is_simply_made(bench: Bench, account: str) -> None:
    trusted = {"given_name": "Mary", "family_name": "Somerville", "phone_number": "+15555550101"}

    changed = change(bench, account, contact={"phone_number": "+15555550199"}, trusted_contact=trusted).json()

    assert (changed["status"], changed["trusted_contact"]) == ("ACTIVE", trusted)
    assert changed["contact"]["city"] == "San Mateo"
    assert len(bench.broker("GET", "v1/accounts", params={"query": "+15555550199"}).json()) == 1


def test_a_new_signature_is_added_to_the_old(bench: Bench, account: str) -> None:
    signed = {**application()["agreements"][0], "agreement": "margin_agreement", "revision": "16.2021.05"}

    changed = change(bench, account, agreements=[signed]).json()

    assert [each["agreement"] for each in changed["agreements"]] == ["customer_agreement", "margin_agreement"]


def test_documents_that_were_asked_for_bring_the_application_back(bench: Bench) -> None:
    account_id = bench.open_account(active=False, family_name="Actionrequired")
    bench.pass_time(60)
    answer = bench.broker("POST", f"v1/accounts/{account_id}/documents/upload", json=[UTILITY_BILL])

    seen = []
    for _ in range(3):
        seen.append(bench.broker("GET", f"v1/accounts/{account_id}").json()["status"])
        bench.pass_time(1)

    assert (answer.status_code, answer.content) == (204, b"")
    assert seen == ["SUBMITTED", "APPROVED", "ACTIVE"]


def test_review_and_acceptance_can_be_read_otherwise(bench: Bench) -> None:
    bench.control("settings", after_documents="APPROVAL_PENDING", documents_uploaded_status=202)
    account_id = bench.open_account(active=False, family_name="Actionrequired")
    bench.pass_time(60)

    answer = bench.broker("POST", f"v1/accounts/{account_id}/documents/upload", json=[UTILITY_BILL])

    assert answer.status_code == 202
    assert bench.broker("GET", f"v1/accounts/{account_id}").json()["status"] == "APPROVAL_PENDING"


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        (UTILITY_BILL, "request body format is invalid"),
        ([], "documents must be between 1 and 10"),
        ([UTILITY_BILL] * 11, "documents must be between 1 and 10"),
        ([{**UTILITY_BILL, "document_type": "selfie"}], "document_type is invalid"),
        ([{**UTILITY_BILL, "mime_type": "image/svg+xml"}], "mime_type is invalid"),
        ([{**UTILITY_BILL, "content": "not base64!"}], "content must be encoded in base64"),
        ([{**UTILITY_BILL, "content": ""}], "content is required"),
    ],
)
def test_a_document_that_cannot_be_one_is_refused(bench: Bench, account: str, documents: Any, message: str) -> None:
    answer = bench.broker("POST", f"v1/accounts/{account}/documents/upload", json=documents)

    assert (answer.status_code, answer.json()["message"]) == (400, message)


def test_a_document_has_ten_megabytes_and_no_more(bench: Bench, account: str) -> None:
    most = 10 * 1024 * 1024

    answers = [
        bench.broker(
            "POST",
            f"v1/accounts/{account}/documents/upload",
            json=[{**UTILITY_BILL, "content": base64.b64encode(bytes(size)).decode()}],
        )
        for size in (most, most + 1)
    ]

    assert [answer.status_code for answer in answers] == [204, 400]
    assert answers[1].json()["message"] == "content must be at most 10 MB"


def test_a_download_is_signed_and_expires(bench: Bench, account: str) -> None:
    bench.pass_time(40 * 86_400)
    path = f"v1/accounts/{account}/documents"
    statement = bench.broker("GET", path, params={"type": "account_statement"}).json()[0]["id"]
    led = bench.broker("GET", f"{path}/{statement}/download", allow_redirects=False)
    address = led.headers["Location"]

    without_keys = bench.session.get(address, timeout=5)
    forged = bench.session.get(address.replace("expires=", "expires=9"), timeout=5)
    as_data = bench.broker("GET", f"{path}/{statement}/download", headers={"Accept": "application/json"})
    bench.pass_time(1000)

    assert (led.status_code, without_keys.headers["Content-Type"]) == (301, "application/pdf")
    assert as_data.json()["cash"] == "0.00"
    assert forged.status_code == 403
    assert bench.session.get(address, timeout=5).status_code == 403


def test_a_second_account_belongs_to_the_same_person(bench: Bench, account: str) -> None:
    form = {"primary_account_holder_id": account, "agreements": application()["agreements"]}
    second = bench.broker("POST", "v1/accounts", json=form).json()

    with_person = bench.broker("POST", "v1/accounts", json={**application(), **form})
    for_nobody = bench.broker("POST", "v1/accounts", json={**form, "primary_account_holder_id": second["id"]})

    assert second["primary_account_holder_id"] == account
    assert second["identity"]["family_name"] == "Byron"
    assert with_person.json()["message"] == "contact must not be specified together with primary_account_holder_id"
    assert for_nobody.json()["message"] == "primary_account_holder_id is not eligible to open an additional account"


@pytest.mark.parametrize(
    ("flag", "refused"),
    [
        ("account_blocked", ["INCOMING", "OUTGOING"]),
        ("transfers_blocked", ["INCOMING", "OUTGOING"]),
        ("incoming_transfers_blocked", ["INCOMING"]),
        ("outgoing_transfers_blocked", ["OUTGOING"]),
    ],
)
def test_a_block_stops_what_it_names(
    bench: Bench, account: str, relationship: str, flag: str, refused: list[str]
) -> None:
    bench.control("balances", account_id=account, amount="10.00")
    bench.control(f"accounts/{account}", flags={flag: True})

    answers = {way: bench.transfer(account, relationship, "1.00", way).status_code for way in ("INCOMING", "OUTGOING")}

    shown = bench.trading_account(account)
    assert {**shown, **shown["admin_configurations"]}[flag] is True
    assert [way for way, status in answers.items() if status == 403] == refused


def test_an_account_may_be_numbered_late(bench: Bench) -> None:
    bench.control("settings", account_number_at_once=False)
    account_id = bench.open_account(active=False)

    early = bench.broker("GET", f"v1/accounts/{account_id}").json()["account_number"]
    bench.pass_time(1)

    assert early is None
    assert bench.broker("GET", f"v1/accounts/{account_id}").json()["account_number"].isdigit()


@pytest.mark.parametrize(("case", "said"), [("as_sent", "EMPLOYED"), ("lower", "employed"), ("upper", "EMPLOYED")])
def test_employment_is_said_in_the_case_that_was_chosen(bench: Bench, case: str, said: str) -> None:
    bench.control("settings", employment_status_case=case)
    form = application()
    form["disclosures"]["employment_status"] = "EMPLOYED"

    assert bench.broker("POST", "v1/accounts", json=form).json()["disclosures"]["employment_status"] == said


def test_a_list_may_be_bare_unless_more_is_asked_for(bench: Bench, account: str) -> None:
    bench.control("settings", list_entities="none")

    bare = bench.broker("GET", "v1/accounts").json()[0]
    asked = bench.broker("GET", "v1/accounts", params={"entities": "contact"}).json()[0]

    assert "contact" not in bare
    assert ("contact" in asked, "identity" in asked) == (True, False)


def test_a_fixture_decides_where_fixtures_are_honoured(bench: Bench) -> None:
    bench.control("settings", account_fixtures=True)
    form = {**application(), "additional_information": "/fixtures/status=REJECTED/fixtures/"}
    account_id = bench.broker("POST", "v1/accounts", json=form).json()["id"]

    bench.pass_time(1)

    assert bench.broker("GET", f"v1/accounts/{account_id}").json()["status"] == "REJECTED"
