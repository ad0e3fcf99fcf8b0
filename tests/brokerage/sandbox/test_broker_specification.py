"""Every request that is accepted, and every answer, held against the Broker API's own specification."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from openapi_core.exceptions import OpenAPIError

from tests.brokerage.sandbox import broker_specification as specification
from tests.brokerage.sandbox.application_refusals import FIRM
from tests.brokerage.sandbox.bench import BANK, KEYS, Bench, application, transfer_of
from tests.brokerage.sandbox.test_relationships import processor_token

pytestmark = pytest.mark.skipif(not specification.FILE.exists(), reason=specification.ABSENT)

NOBODY = "0b9e4d42-0000-4000-8000-000000000000"
START = "0" * 26
CONTENT = base64.b64encode(b"%PDF-1.4").decode()
PASSPORT = {"document_type": "identity_verification", "content": CONTENT, "mime_type": "application/pdf"}
W8BEN = {
    "document_type": "w8ben",
    "mime_type": "application/json",
    "content_data": {
        "full_name": "Ada Byron", "signer_full_name": "Ada Byron", "country_citizen": "Australia",
        "permanent_address_country": "Australia", "permanent_address_city_state": "Adelaide",
        "permanent_address_street": "20 Main St", "date": "2026-06-14", "date_of_birth": "1980-12-10",
        "ip_address": "127.0.0.1", "revision": "10-2021", "timestamp": "09:31:05", "ftin_not_required": True,
    },
}  # fmt: skip


@pytest.fixture
def exchanges(bench: Bench) -> Iterator[list[requests.Response]]:
    """What passes between the test and the Broker API; all of it is held against the specification at the end."""
    heard: list[requests.Response] = []
    bench.session.hooks["response"].append(lambda answer, **_: heard.append(answer))
    yield heard
    specified = [answer for answer in heard if specification.is_specified(answer)]
    assert specified
    for answer in specified:
        specification.hold_against_it(answer)


def accepted(answer: requests.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


def whole_application() -> dict[str, Any]:
    """With a bit of everything that is optional."""
    form = application(middle_name="King", annual_income_min=10, number_of_dependents=3, marital_status="MARRIED")
    form["disclosures"] |= {
        "is_control_person": True,
        "employment_status": "EMPLOYED",
        "employment_sector": "science",
        "context": [FIRM],
    }
    return form | {
        "trusted_contact": {"given_name": "Mary", "family_name": "Somerville", "email_address": "mary@example.com"},
        "documents": [PASSPORT],
        "enabled_assets": ["us_equity"],
        "allow_instant_ach": True,
        "risk_tolerance": "moderate",
        "beneficiaries": [
            {"given_name": "Byron", "middle_name": "N", "family_name": "King", "date_of_birth": "1836-05-12",
             "tax_id": "444-55-4322", "tax_id_type": "USA_SSN", "relationship": "child", "type": "primary",
             "share_pct": "100"}
        ],
    }  # fmt: skip


def test_a_whole_journey_keeps_to_it(bench: Bench, exchanges: list[requests.Response]) -> None:
    account = accepted(bench.broker("POST", "v1/accounts", json=whole_application()))["id"]
    path, trading = f"v1/accounts/{account}", f"v1/trading/accounts/{account}"
    bench.control(f"accounts/{account}", status="ACTIVE")
    relationship = accepted(bench.broker("POST", f"{path}/ach_relationships", json=BANK))["id"]
    bench.pass_time(2)
    deposit = accepted(bench.broker("POST", f"{path}/transfers", json=transfer_of(relationship, "250.00")))["id"]
    bench.pass_time(10)
    withdrawal = transfer_of(relationship, "20.00", "OUTGOING")
    accepted(bench.broker("POST", f"{path}/transfers", json=withdrawal))
    bench.pass_time(10)
    canceled = accepted(bench.broker("POST", f"{path}/transfers", json=withdrawal))["id"]
    accepted(bench.broker("DELETE", f"{path}/transfers/{canceled}"))
    bench.control(f"transfers/{deposit}", action="return", code="R01")

    for address, query in (
        (f"{path}/transfers", {"direction": "INCOMING", "limit": "2", "offset": "0"}),
        (f"{path}/ach_relationships", {"statuses": "QUEUED,APPROVED"}),
        ("v1/accounts/activities", {"account_id": account, "activity_types": "CSD,CSW", "direction": "asc"}),
        ("v1/accounts/activities/CSD", {"after": "2020-01-01", "until": "2040-01-01T00:00:00Z", "page_size": "1"}),
        (f"{trading}/account", {}),
        (f"{trading}/account/portfolio/history", {"period": "1W", "timeframe": "1D", "cashflow_types": "ALL"}),
        (f"{trading}/positions", {}),
    ):
        assert accepted(bench.broker("GET", address, params=query)) is not None


def test_looking_after_an_account_keeps_to_it(bench: Bench, exchanges: list[requests.Response], account: str) -> None:
    path = f"v1/accounts/{account}"
    bench.broker("PATCH", path, json={"contact": {"city": "Oakland"}, "disclosures": {"employer_name": "Engines"}})
    accepted(bench.broker("POST", f"{path}/documents/upload", json=[PASSPORT, W8BEN]))
    bench.pass_time(40 * 86_400)
    read = accepted(bench.broker("GET", path, params={"params": ""}))
    listed = accepted(bench.broker("GET", f"{path}/documents", params={"type": "account_statement"}))

    for document in (listed[0]["id"], f"w8ben/{read['documents'][1]['id']}"):
        led = bench.broker("GET", f"{path}/documents/{document}/download", allow_redirects=False)
        assert led.status_code == 301
        assert bench.session.get(led.headers["Location"], timeout=5).content.startswith(b"%PDF")
    query = {"query": "byron", "sort": "asc", "entities": "contact,identity", "status": "ACTIVE"}
    assert len(accepted(bench.broker("GET", "v1/accounts", params=query))) == 1
    assert bench.broker("POST", f"{path}/actions/close").status_code == 204


def test_decisions_of_all_kinds_keep_to_it(bench: Bench, exchanges: list[requests.Response]) -> None:
    for family_name in ("Byron", "Actionrequired", "Rejected", "Pending"):
        account = bench.open_account(active=False, family_name=family_name)
        bench.pass_time(1)
        accepted(bench.broker("GET", f"v1/accounts/{account}"))
    holder = bench.open_account()
    second = {"primary_account_holder_id": holder, "account_type": "ira", "account_sub_type": "roth"}

    accepted(bench.broker("POST", "v1/accounts", json={"agreements": application()["agreements"], **second}))

    assert len(accepted(bench.broker("GET", "v1/accounts"))) == 6


def test_links_of_all_kinds_keep_to_it(bench: Bench, exchanges: list[requests.Response], account: str) -> None:
    bench.control("settings", list_canceled_relationships=True)
    path = f"v1/accounts/{account}/ach_relationships"
    token = {"processor_token": processor_token(bench)[0]}
    relationship = accepted(bench.broker("POST", path, json=token))["id"]
    waiting = bench.transfer(account, relationship, "5.00").json()["id"]
    bench.control(f"transfers/{waiting}", action="set", status="EXPIRED")
    bench.transfers(account)
    for status in ("APPROVED", "REJECTED", "PENDING"):
        bench.control(f"relationships/{relationship}", status=status)
        accepted(bench.broker("GET", path))
    accepted(bench.broker("DELETE", f"{path}/{relationship}"))
    accepted(bench.broker("GET", path))
    bench.pass_time(1)

    assert [row["status"] for row in accepted(bench.broker("GET", path))] == ["CANCELED"]


def test_the_market_keeps_to_it(bench: Bench, exchanges: list[requests.Response]) -> None:
    accepted(bench.broker("GET", "v1/clock"))
    query = {"start": "2026-11-23", "end": "2026-11-30T00:00:00Z", "date_type": "SETTLEMENT"}

    assert len(accepted(bench.broker("GET", "v1/calendar", params=query))) == 5


def test_streams_keep_to_it(bench: Bench, exchanges: list[requests.Response], account: str, relationship: str) -> None:
    transfer = bench.transfer(account, relationship, "5.00").json()["id"]
    bench.pass_time(60)
    bench.control(f"transfers/{transfer}", action="return", code="R10")
    bench.control(f"accounts/{account}", flags={"trading_blocked": True, "incoming_transfers_blocked": True})
    day = bench.state()["clock"]["now"][:10]
    bench.pass_time(2 * 86_400)

    for path in ("v1/events/accounts/status", "v2/events/funding/status", "v1/events/nta",
                 "v2beta1/events/activities"):  # fmt: skip
        answer = bench.broker("GET", path, params={"since": day, "until": day})
        assert specification.events_of(answer.content), path
    last = specification.events_of(answer.content)[-1]
    again = bench.broker("GET", f"v2beta1/accounts/{account}/events/activities/{last['event_id']}")
    assert specification.events_of(again.content) == [last]


@pytest.mark.parametrize(
    ("method", "path", "how", "status"),
    [
        ("GET", "v1/accounts/{account}", {"auth": ("local-broker-key", "wrong")}, 401),
        ("POST", "v1/accounts", {"data": b"{"}, 400),
        ("POST", "v1/accounts", {"json": {"contact": {}}}, 400),
        ("POST", "v1/accounts", {"json": application(tax_id="000-00-0000")}, 422),
        ("GET", "v1/accounts", {"params": {"sort": "sideways"}}, 400),
        ("GET", f"v1/accounts/{NOBODY}", {}, 401),
        ("PATCH", "v1/accounts/{account}", {"json": {"status": "ACTIVE"}}, 422),
        ("PATCH", "v1/accounts/{account}", {"json": {}}, 400),
        ("POST", f"v1/accounts/{NOBODY}/actions/close", {}, 404),
        ("POST", f"v1/accounts/{NOBODY}/documents/upload", {"json": [PASSPORT]}, 404),
        ("POST", "v1/accounts/{account}/documents/upload", {"json": PASSPORT}, 400),
        ("GET", f"v1/accounts/{{account}}/documents/{NOBODY}/download", {}, 404),
        ("GET", f"v1/accounts/{{account}}/documents/w8ben/{NOBODY}/download", {}, 404),
        ("POST", "v1/accounts/{account}/ach_relationships", {"json": BANK}, 409),
        ("POST", "v1/accounts/{account}/ach_relationships", {"json": {}}, 400),
        ("DELETE", f"v1/accounts/{{account}}/ach_relationships/{NOBODY}", {}, 404),
        ("GET", "v1/accounts/{account}/ach_relationships", {"params": {"statuses": "LOST"}}, 400),
        ("POST", "v1/accounts/{account}/transfers", {"data": b"["}, 400),
        ("POST", "v1/accounts/{account}/transfers", {"json": transfer_of(NOBODY, "1.00")}, 422),
        ("POST", "v1/accounts/{account}/transfers", {"json": transfer_of("{link}", "1.00", "OUTGOING")}, 403),
        ("POST", "v1/accounts/{account}/transfers", {"json": transfer_of("{link}", "50000.01")}, 400),
        ("DELETE", f"v1/accounts/{{account}}/transfers/{NOBODY}", {}, 404),
        ("GET", "v1/accounts/{account}/transfers", {"params": {"limit": "some"}}, 400),
        ("GET", "v1/accounts/activities", {"params": {"date": "2026-01-01", "after": "2026-01-01"}}, 400),
        ("GET", "v1/accounts/activities/NONE", {}, 400),
        ("GET", "v1/trading/accounts/{account}/account/portfolio/history", {"params": {"timeframe": "9Min"}}, 422),
        ("GET", "v1/trading/accounts/{account}/positions/AAPL", {}, 404),
        ("GET", "v1/calendar", {"params": {"start": "soon"}}, 400),
        ("GET", "v2/events/funding/status", {"params": {"until": "2026-01-01"}}, 400),
        ("GET", "v1/events/accounts/status", {"params": {"since_id": "1"}}, 400),
        ("GET", f"v2beta1/accounts/{{account}}/events/activities/{START}", {}, 404),
    ],
)
def test_refusals_keep_to_it(
    bench: Bench, exchanges: list[requests.Response], account: str, relationship: str,
    method: str, path: str, how: dict[str, Any], status: int,
) -> None:  # fmt: skip
    if "{link}" in str(how):
        how = {"json": how["json"] | {"relationship_id": relationship}}

    answer = bench.broker(method, path.format(account=account), **how)

    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"code", "message"}
    assert str(answer.json()["code"]).startswith(("400", "422") if status in (400, 422) else str(status))


def test_a_bearer_token_is_as_good(bench: Bench, exchanges: list[requests.Response]) -> None:
    form = {"grant_type": "client_credentials", "client_id": KEYS[0], "client_secret": KEYS[1]}
    bought = requests.post(f"{bench.url}/broker/v1/oauth2/token", data=form, timeout=5).json()

    answer = bench.broker("GET", "v1/clock", auth=None, headers={"Authorization": f"Bearer {bought['access_token']}"})

    assert answer.status_code == 200


def test_an_answer_that_breaks_it_is_noticed(bench: Bench, account: str) -> None:
    """The tolerances have not made it toothless."""
    bench.fault("patch_after_commit", route="GET /broker/v1/accounts/*", patch={"status": "ABDUCTED"})
    answer = bench.broker("GET", f"v1/accounts/{account}")

    with pytest.raises(OpenAPIError, match="ABDUCTED"):
        specification.hold_against_it(answer)
