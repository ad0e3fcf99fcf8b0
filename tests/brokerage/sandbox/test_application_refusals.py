"""Each refusal of an application, as the table has it."""

from typing import Any

import pytest

from tests.brokerage.sandbox.application_refusals import REFUSALS, SECTIONS
from tests.brokerage.sandbox.bench import Bench, application
from tests.brokerage.sandbox.refused import Refused


@pytest.mark.parametrize("section", SECTIONS)
def test_an_application_is_refused_with_the_fields_name(bench: Bench, section: str) -> None:
    rows = SECTIONS[section]

    answers = [(row.path, row.value, *refusal(bench, row)) for row in rows]

    expected = [(row.path, row.value, row.status, {"code": row.code, "message": row.message}) for row in rows]
    assert answers == expected
    assert bench.state()["accounts"] == []


def refusal(bench: Bench, row: Refused) -> tuple[int, Any]:
    bench.control("settings", **{"require_disclosure_context": False, **dict(row.settings)})
    answer = bench.broker("POST", "v1/accounts", json=row.changed(application()))
    return answer.status_code, answer.json()


def test_the_table_is_about_an_application_that_is_good(bench: Bench) -> None:
    assert bench.broker("POST", "v1/accounts", json=application()).status_code == 200
    assert len(REFUSALS) > 200


@pytest.mark.parametrize(
    "parts",
    [
        {"contact": {"email_address": "a" * 48 + "@example.com"}},
        {"contact": {"email_address": "ada+" + "a" * 84 + "@example.com"}},
        {"contact": {"street_address": ["1 Boxwood Lane", "Apobox House", "Box Hill"]}},
        {"contact": {"state": "New Mexico", "postal_code": "94401-1234", "phone_number": None}},
        {"contact": {"country": "GBR", "state": "Surrey", "postal_code": "GU23 6NY"}},
        {"identity": {"tax_id": "444554321"}},
        {"identity": {"tax_id": "912-70-4321", "tax_id_type": "USA_ITIN"}},
        {"identity": {"tax_id": "AB-12.3+4", "tax_id_type": "GBR_UTR"}},
        {"identity": {"tax_id": None, "tax_id_type": "NOT_SPECIFIED"}},
        {"identity": {"annual_income_min": 20, "annual_income_max": 20, "number_of_dependents": 0}},
        {"disclosures": {"is_control_person": True}},
    ],
)
def test_what_just_keeps_to_the_rules_is_accepted(bench: Bench, parts: dict[str, Any]) -> None:
    form = application()
    for part, fields in parts.items():
        form[part] |= fields

    answer = bench.broker("POST", "v1/accounts", json=form)

    assert answer.status_code == 200, answer.text


def test_a_yes_that_is_explained_is_accepted_where_explanations_are_wanted(bench: Bench) -> None:
    bench.control("settings", require_disclosure_context=True)
    form = application()
    family = {"context_type": "IMMEDIATE_FAMILY_EXPOSED", "given_name": "Anne", "family_name": "Milbanke"}
    form["disclosures"] |= {"immediate_family_exposed": True, "is_politically_exposed": True, "context": [family]}

    assert bench.broker("POST", "v1/accounts", json=form).status_code == 200


def test_a_margin_agreement_alone_may_be_enough(bench: Bench) -> None:
    bench.control("settings", require_agreements=False)
    form = application()
    form["agreements"][0]["agreement"] = "margin_agreement"

    assert bench.broker("POST", "v1/accounts", json=form).status_code == 200


def test_a_field_may_be_refused_like_a_body(bench: Bench, account: str) -> None:
    bench.control("settings", invalid_field_status=400)

    applied = bench.broker("POST", "v1/accounts", json=application(given_name=" Ada"))
    changed = bench.broker("PATCH", f"v1/accounts/{account}", json={"contact": {"city": "7"}})

    assert [answer.status_code for answer in (applied, changed)] == [400, 400]
    assert applied.json() == {"code": 40010001, "message": "given_name must not start or end with a space"}
    assert changed.json() == {"code": 40010001, "message": "city is invalid"}
