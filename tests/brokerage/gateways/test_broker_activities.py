"""The broker's rows of cash: page after page without a gap, and no page at all where a row cannot be read."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from brokerage.gateways import broker_activities
from brokerage.gateways.broker_activities import CashAnswer, cash_page
from brokerage.gateways.errors import NotSent, OutcomeUnknown, VendorError
from tests.brokerage.gateways.vendor import Vendor, answer
from tests.brokerage.sandbox.bench import Bench
from tests.harness.sandbox import Sandbox

BEGIN, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
ROW = {
    "id": "20260302110000000::c60d2c0f-6d1b-47bb-949f-e25769b67941", "account_id": "an account",
    "activity_type": "CSD", "date": "2026-03-02", "net_amount": "50", "status": "executed",
    "created_at": "2026-03-02T11:00:00.123456789Z",
}  # fmt: skip


def page(**query: Any) -> list[CashAnswer]:
    return cash_page(after=BEGIN, until=END, **query)


def all_pages(**query: Any) -> list[CashAnswer]:
    found, last = list[CashAnswer](), ""
    while rows := page(after_row=last, **query):
        found, last = [*found, *rows], rows[-1].alpaca_id
    return found


# --- Against the sandbox ----------------------------------------------------------------------------------------------


def test_every_row_is_read_once_in_the_order_of_time(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_activities, "PER_PAGE", 2)
    bench = Bench(sandbox.url)
    accounts = [bench.open_account(), bench.open_account()]
    for account_id in accounts * 2:
        for amount in ("10.00", "7.50"):  # a balance is reached by a deposit or a withdrawal
            bench.control("balances", account_id=account_id, amount=amount)
    bench.session.close()

    rows = all_pages()

    booked = [row for row in sandbox.get("/control/dump")["activities"] if row["activity_type"] in ("CSD", "CSW")]
    assert [row.alpaca_id for row in rows] == [row["id"] for row in booked]
    assert [row.amount for row in rows] == [Decimal(row["cents"]) / 100 for row in booked]
    assert {row.alpaca_id for row in all_pages(account_id=accounts[0])} == {
        row["id"] for row in booked if row["account_id"] == accounts[0]
    }


@pytest.mark.parametrize("form", ["negative", "correct"])
def test_a_return_is_told_in_either_form(sandbox: Sandbox, form: str) -> None:
    sandbox.post("/control/settings", return_row_form=form)
    bench = Bench(sandbox.url)
    account_id = bench.open_account()
    made = bench.transfer(account_id, bench.link(account_id), "50.00").json()
    bench.session.close()
    for action in ({"action": "settle"}, {"action": "return", "code": "R01"}):
        sandbox.post(f"/control/transfers/{made['id']}", **action)

    rows = [(row.amount, row.status) for row in all_pages()]

    in_place = [(Decimal("50.00"), "CORRECT")]
    assert rows == (in_place if form == "correct" else [(Decimal(f"{sign}50.00"), "EXECUTED") for sign in ("", "-")])


def test_rows_between_two_times_alone_are_read(sandbox: Sandbox) -> None:
    bench = Bench(sandbox.url)
    bench.control("balances", account_id=bench.open_account(), amount="10.00")
    bench.session.close()
    [row] = page()

    assert cash_page(after=row.created_at, until=END) == []
    assert cash_page(after=BEGIN, until=row.created_at) == []
    assert cash_page(after=row.created_at - timedelta(seconds=1), until=row.created_at + timedelta(seconds=1)) == [row]


# --- Odd rows ---------------------------------------------------------------------------------------------------------


def test_a_row_is_read_as_it_came(vendor: Vendor) -> None:
    vendor.says(answer(200, [ROW]))

    [row] = page()

    assert row == CashAnswer(
        alpaca_id=ROW["id"], account_id="an account", kind="CSD", amount=Decimal("50.00"), booked_on=date(2026, 3, 2),
        status="EXECUTED", created_at=datetime(2026, 3, 2, 11, 0, 0, 123456, tzinfo=UTC),
    )  # fmt: skip
    assert vendor.asked[0].query == {
        "activity_types": "CSD,CSW", "after": "2020-01-01T00:00:00.000000Z", "until": "2100-01-01T00:00:00.000000Z",
        "direction": "asc", "page_size": "100",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("odd", "field", "value"),
    [
        ({"net_amount": "-12.340"}, "amount", Decimal("-12.34")),
        ({"net_amount": 12.5}, "amount", Decimal("12.50")),
        ({"date": None}, "booked_on", date(2026, 3, 2)),
        ({"date": "2026-03-03T00:00:00Z"}, "booked_on", date(2026, 3, 3)),
        ({"created_at": None}, "created_at", datetime(2026, 3, 2, tzinfo=UTC)),
        ({"created_at": "yesterday"}, "created_at", datetime(2026, 3, 2, tzinfo=UTC)),
        ({"status": None}, "status", "EXECUTED"),
        ({"status": "teleported"}, "status", "TELEPORTED"),
        ({"account_id": None}, "account_id", ""),
        ({"surprise": [1]}, "kind", "CSD"),
    ],
    ids=str,
)
def test_what_is_odd_and_still_tells_is_read(vendor: Vendor, odd: dict[str, Any], field: str, value: object) -> None:
    vendor.says(answer(200, [ROW | odd]))

    [row] = page()

    assert getattr(row, field) == value


@pytest.mark.parametrize(
    "rows",
    [
        [ROW | {"net_amount": None}],
        [ROW | {"net_amount": "a lot"}],
        [ROW | {"net_amount": "NaN"}],
        [ROW | {"id": None}],
        [ROW | {"id": ""}],
        [ROW | {"date": "soon", "created_at": "soon"}],
        [ROW | {"activity_type": "FILL"}],
        [ROW | {"activity_type": None}],
        [ROW, None],
        [ROW, "a row"],
        [ROW, [ROW]],
        {"rows": [ROW]},
        None,
        "rows",
    ],
    ids=lambda rows: str(rows)[-60:],
)
def test_a_page_that_cannot_be_read_whole_is_no_page(vendor: Vendor, rows: Any) -> None:
    vendor.says(answer(200, rows, "application/json"))

    with pytest.raises(OutcomeUnknown):
        page()


def test_a_page_that_begins_anew_is_no_page(vendor: Vendor) -> None:
    """A broker that does not understand the token would be read for ever."""
    vendor.says(answer(200, [ROW]))

    with pytest.raises(OutcomeUnknown):
        page(after_row=ROW["id"])


def test_an_empty_page_is_the_end(vendor: Vendor) -> None:
    vendor.says(answer(200, []))

    assert page(after_row=ROW["id"]) == []
    assert vendor.asked[0].query["page_token"] == ROW["id"]


@pytest.mark.parametrize("status", [429, 500, 502, 401])
def test_a_refusal_is_no_empty_page(vendor: Vendor, status: int) -> None:
    vendor.says(answer(status, {"code": 42910000, "message": "no"}))

    with pytest.raises(NotSent if status == 429 else VendorError):
        page()
