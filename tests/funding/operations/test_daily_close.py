"""A banking day is closed once: with the broker's sums, or by how much not, and on which breaks that hangs."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.operations import asking, leases
from brokerage import stopping
from brokerage.banking_days import NEW_YORK
from brokerage.status import move, note
from funding import break_kinds, close_statement, states
from funding.models import ACHRelationship, CashActivity, DailyClose, ReconciliationRun, Transfer
from funding.operations import daily_close
from tests import make
from tests.funding.cash import cash, missing, settled, unexplained
from tests.funding.standing import LIST, OUT, Customer, fault, open_customer, standing_still
from tests.harness.sandbox import Sandbox
from tests.harness.unguarded import remove

FRIDAY, MONDAY, TUESDAY = date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 10)
BOOKED, BACK = CashActivity.BOOKING, CashActivity.REVERSAL


def at(day: date, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK)


@pytest.fixture
def clock(db: None) -> Iterator[time_machine.Traveller]:
    """Stand on Tuesday at ten in the evening, New York."""
    with time_machine.travel(at(TUESDAY, 22), tick=False) as clock:
        yield clock


@pytest.fixture
def bank(clock: time_machine.Traveller) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def went_through(*areas: str, when: datetime | None = None, **more: Any) -> None:
    """Say that books were gone through, as a run leaves it."""
    when = when or timezone.now()
    for area in areas or break_kinds.AREAS:
        values: dict[str, Any] = {"holder": "a test", "began_at": when, "finished_at": when} | more
        ReconciliationRun.objects.create(area=area, **values)


def close(day: date = TUESDAY) -> DailyClose:
    return daily_close.close(day=day, holder="a test")


def way(row: DailyClose, direction: str = states.INCOMING) -> dict[str, Any]:
    found: dict[str, Any] = row.figures["ways"][direction]
    return found


def told(count: int, amount: str) -> dict[str, Any]:
    return {"count": count, "amount": amount}


def booked(of: ACHRelationship, amount: str = "250.00", *, on: date = TUESDAY, **more: Any) -> Transfer:
    """Make a transfer that settled on that day, and its row of cash."""
    transfer = settled(of, amount, settled_at=at(TUESDAY), **more)
    signed = amount if transfer.is_deposit else f"-{amount}"
    cash(of, signed, on=on, transfer=transfer, role=BOOKED)
    return transfer


# --- What it states ---------------------------------------------------------------------------------------------------


def test_a_day_on_which_all_meets_is_explained(bank: ACHRelationship) -> None:
    went_through()
    booked(bank)
    booked(bank, "100.00")
    booked(bank, "40.00", direction=OUT)
    make.transfer(bank, "7.00")
    make.transfer(bank, "8.00", direction=OUT, sending=states.UNKNOWN)
    make.transfer(bank, "9.00", sending=states.HELD)

    made = close()

    assert made.explained
    deposits, withdrawals = way(made), way(made, OUT)
    assert deposits["transfers"]["settled"] == told(2, "350.00")
    assert deposits["cash"]["booked"] == deposits["cash"]["matched"] == told(2, "350.00")
    assert deposits["standing"] == {"under way": told(1, "7.00"), "in doubt": told(0, "0.00"),
                                    "not sent": told(1, "9.00")}  # fmt: skip
    assert withdrawals["transfers"]["settled"] == told(1, "-40.00")
    assert withdrawals["standing"]["in doubt"] == told(1, "8.00")
    for figures in (deposits, withdrawals):
        assert (figures["difference"], figures["unexplained"], figures["hangs_on"]) == ("0.00", "0.00", [])
    assert made.differences == []


def test_cash_for_no_transfer_is_a_difference_and_names_its_break(bank: ACHRelationship) -> None:
    went_through()
    booked(bank)
    found = unexplained(cash(bank, "19.99", on=TUESDAY))

    made = close()

    assert not made.explained
    deposits = way(made)
    assert (deposits["difference"], deposits["unexplained"]) == ("19.99", "19.99")
    assert deposits["cash"]["for no transfer"] == told(1, "19.99")
    assert deposits["hangs_on"] == [str(found.pk)]
    [difference] = made.differences
    assert (difference["id"], difference["severity"], difference["theirs"]) == (str(found.pk), "CRITICAL", "19.99")


def test_a_row_that_waits_for_its_break_is_a_difference_already(bank: ACHRelationship) -> None:
    went_through()
    cash(bank, "19.99", on=TUESDAY)

    made = close()

    assert (made.explained, way(made)["unexplained"], made.differences) == (False, "19.99", [])


def test_what_is_booked_on_another_day_is_taken_apart(bank: ACHRelationship) -> None:
    went_through()
    booked(bank, "1.00", on=MONDAY)
    settled(bank, "2.00", settled_at=at(TUESDAY))
    earlier = settled(bank, "4.00", settled_at=at(MONDAY))
    cash(bank, "4.00", on=TUESDAY, transfer=earlier, role=BOOKED)
    for amount in ("8.00", "-8.00"):
        cash(bank, amount, on=TUESDAY, kind="CSD", role=CashActivity.OFFSET)

    made = close()

    deposits = way(made)
    assert (deposits["settled_less_returned"], deposits["cash_booked"], deposits["difference"]) == (
        "3.00", "4.00", "1.00",
    )  # fmt: skip
    assert {name: each for name, each in deposits["explained_by"].items() if each["count"]} == {
        "booked on another day": told(1, "-1.00"),
        "not booked yet": told(1, "-2.00"),
        "for another day": told(1, "4.00"),
        "cancels out": told(2, "0.00"),
    }
    assert (deposits["unexplained"], made.explained) == ("0.00", True)


def test_what_was_missing_long_enough_to_be_a_break_hangs_on_it(bank: ACHRelationship) -> None:
    went_through()
    transfer = settled(bank, "2.00", settled_at=at(TUESDAY))
    found = missing(transfer)

    made = close()

    assert way(made)["hangs_on"] == [str(found.pk)]
    assert not made.explained


def test_a_return_is_met_by_a_row_of_its_own_or_in_the_place_of_the_booking(bank: ACHRelationship) -> None:
    went_through()
    back: dict[str, Any] = {"status": states.RETURNED, "settled_at": at(FRIDAY), "ended_at": at(TUESDAY)}
    by_row, in_place = make.transfer(bank, "30.00", **back), make.transfer(bank, "5.00", **back)
    make.transfer(bank, "70.00", **(back | {"settled_at": None}))
    cash(bank, "30.00", on=FRIDAY, transfer=by_row, role=BOOKED)
    cash(bank, "-30.00", on=TUESDAY, kind="CSD", transfer=by_row, role=BACK)
    cash(bank, "5.00", on=FRIDAY, transfer=in_place, role=BOOKED, status=CashActivity.CANCELED)

    deposits = way(close())

    assert deposits["transfers"]["returned"] == told(2, "-35.00")
    assert deposits["transfers"]["returned unsettled"] == told(1, "70.00")
    assert deposits["explained_by"]["taken back in its place"] == told(1, "5.00")
    assert (deposits["cash_booked"], deposits["unexplained"]) == ("-30.00", "0.00")


def test_every_cent_is_counted_once_however_odd_the_day(bank: ACHRelationship) -> None:
    """One of each, in amounts of which every sum tells its parts."""
    went_through()
    booked(bank, "0.01")
    booked(bank, "0.02", on=MONDAY)
    settled(bank, "0.04", settled_at=at(TUESDAY))
    booked(bank, "0.08", status=states.RETURNED, ended_at=at(TUESDAY))
    cash(bank, "0.16", on=TUESDAY)
    cash(bank, "0.32", on=TUESDAY, status=CashActivity.CORRECT)
    canceled = make.transfer(bank, "0.64", status=states.RETURNED, settled_at=None, ended_at=at(TUESDAY))
    cash(bank, "0.64", on=TUESDAY, transfer=canceled, role=BOOKED)

    deposits = way(close())

    parts = sum(Decimal(each["amount"]) for each in deposits["explained_by"].values())
    assert Decimal(deposits["difference"]) == parts + Decimal(deposits["unexplained"])
    assert deposits["unexplained"] == "0.16"
    assert deposits["cash"]["void"] == told(1, "0.32")


# --- Which day --------------------------------------------------------------------------------------------------------


def test_a_banking_day_ends_at_nine_and_the_week_end_is_mondays(bank: ACHRelationship) -> None:
    went_through()
    for moment in (at(FRIDAY, 20, 59), at(FRIDAY, 21), at(FRIDAY + timedelta(days=1)), at(MONDAY, 20, 59)):
        settled(bank, "1.00", settled_at=moment)
    settled(bank, "1.00", settled_at=at(MONDAY, 21))
    for day in (FRIDAY, FRIDAY + timedelta(days=2), MONDAY, TUESDAY):
        cash(bank, "1.00", on=day)

    assert way(close(MONDAY))["transfers"]["settled"] == told(3, "3.00")
    assert way(close(MONDAY))["cash"]["booked"] == told(2, "2.00")
    assert daily_close.day_of(FRIDAY + timedelta(days=1)) == MONDAY


def test_what_is_heard_of_after_the_close_is_the_next_days(
    bank: ACHRelationship, clock: time_machine.Traveller
) -> None:
    went_through()
    clock.move_to(at(MONDAY, 22))
    went_through()
    row = cash(bank, "3.00", on=MONDAY)
    known = settled(bank, "16.00", settled_at=at(MONDAY))
    note(known, field="status", after=states.COMPLETE, actor="broker")
    cash(bank, "16.00", on=MONDAY, transfer=known, role=BOOKED)
    close(MONDAY)
    clock.move_to(at(TUESDAY, 22))
    went_through()
    late = settled(bank, "9.00", settled_at=at(MONDAY))
    note(late, field="status", after=states.COMPLETE, actor="broker")
    cash(bank, "9.00", on=MONDAY, transfer=late, role=BOOKED, seen_at=timezone.now())
    move(row, field="status", to=CashActivity.CANCELED, moves={row.status: {CashActivity.CANCELED}}, actor="broker")

    deposits = way(close())

    assert deposits["transfers"]["heard of late"] == told(1, "9.00")
    assert deposits["cash"]["booked"] == told(1, "9.00")
    assert deposits["cash"]["corrected since"] == told(1, "-3.00")
    assert (deposits["settled_less_returned"], deposits["cash_booked"]) == ("9.00", "6.00")
    assert deposits["unexplained"] == "0.00"


def test_the_days_that_want_closing(clock: time_machine.Traveller) -> None:
    assert daily_close.due_days(timezone.now()) == []
    went_through("cash", when=at(FRIDAY))
    assert daily_close.due_days(at(FRIDAY, 20)) == []
    assert daily_close.due_days(at(FRIDAY, 21)) == [FRIDAY]
    assert daily_close.due_days(at(TUESDAY, 22)) == [FRIDAY, MONDAY, TUESDAY]

    went_through()
    close(MONDAY)

    assert daily_close.due_days(at(TUESDAY, 22)) == [TUESDAY]
    assert daily_close.due_days(at(TUESDAY + timedelta(days=1), 21)) == [TUESDAY, date(2026, 3, 11)]


def test_what_is_due_is_closed_and_only_once(clock: time_machine.Traveller) -> None:
    went_through(when=at(FRIDAY))
    went_through()

    assert [row.day for row in daily_close.close_due(holder="worker 1")] == [FRIDAY, MONDAY, TUESDAY]
    assert daily_close.close_due(holder="worker 2") == []
    latest = daily_close.last()
    assert latest is not None
    assert (latest.day, latest.made_by) == (TUESDAY, "worker 1")


# --- The books it stands on -------------------------------------------------------------------------------------------


def test_a_book_that_was_not_gone_through_that_day_is_said(bank: ACHRelationship) -> None:
    went_through("transfers", "cash", "items", "relationships")
    went_through("accounts", when=at(MONDAY, 20))

    made = close()

    assert not made.explained
    assert close_statement.of(made).behind == ["People and accounts"]


def test_a_book_of_money_is_gone_through_before(ada: Customer, sandbox: Sandbox) -> None:
    went_through("items", "relationships", "accounts")

    made = close(daily_close.last_ended(timezone.now()))

    assert {run.area for run in ReconciliationRun.objects.filter(holder="a test").exclude(calls=0)} >= {"cash"}
    assert all(book["enough"] for book in made.figures["books"] if book["book"] in daily_close.OF_MONEY)


def test_a_vendor_that_is_away_holds_the_close_up_for_half_a_day(sandbox: Sandbox, db: None) -> None:
    with standing_still(sandbox, at(TUESDAY, 21, 5)) as clocks:
        customer_of(sandbox)
        for route in (LIST, "GET /broker/v1/accounts/activities"):
            fault(sandbox, "server_error", route, times=99)
        for _ in range(2):
            with pytest.raises(daily_close.NotCompared):
                close()
        assert not DailyClose.objects.exists()
        clocks.go_to(at(TUESDAY, 21) + daily_close.PATIENCE)

        made = close()

    assert not made.explained
    assert {"Transfers", "Cash"} <= set(close_statement.of(made).behind)


def customer_of(sandbox: Sandbox) -> None:
    customer = make.relationship(make.account(make.user()))
    make.transfer(customer)


def test_a_close_waits_for_a_process_that_goes_through_the_books(clock: time_machine.Traveller) -> None:
    with leases.held("reconcile transfers", holder="a run"), pytest.raises(daily_close.NotCompared) as why:
        close()

    assert "another process" in str(why.value)


def test_a_run_that_could_not_compare_all_does_not_count(bank: ACHRelationship) -> None:
    went_through("items", "relationships", uncompared=0)
    went_through("accounts", uncompared=2)
    went_through("transfers", "cash")

    [people] = [book for book in close().figures["books"] if book["book"] == "accounts"]

    assert (people["uncompared"], people["enough"]) == (2, False)


def test_a_run_through_one_account_or_one_that_died_does_not_count(bank: ACHRelationship) -> None:
    went_through("transfers", "cash", "items", "relationships")
    went_through("accounts", scope=f"account {bank.brokerage_account_id}")
    went_through("accounts", finished_at=None)

    assert close_statement.of(close()).behind == ["People and accounts"]


def test_a_run_that_began_before_the_days_end_explains_no_day(bank: ACHRelationship) -> None:
    """Carried on and finished after it: what it compared first, it compared too early."""
    went_through("items", "relationships", "accounts")
    ended = at(TUESDAY, 21)
    for area in daily_close.OF_MONEY:
        went_through(area, when=ended - timedelta(minutes=1), finished_at=ended + timedelta(minutes=30))

    made = daily_close.statement(daily_close.period_of(TUESDAY))

    assert not made["explained"]
    told_of = {book["book"]: book["enough"] for book in made["figures"]["books"]}
    assert told_of == dict.fromkeys(break_kinds.AREAS, True) | dict.fromkeys(daily_close.OF_MONEY, False)

    for area in daily_close.OF_MONEY:
        went_through(area, when=ended)
    assert daily_close.statement(daily_close.period_of(TUESDAY))["explained"]


@pytest.mark.parametrize("area", daily_close.OF_MONEY)
def test_one_that_was_left_before_the_days_end_is_carried_on_and_another_begun_before_the_close(
    sandbox: Sandbox, db: None, area: str
) -> None:
    with standing_still(sandbox, at(TUESDAY, 20, 50)) as clocks:
        went_through("items", "relationships", "accounts")
        open_customer(sandbox).move("5.00")
        left = ReconciliationRun.objects.create(
            area=area, scope="due" if area == "transfers" else "", holder="killed", began_at=timezone.now()
        )
        clocks.go_to(at(TUESDAY, 21, 5))

        with pytest.raises(daily_close.NotCompared, match=f"^{area}: not gone through since the day's end yet$"):
            close()
        left.refresh_from_db()
        assert left.finished_at
        assert not DailyClose.objects.exists()

        made = close()

    assert made.explained
    began = {book["book"]: datetime.fromisoformat(book["began_at"]) for book in made.figures["books"]}
    assert all(began[book] >= at(TUESDAY, 21) for book in daily_close.OF_MONEY)


def test_a_close_that_may_wait_no_longer_says_that_it_stands_on_runs_from_before_the_days_end(
    sandbox: Sandbox, db: None
) -> None:
    with standing_still(sandbox, at(TUESDAY, 20, 50)) as clocks:
        went_through("items", "relationships", "accounts", "transfers", "cash")
        open_customer(sandbox).move("5.00")
        clocks.go_to(at(TUESDAY, 21) + daily_close.PATIENCE)
        for route in (LIST, "GET /broker/v1/accounts/activities"):
            fault(sandbox, "server_error", route, times=None)

        made = close()

    assert not made.explained
    assert {"Transfers", "Cash"} <= set(close_statement.of(made).behind)


def test_a_turn_that_is_over_writes_no_close_on_what_it_left_out(sandbox: Sandbox, db: None) -> None:
    with standing_still(sandbox, at(TUESDAY, 20)) as clocks:
        went_through()
        open_customer(sandbox).move("5.00")
        clocks.go_to(at(TUESDAY, 21) + daily_close.PATIENCE)
        wanted = iter([True])  # before the day is begun, and not within it

        with stopping.turn(lambda: next(wanted, False)):
            assert daily_close.close_due(holder="a test") == []

        assert not DailyClose.objects.exists()
        assert [row.day for row in daily_close.close_due(holder="a test")] == [TUESDAY]


def test_a_broker_that_is_away_is_not_asked_for_each_day_anew(sandbox: Sandbox, db: None) -> None:
    with standing_still(sandbox, at(TUESDAY, 20)) as clocks:
        went_through()
        open_customer(sandbox).move("5.00")
        clocks.go_to(at(TUESDAY + timedelta(days=9), 23))
        fault(sandbox, "server_error", "GET /broker/v1/**", times=None)

        made = daily_close.close_due(holder="a test")

        assert len(made) == 7  # but for the last two, which may wait
        assert not any(each.explained for each in made)
        assert sandbox.get("/control/faults")[0]["fired"] <= asking.AWAY_AFTER + 2


# --- Once -------------------------------------------------------------------------------------------------------------


def test_a_close_is_never_written_again(bank: ACHRelationship) -> None:
    went_through()
    made = close()
    unexplained(cash(bank, "5.00", on=TUESDAY))

    again = close()

    assert again == made
    assert (again.explained, again.digest) == (True, made.digest)


def test_the_digest_is_of_what_is_downloaded(bank: ACHRelationship) -> None:
    went_through()
    unexplained(cash(bank, "5.00", on=TUESDAY), what="cash for Zoë’s account")
    made = DailyClose.objects.get(pk=close().pk)

    text = json.dumps(close_statement.as_told(made), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert hashlib.sha256(text.encode()).hexdigest() == made.digest
    made.figures["ways"][states.INCOMING]["unexplained"] = "0.00"
    changed = daily_close.digest(
        day=made.day, explained=made.explained, figures=made.figures, differences=made.differences
    )
    assert changed != made.digest


# --- The command ------------------------------------------------------------------------------------------------------


def run(*words: str) -> tuple[int, str]:
    out, code = StringIO(), 0
    try:
        call_command("close_day", *words, stdout=out, stderr=out)
    except SystemExit as end:
        code = int(str(end.code))
    return code, out.getvalue()


def test_the_command_says_whether_all_is_explained(bank: ACHRelationship) -> None:
    went_through()
    booked(bank)

    code, said = run()

    assert code == 0
    assert "Close of 2026-03-10: explained" in said
    assert "Settled, deposits: 1 $250.00" in said
    assert (run("--date", "2026-03-10"), DailyClose.objects.count()) == ((0, said), 1)


def test_the_command_says_what_is_not(bank: ACHRelationship) -> None:
    went_through()
    found = unexplained(cash(bank, "19.99", on=TUESDAY))

    code, said = run("--json")

    made = json.loads(said)
    assert (code, made["explained"], made["digest"]) == (1, False, DailyClose.objects.get().digest)
    assert made["differences"][0]["id"] == str(found.pk)
    assert f"(break {found.pk})" in run()[1]


def test_the_command_asks_to_be_tried_again(clock: time_machine.Traveller) -> None:
    with leases.held("reconcile cash", holder="a run"):
        code, said = run()

    assert (code, DailyClose.objects.count()) == (75, 0)
    assert "Try again" in said


@pytest.mark.parametrize("day", ["2026-03-11", "2026-03-14", "9999-01-01"])
def test_a_day_that_is_not_over_is_wrong_usage(clock: time_machine.Traveller, day: str) -> None:
    with pytest.raises(CommandError) as refusal:
        run("--date", day)

    assert refusal.value.returncode == 2


# --- Many -------------------------------------------------------------------------------------------------------------


def test_more_transfers_take_no_more_queries(bank: ACHRelationship) -> None:
    def queries(day: date) -> int:
        with CaptureQueriesContext(connection) as captured:
            close(day)
        return len(captured)

    went_through()
    booked(bank)
    first = queries(MONDAY)
    for number in range(30):
        booked(bank, f"{number + 1}.00")
        with suppress(IndexError):
            unexplained(cash(bank, f"{number + 1}.00", on=TUESDAY))
    remove(DailyClose.objects.all())

    assert queries(TUESDAY) <= first + 2  # where something hangs on breaks, they are looked for; and breaks are read
