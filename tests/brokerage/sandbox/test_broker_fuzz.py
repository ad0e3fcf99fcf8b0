"""Whatever is posted, the answer is a yes or one of the vendor's refusals: never a 500, never another shape."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.brokerage.sandbox.application_refusals import FIRM
from tests.brokerage.sandbox.bench import BANK, Bench, application, transfer_of

TRIES = settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ODD_TEXT = st.sampled_from(
    ["", " ", "0", "-1", "1e9", "NaN", "٣", "\x00", "\ud800", "Zoë", "'; --", "x" * 5000, "9" * 400, "2026-02-30", "²",
     "0000-00-00", "999.999.999.999", "1" * 26, "null", "../../etc"]
)  # fmt: skip
ODD = st.one_of(
    ODD_TEXT, st.text(max_size=20), st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**400), st.just([]),
    st.just({}), st.just([[]]), st.just([{}]), st.just({"a": [1, {"b": None}]}),
    st.lists(st.text(max_size=3), max_size=3),
)  # fmt: skip
PARAMETERS = ("limit", "offset", "direction", "statuses", "date", "after", "until", "page_size", "page_token",
              "created_after", "since", "since_id", "period", "timeframe", "start", "end", "date_end",
              "cashflow_types", "sort", "entities")  # fmt: skip
# Which of a body's values is replaced: a number, taken modulo how many there are.
PLACE = st.integers(min_value=0, max_value=200)


def places(body: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a body, parts and wholes."""
    steps = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for step, value in steps:
        yield (*here, step)
        yield from places(value, (*here, step))


def with_oddity(body: Any, place: int, oddity: Any) -> Any:
    changed = deepcopy(body)
    *way, last = list(places(body))[place % len(list(places(body)))]
    part = changed
    for step in way:
        part = part[step]
    part[last] = oddity
    return changed


def post(bench: Bench, path: str, body: Any, *, method: str = "POST") -> None:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = bench.broker(method, path, data=sent, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 400, 403, 409, 422), (answer.status_code, sent)
    if answer.status_code == 200:
        assert answer.json()["id"]
        return
    refusal = answer.json()
    assert set(refusal) == {"code", "message"}, sent
    assert isinstance(refusal["code"], int)
    assert refusal["message"]


@TRIES
@given(place=PLACE, oddity=ODD)
def test_an_application_with_something_odd_in_it(bench: Bench, place: int, oddity: Any) -> None:
    extras = {
        "trusted_contact": {"given_name": "Mary", "family_name": "Byron", "email_address": "mary@example.com"},
        "documents": [{"document_type": "w9", "content": "AAAA", "mime_type": "image/png", "document_sub_type": "a"}],
        "beneficiaries": [dict.fromkeys(("given_name", "family_name", "tax_id", "tax_id_type", "type"), "a")],
        "enabled_assets": ["us_equity"],
        "account_type": "trading",
        "additional_information": "none",
        "risk_tolerance": "moderate",
    }
    post(bench, "v1/accounts", with_oddity(application(visa_type="E1", number_of_dependents=1) | extras, place, oddity))


@TRIES
@given(place=PLACE, oddity=ODD)
def test_a_change_with_something_odd_in_it(bench: Bench, account: str, place: int, oddity: Any) -> None:
    parts = application(annual_income_min=1, annual_income_max=2)
    parts["disclosures"]["context"] = [FIRM]
    parts["trusted_contact"] = {"given_name": "Mary", "family_name": "Byron", "street_address": ["1 Elm St"]}

    post(bench, f"v1/accounts/{account}", with_oddity(parts, place, oddity), method="PATCH")


@TRIES
@given(oddity=ODD)
def test_a_finding_that_is_odd_stops_nothing(bench: Bench, account: str, oddity: Any) -> None:
    """Control may say anything of a check, and the application still goes its way."""
    for place in ("accept", "indeterminate"):
        sent = json.dumps({"status": "SUBMITTED", "kyc_results": {place: oddity}}).encode()
        bench.session.post(f"{bench.url}/control/accounts/{account}", data=sent, timeout=5)
        bench.pass_time(60)

    assert bench.broker("GET", f"v1/accounts/{account}").status_code == 200


@TRIES
@given(place=PLACE, oddity=ODD)
def test_a_link_with_something_odd_in_it(bench: Bench, account: str, place: int, oddity: Any) -> None:
    body = BANK | {"nickname": "mine", "instant": False}

    post(bench, f"v1/accounts/{account}/ach_relationships", with_oddity(body, place, oddity))
    post(bench, f"v1/accounts/{account}/ach_relationships", {"processor_token": oddity})


@TRIES
@given(place=PLACE, oddity=ODD)
def test_a_transfer_with_something_odd_in_it(
    bench: Bench, account: str, relationship: str, place: int, oddity: Any
) -> None:
    body = transfer_of(relationship, "1.00") | {"fee_payment_method": "invoice"}
    extras = {"ira": {"tax_year": "2026"}, "bank_id": "a", "additional_information": "a"}

    post(bench, f"v1/accounts/{account}/transfers", with_oddity(body, place, oddity))
    post(bench, f"v1/accounts/{account}/transfers", with_oddity(body | extras, place, oddity))


@pytest.mark.parametrize("path", ["v1/accounts", "v1/accounts/{}/ach_relationships", "v1/accounts/{}/transfers"])
@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 10_000, b'{"a":NaN}', b'"\\ud800"', b"[]", b"null"]
)
def test_a_body_that_is_no_object(bench: Bench, account: str, path: str, body: bytes) -> None:
    post(bench, path.format(account), body)


@TRIES
@given(
    name=st.sampled_from(PARAMETERS),
    value=ODD_TEXT | st.text(max_size=12) | st.sampled_from(["9999-12-31", "0001-01-01T00:00:00Z", "9" * 11, "-5"]),
)
def test_a_query_with_something_odd_in_it(bench: Bench, account: str, name: str, value: str) -> None:
    value = value.encode("utf-8", "replace").decode()
    for path in (
        f"v1/accounts/{account}/transfers",
        f"v1/accounts/{account}/ach_relationships",
        "v1/accounts/activities",
        "v1/accounts",
        f"v1/trading/accounts/{account}/account/portfolio/history",
        f"v1/accounts/{account}/documents",
    ):
        answer = bench.broker("GET", path, params={name: value})
        assert answer.status_code in (200, 400, 422), (path, name, value, answer.text)
        assert answer.status_code == 200 or set(answer.json()) == {"code", "message"}
