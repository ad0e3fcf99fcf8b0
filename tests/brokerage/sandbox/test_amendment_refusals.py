"""Each refusal of a change to an account, as the table has it."""

from typing import Any

import pytest

from tests.brokerage.sandbox.amendment_refusals import SECTIONS
from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.refused import Refused


@pytest.mark.parametrize("section", SECTIONS)
def test_a_change_that_breaks_a_rule_changes_nothing(bench: Bench, account: str, section: str) -> None:
    before = bench.broker("GET", f"v1/accounts/{account}").json()
    rows = SECTIONS[section]

    answers = [(row.path, row.value, *refusal(bench, account, row)) for row in rows]

    expected = [(row.path, row.value, row.status, {"code": row.code, "message": row.message}) for row in rows]
    assert answers == expected
    assert bench.broker("GET", f"v1/accounts/{account}").json() == before


def refusal(bench: Bench, account: str, row: Refused) -> tuple[int, Any]:
    bench.control("settings", **{"require_disclosure_context": False, **dict(row.settings)})
    answer = bench.broker("PATCH", f"v1/accounts/{account}", json=row.changed({}))
    return answer.status_code, answer.json()


def test_a_change_of_nothing_is_none(bench: Bench, account: str) -> None:
    answer = bench.broker("PATCH", f"v1/accounts/{account}", json={})

    assert (answer.status_code, answer.json()["message"]) == (400, "at least one field is required")


def test_anothers_email_address_cannot_be_taken(bench: Bench, account: str) -> None:
    other = bench.broker("GET", f"v1/accounts/{bench.open_account()}").json()["contact"]["email_address"]

    answer = bench.broker("PATCH", f"v1/accounts/{account}", json={"contact": {"email_address": other.upper()}})

    assert (answer.status_code, answer.json()["message"]) == (422, "email_address already exists")


def test_a_closed_account_stays_as_it_was(bench: Bench, account: str) -> None:
    bench.broker("POST", f"v1/accounts/{account}/actions/close")

    answer = bench.broker("PATCH", f"v1/accounts/{account}", json={"contact": {"city": "Oakland"}})

    assert (answer.status_code, answer.json()["message"]) == (422, "account is closed")
    assert bench.broker("GET", f"v1/accounts/{account}").json()["contact"]["city"] == "San Mateo"
