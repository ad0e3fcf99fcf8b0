"""Cash of accounts that we do not hold: one break for each account however many rows, until the account is ours."""

import tracemalloc
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from brokerage import banking_days
from funding.models import Break, CashActivity
from funding.operations import breaks, close_figures, daily_close, strange_cash
from funding.operations.cash_books import CashAnswer, keep_page
from tests import make
from tests.funding import books
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.funding.standing import Clocks, Customer, open_customer, read_anew
from tests.harness.sandbox import Sandbox

KIND = "CASH_UNKNOWN_ACCOUNT"
STRANGER = "the broker's account 1"


@pytest.fixture
def ada(clocks: Clocks, sandbox: Sandbox, db: None) -> Customer:
    return open_customer(sandbox)


def told(number: int, amount: str = "5.00", account: str = "1", days: int = 0, **more: Any) -> CashAnswer:
    now = timezone.now() - timedelta(days=days)
    values: dict[str, Any] = {
        "alpaca_id": f"row {number}", "account_id": account, "kind": "CSD", "amount": Decimal(amount),
        "booked_on": banking_days.today(now), "status": "EXECUTED", "created_at": now,
    }  # fmt: skip
    return CashAnswer(**(values | more))


def standing() -> list[tuple[str, str]]:
    return sorted(Break.objects.filter(ended_at=None).values_list("kind", "subject"))


def test_an_account_is_told_of_once_with_what_there_is_in_all(ada: Customer) -> None:
    keep_page([told(1, "50.00", days=9), told(2, "-7.50", kind="CSW", days=4), told(3, "99.00", status="CANCELED")])
    keep_page([told(4, account="2"), told(5, account="")])

    found = books.compare("cash")

    assert standing() == [(KIND, f"the broker's account {name}") for name in ("", "1", "2")]
    assert sorted((each.code, each.subject) for each in found) == standing()
    today = banking_days.today(timezone.now())
    row = Break.objects.get(subject=STRANGER)
    assert row.evidence["in all"] == {
        "rows": "3", "net": "42.50", "first booked": str(today - timedelta(days=9)), "last booked": str(today),
    }  # fmt: skip
    assert row.evidence["theirs"]["broker's id"] == "row 3"


def test_a_further_row_is_seen_and_opens_nothing(ada: Customer, clocks: Clocks) -> None:
    keep_page([told(1)])
    books.compare("cash")
    first = Break.objects.get()
    clocks.advance(hours=1)
    keep_page([told(2, "6.00")])

    books.compare("cash")

    row = Break.objects.get()
    assert (row.pk, row.likeness) == (first.pk, first.likeness)
    assert row.last_seen_at > first.last_seen_at
    assert (row.evidence["in all"]["rows"], row.evidence["in all"]["net"]) == ("2", "11.00")
    assert row.evidence["theirs"]["broker's id"] == "row 2"
    assert row.events.count() == 1


def test_one_that_a_person_has_explained_stays_so_with_further_rows(ada: Customer, clocks: Clocks) -> None:
    keep_page([told(1)])
    books.compare("cash")
    ops = make.user("ops@example.com", is_staff=True)
    because = "an account of our other business"
    assert breaks.propose(row=Break.objects.get(), person=ops, because=because, proposal={"do": breaks.DISMISS})
    clocks.advance(hours=1)
    keep_page([told(2), told(3, account="2")])

    books.compare("cash")

    assert standing() == [(KIND, "the broker's account 2")]
    assert Break.objects.count() == 2


def test_it_ends_when_the_account_is_ours_and_its_rows_are_matched(ada: Customer, clocks: Clocks) -> None:
    keep_page([told(1), told(2), told(3, account="2")])
    books.compare("cash")
    clocks.advance(hours=2)
    bo = make.account(make.user("bo@example.com"), alpaca_id="1")

    books.compare("cash")

    assert set(CashActivity.objects.filter(brokerage_account=bo).values_list("alpaca_id", flat=True)) == {
        "row 1", "row 2"
    }  # fmt: skip
    assert Break.objects.get(subject=STRANGER).state == Break.GONE
    assert (KIND, "the broker's account 2") in standing()
    assert Break.objects.filter(ended_at=None, kind="CASH_UNEXPLAINED", brokerage_account=bo).count() == 2


def test_what_an_older_version_told_of_each_row_is_gone(ada: Customer) -> None:
    keep_page([told(number) for number in range(3)])
    for number in range(3):
        Break.objects.create(kind=KIND, subject=f"cash row {number}", what="CSD on an account that we do not hold")

    books.compare("cash")

    assert standing() == [(KIND, STRANGER)]
    assert set(Break.objects.exclude(subject=STRANGER).values_list("state", flat=True)) == {Break.GONE}


def test_neither_a_dry_run_nor_a_run_for_one_account_ends_it(ada: Customer) -> None:
    keep_page([told(1)])
    books.compare("cash")
    before = read_anew(Break.objects.get()).last_seen_at

    assert books.compare("cash", dry_run=True) == []
    assert books.compare("cash", account=ada.account) == []

    assert (read_anew(Break.objects.get()).last_seen_at, standing()) == (before, [(KIND, STRANGER)])


def test_more_rows_take_neither_more_queries_nor_more_memory(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strange_cash, "PAGE", 2)
    cost = []
    for rows in (10, 4000):
        keep_page([told(rows * 10 + number, account=str(number % 5)) for number in range(rows)])
        with CaptureQueriesContext(
            connection,
        ) as asked:
            tracemalloc.start()
            found = [each.subject for each in strange_cash.of_accounts_not_held()]
            cost.append((len(asked), tracemalloc.get_traced_memory()[1]))
            tracemalloc.stop()
        assert found == [f"the broker's account {name}" for name in range(5)]

    (few, small), (many, large) = cost
    assert few == many == 7  # three pages of accounts with the newest row of each, and the end
    assert large < small * 2


def test_the_page_of_a_row_and_the_close_of_its_day_lead_to_it(ada: Customer) -> None:
    keep_page([told(1), told(2, "-5.00", kind="CSW")])
    books.compare("cash")
    row, found = CashActivity.objects.all()[0], Break.objects.get()
    desk = AtTheDesk(person("ops@example.com", "view_break", "view_cashactivity"))

    assert f"/break/{found.pk}/" in desk.client.get(page(row)).content.decode()
    shown = desk.read(page(found))
    assert all(word in shown for word in ("In all", "rows: 2", "net: 0.00"))
    figures = close_figures.of(daily_close.period_of(row.booked_on))
    assert [figures[way]["hangs_on"] for way in ("INCOMING", "OUTGOING")] == [[str(found.pk)], [str(found.pk)]]
