"""Runs, cash and closes at the desk: to read, to search, to take away; nothing is written there."""

import csv
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from brokerage import desk_csv
from funding import states
from funding.models import ACHRelationship, Break, CashActivity, DailyClose, ReconciliationRun
from funding.operations import daily_close
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.funding.cash import cash, settled, unexplained

RUNS, CASH = "/admin/funding/reconciliationrun/", "/admin/funding/cashactivity/"
CLOSES = "/admin/funding/dailyclose/"


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    may = ("view_reconciliationrun", "view_cashactivity", "view_cashactivityevent", "view_dailyclose", "view_transfer")
    return AtTheDesk(person("ops@example.com", *may))


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


@pytest.fixture
def close(bank: ACHRelationship) -> DailyClose:
    day = daily_close.last_ended(timezone.now())
    settled(bank, "1234.50", settled_at=daily_close.ends_at(day) - timedelta(hours=3))
    unexplained(cash(bank, "-7.25", on=day), what="=HYPERLINK(1)", ours="-no", theirs="@me")
    for area in ("transfers", "cash"):
        ReconciliationRun.objects.create(area=area, holder="a test", finished_at=timezone.now())
    return daily_close.close(day=day, holder="a test")


def rows(desk: AtTheDesk, url: str) -> list[Any]:
    answer = desk.client.get(url)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


# --- Runs -------------------------------------------------------------------------------------------------------------


def test_the_runs_say_how_far_they_came(desk: AtTheDesk) -> None:
    began = timezone.now() - timedelta(seconds=3725)
    done = ReconciliationRun.objects.create(
        area="cash", scope="full", holder="worker 1", began_at=began, finished_at=timezone.now(), compared=12,
        rows=340, calls=56, found=7, healed=5, uncompared=2,
    )  # fmt: skip
    died = ReconciliationRun.objects.create(area="items", holder="worker 2", position="here")

    text = desk.read(RUNS)

    assert "Cash all" in text
    assert "1 h 2 min 5 s 12 340 56 7 5 2" in text
    assert "not finished" in text
    assert rows(desk, f"{RUNS}?book=cash") == rows(desk, f"{RUNS}?ended=finished") == [done]
    assert rows(desk, f"{RUNS}?ended=uncompared") == [done]
    assert rows(desk, f"{RUNS}?ended=not") == rows(desk, f"{RUNS}?q=worker+2") == [died]
    assert "it was stopped, or goes on still" in desk.read(page(died))
    desk.press(page(done), status=403, compared=1)


# --- Cash -------------------------------------------------------------------------------------------------------------


def test_cash_is_found_and_filtered(desk: AtTheDesk, bank: ACHRelationship) -> None:
    transfer = settled(bank)
    matched = cash(bank, "250.00", transfer=transfer, role=CashActivity.BOOKING)
    alone = cash(bank, "-19.99", brokerage_account=None)
    void = cash(bank, "5.00", status=CashActivity.CANCELED)
    offset = cash(bank, "6.00", role=CashActivity.OFFSET)

    found = {
        "?match=matched": [matched],
        "?match=unmatched": [alone],
        "?match=void": [void],
        "?match=offset": [offset],
        "?q=19.99": [alone],
        "?q=-%2419.99": [alone],
        "?q=250": [matched],
        f"?q={alone.alpaca_id}": [alone],
        f"?q={transfer.pk}": [matched],
    }

    assert {query: rows(desk, f"{CASH}{query}") for query in found} == found
    html = desk.client.get(CASH).content.decode()
    assert page(transfer) in html
    text = desk.read(CASH)
    for words in ("$19.99", "not ours", "booking", "not matched"):
        assert words in text


def test_the_page_of_a_row_tells_what_it_is_for(desk: AtTheDesk, bank: ACHRelationship) -> None:
    row = cash(bank, "19.99")
    other = cash(bank, "-19.99", kind="CSD", role=CashActivity.OFFSET, offsets=row)
    found = unexplained(row)

    html = desk.client.get(page(row)).content.decode()

    for there in (bank.brokerage_account, other, found):
        assert page(there) in html
    desk.press(page(row), status=403, amount="1.00")
    desk.read(page(row, "unmatch"), status=403)


# --- Closes -----------------------------------------------------------------------------------------------------------


def test_a_close_reads_as_a_statement(desk: AtTheDesk, close: DailyClose) -> None:
    text = desk.read(page(close))

    for words in (
        "Differences",
        "Settled 1 $1,234 .50 0 $0 .00",
        "Settled that day, and its cash is not booked yet 1 −$1,234 .50",
        "Matched with nothing 0 $0 .00 1 −$7 .25",
        "Not explained $0 .00 −$7 .25",
        "hangs on 1 of the open breaks",
        "People and accounts never",
        "not gone through in time",
        close.digest,
    ):
        assert words in text, words
    assert page(Break.objects.get()) in desk.client.get(page(close)).content.decode()
    assert "Differences" in desk.read(CLOSES)
    desk.press(page(close), status=403, explained="on")
    desk.read(page(close, "delete"), status=403)


def test_a_close_is_taken_away_whole_and_runs_no_formula(desk: AtTheDesk, close: DailyClose) -> None:
    answer = desk.client.get(page(close, "csv"))

    assert answer.streaming
    lines = list(csv.reader(answer.getvalue().decode().splitlines()))
    assert ["Cash booked by the broker", "Booked", "Withdrawals", "1", "-7.25"] in lines
    assert ["close", "digest", close.digest, "", ""] in lines
    [broken] = [line for line in lines if str(Break.objects.get().pk) in line]
    assert {"'=HYPERLINK(1)", "'-no", "'@me"} <= set(broken)
    assert answer["Content-Disposition"] == f'attachment; filename="close-{close.day}.csv"'

    told = json.loads(desk.client.get(page(close, "json")).getvalue())
    digest = told.pop("digest")
    day = told.pop("day")
    assert daily_close.digest(day=close.day, **told) == digest == close.digest
    assert day == close.day.isoformat()


def test_nobody_reads_a_close_without_the_permission(close: DailyClose) -> None:
    stranger = AtTheDesk(person("stranger@example.com", "view_break"))

    for what in ("change", "csv", "json"):
        stranger.read(page(close, what), status=403)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "-1"),
        ("-1.50", "-1.50"),
        ("-1+1", "'-1+1"),
        ("@x", "'@x"),
        ("\t=1", "'\t=1"),
        (None, ""),
        (states.INCOMING, "INCOMING"),
    ],
)
def test_a_cell_is_no_formula(value: object, shown: str) -> None:
    assert desk_csv.harmless(desk_csv.plain(value)) == shown
