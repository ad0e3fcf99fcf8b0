"""Documents that the broker draws up: which there are, when they are out, and what they say."""

from collections import Counter
from typing import Any

import pytest

from tests.brokerage.sandbox.bench import Bench

APPLE = {"symbol": "AAPL", "qty": "2.5", "avg_entry_price": "100", "current_price": "120"}


@pytest.fixture
def old_account(bench: Bench, account: str) -> str:
    """Opened in February 2025 in New York, and looked at in November 2026."""
    bench.control("clock", now="2026-11-28T15:00:00Z")
    bench.control(f"accounts/{account}", created_at="2025-02-10T12:00:00Z")
    bench.control(
        f"accounts/{account}/positions",
        positions=[
            {**APPLE, "held_since": "2025-03-03T15:00:00Z"},
            {**APPLE, "symbol": "MSFT", "held_since": "2025-03-03T16:00:00Z"},
            {**APPLE, "symbol": "KO", "held_since": "2026-01-05T16:00:00Z"},
        ],
    )
    return account


def papers(bench: Bench, account_id: str, **query: str) -> Any:
    return bench.broker("GET", f"v1/accounts/{account_id}/documents", params=query).json()


def content(bench: Bench, account_id: str, paper: Any) -> Any:
    return bench.broker("GET", f"v1/accounts/{account_id}/documents/{paper['id']}/download")


def test_an_old_account_has_a_past(bench: Bench, old_account: str) -> None:
    listed = papers(bench, old_account)

    kinds = Counter(paper["type"] for paper in listed)
    assert kinds == {"account_application": 1, "account_statement": 21, "tax_statement": 1, "trade_confirmation": 2}
    assert [paper["date"] for paper in listed] == sorted(paper["date"] for paper in listed)
    assert bench.broker("GET", f"v1/accounts/{old_account}").json()["created_at"] == "2025-02-10T12:00:00.000000Z"


def test_a_year_that_is_over_has_a_tax_form(bench: Bench, old_account: str) -> None:
    bench.control("clock", now="2027-01-01T15:00:00Z")

    forms = papers(bench, old_account, type="tax_statement")

    assert [(form["date"], form["sub_type"]) for form in forms] == [
        ("2025-12-31", "1099-Comp"),
        ("2026-12-31", "1099-Comp"),
    ]


def test_everything_is_downloaded_as_pdf_by_a_signed_address(bench: Bench, old_account: str) -> None:
    for paper in papers(bench, old_account):
        answer = content(bench, old_account, paper)

        assert [step.status_code for step in answer.history] == [301]
        assert "signature=" in answer.url
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
        assert f"document: {paper['type']}".encode() in answer.content


def test_a_confirmation_names_what_was_bought_that_day(bench: Bench, old_account: str) -> None:
    first, second = papers(bench, old_account, type="trade_confirmation")

    assert b"bought AAPL: 2.5 at 100" in content(bench, old_account, first).content
    assert b"bought MSFT" in content(bench, old_account, first).content
    assert b"bought MSFT" not in content(bench, old_account, second).content


def test_a_statement_knows_what_was_held_by_then(bench: Bench, old_account: str) -> None:
    february, march = papers(bench, old_account, type="account_statement")[:2]

    assert b"AAPL" not in content(bench, old_account, february).content
    assert b"position AAPL: 2.5 worth 300" in content(bench, old_account, march).content


def test_documents_may_take_their_time(bench: Bench, old_account: str) -> None:
    newest = papers(bench, old_account)[-1]["date"]
    bench.control("settings", documents_delay_days=40)
    late = papers(bench, old_account)[-1]
    bench.pass_time(20 * 86_400)

    assert (newest, late["date"]) == ("2026-10-31", "2026-09-30")
    assert papers(bench, old_account)[-1]["date"] == "2026-10-31"


def test_documents_may_be_withheld(bench: Bench, old_account: str) -> None:
    form = papers(bench, old_account, type="tax_statement")[0]
    bench.control("settings", documents_withheld=["tax_statement", "trade_confirmation"])

    assert {paper["type"] for paper in papers(bench, old_account)} == {"account_application", "account_statement"}
    assert content(bench, old_account, form).status_code == 404


def test_nothing_was_opened_tomorrow(bench: Bench, account: str) -> None:
    path = f"{bench.url}/control/accounts/{account}"

    answer = bench.session.post(path, json={"created_at": "2999-01-01"}, timeout=5)

    assert (answer.status_code, answer.json()) == (400, {"error": "created_at must not be in the future"})


def test_only_documents_can_be_withheld(bench: Bench) -> None:
    answer = bench.session.post(f"{bench.url}/control/settings", json={"documents_withheld": ["taxes"]}, timeout=5)

    assert answer.status_code == 400
