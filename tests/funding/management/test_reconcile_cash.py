"""reconcile_cash and reconcile: what was read stays read, a killed run goes on, and the exit code says how it went."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone
from pytest_django import Settings

from accounts.findings import BrokerAway
from accounts.models import Lease
from accounts.operations import leases
from accounts.operations.asking import Asking
from funding import states
from funding.models import Break, BreakEvent, CashActivity, CashActivityEvent, ReconciliationRun, Transfer
from funding.operations import cash_books
from funding.operations.cash_books import CashAnswer
from tests import make
from tests.brokerage.gateways.vendor import Vendor, answer
from tests.funding import books
from tests.funding.books import settle
from tests.funding.standing import Clocks, Customer, fault, open_customer, read_anew
from tests.harness.sandbox import Sandbox

ACTIVITIES = "GET /broker/v1/accounts/activities"
ALL = (Transfer, CashActivity, CashActivityEvent, Break, BreakEvent, ReconciliationRun, Lease)


@pytest.fixture
def ada(clocks: Clocks, sandbox: Sandbox, db: None) -> Customer:
    return open_customer(sandbox)


def run(command: str = "reconcile_cash", *words: str) -> tuple[int, list[str], str]:
    """Run a command; return its exit code, its lines, and what it said aside."""
    out, aside = StringIO(), StringIO()
    code = 0
    try:
        call_command(command, *words, stdout=out, stderr=aside)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, out.getvalue().splitlines(), aside.getvalue()


def dump(*kinds: type[models.Model]) -> str:
    return serializers.serialize("json", [row for kind in kinds for row in kind._default_manager.order_by("pk")])


def told(of: Customer, number: int = 1, **more: Any) -> CashAnswer:
    """Return a row as the gateway gives it."""
    now = timezone.now()
    values: dict[str, Any] = {
        "alpaca_id": f"row {number}", "account_id": of.account.alpaca_id, "kind": "CSD", "amount": 50,
        "booked_on": now.date(), "status": "EXECUTED", "created_at": now,
    }  # fmt: skip
    return CashAnswer(**(values | more))


# --- What was read ----------------------------------------------------------------------------------------------------


def test_a_row_is_kept_once_however_often_it_is_read(ada: Customer) -> None:
    assert cash_books.keep_page([told(ada, 1), told(ada, 2)]) == {ada.account.pk}

    assert cash_books.keep_page([told(ada, 2), told(ada, 3)]) == {ada.account.pk}
    assert cash_books.keep_page([told(ada, number) for number in (1, 2, 3)]) == set()

    assert CashActivity.objects.count() == 3
    assert not CashActivityEvent.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "before", "after"),
    [("status", "CANCELED", "EXECUTED", "CANCELED"), ("amount", 49, "50.00", "49")],
)
def test_a_correction_is_taken_over_and_what_stood_before_is_kept(
    ada: Customer, field: str, value: Any, before: str, after: str
) -> None:
    cash_books.keep_page([told(ada)])

    assert cash_books.keep_page([told(ada, **{field: value})]) == {ada.account.pk}

    assert getattr(CashActivity.objects.get(), field) == value
    event = CashActivityEvent.objects.get()
    assert (event.field, event.before, event.after, event.actor) == (field, before, after, "broker")


def test_a_row_that_was_corrected_is_matched_anew(ada: Customer, clocks: Clocks) -> None:
    """The booking was told with another amount afterwards: the match is given up, and both are told of."""
    transfer = settle(ada, clocks)
    clocks.advance(hours=2)
    assert books.compare("cash") == []
    row = CashActivity.objects.get()
    assert row.transfer == transfer
    cash_books.keep_page([told(ada, alpaca_id=row.alpaca_id, amount=49, booked_on=row.booked_on)])
    accounts = list(cash_books.to_match())

    [(_, _, found)] = cash_books.match_accounts(accounts, dry_run=False)

    assert [finding.code for finding in found] == ["CASH_AMOUNT_DIFFERS"]
    assert read_anew(row).transfer is None
    assert row.events.filter(field="match").exists()


def test_rows_that_cancelled_out_are_told_apart_when_one_is_taken_back(ada: Customer, clocks: Clocks) -> None:
    cash_books.keep_page([told(ada, 1), told(ada, 2, amount=-50)])
    clocks.advance(hours=2)
    [(_, _, found)] = cash_books.match_accounts([ada.account], dry_run=False)
    assert [finding.code for finding in found] == ["CASH_OFFSET"]
    assert not cash_books.to_match().exists()
    at = timezone.now() - timedelta(hours=2)
    cash_books.keep_page([told(ada, 2, amount=-50, status="CANCELED", created_at=at)])

    [(_, _, found)] = cash_books.match_accounts(list(cash_books.to_match()), dry_run=False)

    assert [(finding.code, finding.subject) for finding in found] == [("CASH_UNEXPLAINED", "cash row 1")]
    assert set(CashActivity.objects.values_list("role", flat=True)) == {""}


def test_rows_that_cancelled_out_belong_to_the_transfer_that_is_heard_of_later(ada: Customer, clocks: Clocks) -> None:
    """It settled and came back at the broker before we heard of either: no cash is missing, nothing is left over."""
    cash_books.keep_page([told(ada, 1), told(ada, 2, amount=-50)])
    clocks.advance(hours=2)
    list(cash_books.match_accounts([ada.account], dry_run=False))
    now = timezone.now()
    returned = make.transfer(
        ada.relationship, "50.00", status=states.RETURNED, settled_at=now, ended_at=now, return_code="R01"
    )
    clocks.advance(days=7)

    [(_, _, found)] = cash_books.match_accounts(list(cash_books.to_match()), dry_run=False)

    assert found == []
    rows = CashActivity.objects.order_by("alpaca_id")
    assert [(row.transfer, row.role, row.offsets) for row in rows] == [
        (returned, CashActivity.BOOKING, None),
        (returned, CashActivity.REVERSAL, None),
    ]
    assert not cash_books.to_match().exists()


def test_rows_that_cancelled_out_stay_so_beside_a_transfer_of_another_amount(ada: Customer, clocks: Clocks) -> None:
    cash_books.keep_page([told(ada, 1), told(ada, 2, amount=-50)])
    clocks.advance(hours=2)
    list(cash_books.match_accounts([ada.account], dry_run=False))
    make.transfer(ada.relationship, "51.00", status=states.COMPLETE, settled_at=timezone.now())
    clocks.advance(days=7)

    [(_, _, found)] = cash_books.match_accounts(list(cash_books.to_match()), dry_run=False)

    assert [finding.code for finding in found] == ["CASH_MISSING"]
    assert list(CashActivity.objects.values_list("role", flat=True)) == [CashActivity.OFFSET] * 2


# --- The whole way ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["negative", "correct"])
def test_what_settled_and_came_back_is_matched_in_either_form(
    ada: Customer, sandbox: Sandbox, clocks: Clocks, form: str
) -> None:
    sandbox.post("/control/settings", return_row_form=form)
    transfer = settle(ada, clocks)
    clocks.advance(days=1)
    assert run() == (0, ["0 found, 0 mended, 0 left"], "")
    sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="return", code="R01")
    books.compare()
    clocks.advance(days=5)

    assert run() == (0, ["0 found, 0 mended, 0 left"], "")

    roles = sorted(CashActivity.objects.filter(transfer=transfer).values_list("role", flat=True))
    assert roles == (["BOOKING"] if form == "correct" else ["BOOKING", "REVERSAL"])


def test_what_was_learned_late_is_matched_by_the_day_on_which_it_was(
    ada: Customer, sandbox: Sandbox, clocks: Clocks
) -> None:
    """Nobody was listening for two weeks, in which one settled, and another one settled and came back."""
    both = [ada.move("50.00"), ada.move("70.00")]
    clocks.advance(days=1)
    for transfer in both:
        sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="settle")
    clocks.advance(days=7)
    sandbox.post(f"/control/transfers/{both[1].alpaca_id}", action="return", code="R10")
    clocks.advance(days=14)

    books.compare()

    assert books.compare("cash") == []
    assert read_anew(both[0]).settled_at < timezone.now() - timedelta(days=20)


def test_a_dry_run_reads_and_writes_nothing(ada: Customer, sandbox: Sandbox, clocks: Clocks) -> None:
    settle(ada, clocks)
    sandbox.post("/control/balances", account_id=ada.account.alpaca_id, amount="99.00")
    clocks.advance(hours=2)
    before = dump(*ALL)

    code, lines, _ = run("reconcile_cash", "--dry-run", "--json")

    assert code == 1
    assert [json.loads(line).get("code") for line in lines] == ["CASH_UNEXPLAINED", None]
    assert dump(*ALL) == before
    assert run("reconcile_cash")[0] == 1
    assert Break.objects.get(ended_at=None).kind == "CASH_UNEXPLAINED"


def test_the_second_run_reads_the_last_days_again_and_no_more(ada: Customer, sandbox: Sandbox, clocks: Clocks) -> None:
    settle(ada, clocks)
    books.compare("cash")
    clocks.advance(days=20)
    books.compare("cash")
    clocks.advance(minutes=1)

    books.compare("cash")
    newest = ReconciliationRun.objects.filter(area="cash").first()
    books.compare("cash", full=True)
    books.compare("cash", since=timezone.now() - timedelta(days=30))
    books.compare("cash", account=ada.account)

    assert newest is not None
    rows = list(ReconciliationRun.objects.filter(area="cash").values_list("scope", "rows"))
    assert newest.rows == 0
    assert sorted(scope.split(" ")[0] for scope, _ in rows) == ["", "", "", "account", "full", "since"]
    assert all(count for scope, count in rows if scope)


# --- Killed, stopped, two at once, away -------------------------------------------------------------------------------


def stopping_after(steps: int) -> Callable[[int], None]:
    """Return somebody who presses Ctrl-C after so many steps."""
    left = iter(range(steps))

    def progress(done: int) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize(
    ("area", "steps"), [*(("transfers", steps) for steps in range(2)), *(("cash", steps) for steps in range(3))]
)
def test_a_run_that_is_stopped_anywhere_is_carried_on(
    ada: Customer, sandbox: Sandbox, clocks: Clocks, area: str, steps: int
) -> None:
    bo = open_customer(sandbox, "bo@example.com")
    rows = [customer.move("50.00") for customer in (ada, bo)]
    for row in rows:
        sandbox.post(f"/control/transfers/{row.alpaca_id}", action="settle")
    clocks.advance(seconds=1)
    if area == "cash":
        books.compare()
    with pytest.raises(KeyboardInterrupt):
        books.compare(area, progress=stopping_after(steps))
    assert not Lease.objects.exists()
    stopped = ReconciliationRun.objects.get(area=area)
    assert stopped.finished_at is None

    books.compare(area)

    again = ReconciliationRun.objects.get(area=area)
    assert again.pk == stopped.pk
    assert again.finished_at is not None
    assert {read_anew(row).status for row in rows} == {states.COMPLETE}
    assert CashActivity.objects.filter(role="BOOKING").count() == (2 if area == "cash" else 0)
    clocks.advance(minutes=1)
    assert books.compare(area) == []


def test_reading_is_carried_on_behind_the_last_row_that_was_read(
    ada: Customer, sandbox: Sandbox, clocks: Clocks
) -> None:
    for cents in range(1, 103):  # a page, and two rows of the next
        sandbox.post("/control/balances", account_id=ada.account.alpaca_id, amount=f"{cents}.00")
    clocks.advance(seconds=1)

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        books.compare("cash", progress=stop)
    read, died = CashActivity.objects.count(), ReconciliationRun.objects.get()
    books.compare("cash")

    finished = ReconciliationRun.objects.get()
    assert (read, CashActivity.objects.count()) == (100, 102)
    assert (died.calls, finished.calls - died.calls) == (1, 2)  # the rest, and the end of the list


def test_a_run_that_died_long_ago_is_not_carried_on(ada: Customer, clocks: Clocks) -> None:
    ada.move("50.00")
    with pytest.raises(KeyboardInterrupt):
        books.compare(progress=stopping_after(0))
    clocks.advance(hours=25)

    books.compare()

    assert ReconciliationRun.objects.count() == 2


def test_two_at_once_are_one(ada: Customer) -> None:
    with leases.held("reconcile cash", holder="another"):
        code, lines, aside = run()

    assert (code, lines) == (0, ["0 found, 0 mended, 0 left"])
    assert "Another process reconciles cash already." in aside
    assert not ReconciliationRun.objects.exists()


def test_a_broker_that_is_away_is_told_and_the_next_run_goes_on(
    ada: Customer, clocks: Clocks, settings: Settings
) -> None:
    settle(ada, clocks)
    there, settings.BROKER_BASE_URL = settings.BROKER_BASE_URL, "http://127.0.0.1:1"

    assert run()[0] == 75
    code, lines, _ = run("reconcile_cash", "--json")

    assert (code, bool(json.loads(lines[-1])["stopped"])) == (75, True)
    settings.BROKER_BASE_URL = there
    assert run()[0] == 0
    assert ReconciliationRun.objects.get(area="cash").finished_at is not None


def test_a_page_that_cannot_be_read_leaves_the_run_unfinished(ada: Customer, clocks: Clocks, sandbox: Sandbox) -> None:
    settle(ada, clocks)
    fault(sandbox, "garbage_after_commit", ACTIVITIES)

    code, _, _ = run()

    assert code == 75
    assert not CashActivity.objects.exists()
    assert run()[0] == 0
    assert CashActivity.objects.count() == 1


def test_questions_keep_to_the_budget(ada: Customer) -> None:
    waits: list[timedelta] = []

    books.compare("cash", asking=Asking(per_minute=60, sleep=waits.append))

    assert all(timedelta() < wait <= timedelta(seconds=1) for wait in waits)


def test_a_broker_that_asks_us_to_slow_down_is_waited_for(ada: Customer, vendor: Vendor) -> None:
    waits: list[timedelta] = []
    vendor.says(answer(429, {"code": 42910000, "message": "slow"}, Retry_After="7"))

    with pytest.raises(BrokerAway):
        books.compare("cash", asking=Asking(per_minute=0, sleep=waits.append))

    assert set(waits) == {timedelta(seconds=7)}


@pytest.mark.parametrize(
    "words", [["--account", "nobody"], ["--since", "2999-01-01"], ["--account", "x", "--full"]], ids=" ".join
)
@pytest.mark.parametrize("command", ["reconcile_cash", "reconcile_transfers", "reconcile"])
def test_wrong_usage_is_told(db: None, command: str, words: list[str]) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command(command, *words)

    assert refusal.value.returncode == 2


def test_all_books_are_gone_through_by_one_command(ada: Customer, clocks: Clocks) -> None:
    settle(ada, clocks)
    clocks.advance(hours=2)

    run("reconcile", "--full")

    assert set(ReconciliationRun.objects.filter(scope="full").values_list("area", flat=True)) == {
        "accounts", "items", "relationships", "transfers", "cash",
    }  # fmt: skip


def test_ctrl_c_is_answered_with_what_to_do(ada: Customer, clocks: Clocks, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(ada, clocks)

    def strike(command: Any, area: str, done: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("funding.management.reconciling.ReconcileCommand._tell", strike)

    code, _, aside = run()

    assert code == 130
    assert "Run it again: it goes on where it was." in aside
