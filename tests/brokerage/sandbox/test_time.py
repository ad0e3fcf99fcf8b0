"""The sandbox's own time: what it dates, what it decides by it, and how it passes."""

import threading
from datetime import date, datetime, time

import pytest
import requests

from brokerage.sandbox import banking, market
from brokerage.sandbox.clock import NEW_YORK
from tests.brokerage.sandbox.bench import Bench, application


def test_an_applicant_comes_of_age_by_the_sandboxs_clock(bench: Bench) -> None:
    bench.control("clock", now="2031-03-01T17:00:00Z")
    form = application(date_of_birth="2013-03-02")

    the_day_before = bench.broker("POST", "v1/accounts", json=form)
    bench.pass_time(86_400)
    on_the_birthday = bench.broker("POST", "v1/accounts", json=form)

    assert the_day_before.json() == {"code": 42210000, "message": "date_of_birth is invalid"}
    assert on_the_birthday.status_code == 200


def test_a_clock_that_is_frozen_stands_still_until_it_is_stepped(bench: Bench) -> None:
    bench.open_account(active=False)
    start = now(bench)

    bench.control("clock", step=True)
    first = now(bench)
    bench.control("clock", step=True)

    assert (first - start).total_seconds() == 1
    assert [account["status"] for account in bench.state()["accounts"]] == ["ACTIVE"]


def test_a_step_without_anything_due_goes_nowhere(bench: Bench) -> None:
    before = now(bench)

    bench.control("clock", step=True)

    assert now(bench) == before


def test_a_fast_clock_moves_things_by_itself(bench: Bench) -> None:
    """A sandbox day is a real millisecond here, and nobody asks while it passes."""
    account_id = bench.open_account(active=False)
    told = threading.Event()

    def listen() -> None:
        query = {"since_ulid": "0" * 26, "id": account_id}
        url = f"{bench.url}/broker/v1/events/accounts/status"
        with requests.get(url, params=query, auth=("a", "b"), stream=True, timeout=5) as answer:
            next(line for line in answer.iter_lines() if b'"status_to":"ACTIVE"' in line)
            told.set()

    threading.Thread(target=listen, daemon=True).start()
    bench.control("clock", freeze=False, speed=86_400_000)

    assert told.wait(5)


def test_speed_changes_the_pace_and_not_the_time(bench: Bench) -> None:
    before = now(bench)

    bench.control("clock", speed=1000)
    still_frozen = now(bench)
    bench.control("clock", freeze=False)
    bench.control("clock", freeze=True, speed=1)

    assert still_frozen == before
    assert before < now(bench)


@pytest.mark.parametrize("speed", [0, -1, "fast", "inf", "nan"])
def test_a_speed_that_makes_no_sense_is_refused(bench: Bench, speed: object) -> None:
    assert bench.session.post(f"{bench.url}/control/clock", json={"speed": speed}, timeout=5).status_code == 400


# --- Banking days -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "open_for"),
    [
        ("2026-01-01", ""),  # New Year's Day
        ("2026-01-19", ""),  # Martin Luther King
        ("2026-04-03", "banks"),  # Good Friday
        ("2026-05-25", ""),  # Memorial Day
        ("2026-06-19", ""),  # Juneteenth
        ("2026-07-03", "banks"),  # Independence Day on a Saturday: the exchange keeps the Friday, banks keep nothing
        ("2026-10-12", "exchange"),  # Columbus Day
        ("2026-11-11", "exchange"),  # Veterans Day
        ("2026-11-26", ""),  # Thanksgiving
        ("2026-12-25", ""),  # Christmas
        ("2027-07-05", ""),  # Independence Day on a Sunday: both keep the Monday
        ("2027-12-31", "both"),  # the next New Year's Day is a Saturday: nobody keeps the Friday
        ("2028-01-03", "both"),
        ("2026-09-12", ""),  # a Saturday
        ("2026-09-14", "both"),
    ],
)
def test_banks_and_exchange_keep_their_own_holidays(day: str, open_for: str) -> None:
    who = {(True, True): "both", (True, False): "banks", (False, True): "exchange", (False, False): ""}

    open_ = (banking.is_banking_day(date.fromisoformat(day)), market.is_trading_day(date.fromisoformat(day)))

    assert who[open_] == open_for


def test_the_exchange_closes_early_on_eves() -> None:
    every_day = market.sessions(date(2024, 1, 1), date(2025, 12, 31))

    early = [each.day.isoformat() for each in every_day if each.closes_at.time() == time(13)]

    assert early == ["2024-07-03", "2024-11-29", "2024-12-24", "2025-07-03", "2025-11-28", "2025-12-24"]


def test_trades_settle_when_exchange_and_banks_are_open() -> None:
    before_columbus_day = market.session(date(2026, 10, 9))

    assert before_columbus_day.settles_on == date(2026, 10, 13)


def test_the_exchange_says_when_it_opens_next() -> None:
    thanksgiving_eve = datetime(2026, 11, 25, 16, 0, tzinfo=NEW_YORK).timestamp()

    assert not market.is_open(thanksgiving_eve)
    assert market.next_open(thanksgiving_eve).isoformat() == "2026-11-27T09:30:00-05:00"
    assert market.next_close(thanksgiving_eve).isoformat() == "2026-11-27T13:00:00-05:00"


# --- ACH in the realistic profile -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked_at", "sent_at", "complete_at"),
    [
        ("2026-09-08T13:59:59-04:00", "2026-09-08T14:00:00-04:00", "2026-09-10T08:30:00-04:00"),
        ("2026-09-08T14:00:00-04:00", "2026-09-09T14:00:00-04:00", "2026-09-11T08:30:00-04:00"),  # too late for today
        ("2026-09-11T15:00:00-04:00", "2026-09-14T14:00:00-04:00", "2026-09-16T08:30:00-04:00"),  # Friday afternoon
        ("2026-10-09T10:00:00-04:00", "2026-10-09T14:00:00-04:00", "2026-10-14T08:30:00-04:00"),  # over Columbus Day
        ("2026-10-30T10:00:00-04:00", "2026-10-30T14:00:00-04:00", "2026-11-03T08:30:00-05:00"),  # clocks go back
    ],
)
def test_a_transfer_goes_with_the_days_batch_and_settles_on_banking_days(
    bench: Bench, asked_at: str, sent_at: str, complete_at: str
) -> None:
    account_id, relationship_id = realistic_customer(bench)
    bench.control("clock", now=asked_at)
    bench.transfer(account_id, relationship_id, "5.00")

    moves = [step(bench), step(bench)]

    assert moves == [(moment(sent_at), "SENT_TO_CLEARING"), (moment(complete_at), "COMPLETE")]


def test_cut_off_and_settlement_are_settings(bench: Bench) -> None:
    account_id, relationship_id = realistic_customer(bench)
    bench.control("settings", cut_off="17:00", ach_settlement_days=1, ach_settles_at="06:00")
    bench.control("clock", now="2026-09-08T16:00:00-04:00")
    bench.transfer(account_id, relationship_id, "5.00")

    moves = [step(bench), step(bench)]

    assert moves == [
        (moment("2026-09-08T17:00:00-04:00"), "SENT_TO_CLEARING"),
        (moment("2026-09-09T06:00:00-04:00"), "COMPLETE"),
    ]


def test_the_live_sandboxs_minutes_on_trading_days_are_a_switch(bench: Bench) -> None:
    account_id, relationship_id = realistic_customer(bench)
    bench.control("settings", ach_timing="trading_minutes")
    bench.control("clock", now="2026-07-02T23:58:00-04:00")  # the exchange keeps the third, then comes the weekend
    bench.transfer(account_id, relationship_id, "5.00")

    moves = [step(bench), step(bench)]

    assert moves == [
        (moment("2026-07-06T00:03:00-04:00"), "SENT_TO_CLEARING"),
        (moment("2026-07-06T00:28:00-04:00"), "COMPLETE"),
    ]


@pytest.mark.parametrize(
    "setting", [{"ach_timing": "soon"}, {"cut_off": "late"}, {"emit_events": 1}, {"ach_settlement_days": "two"}]
)
def test_a_setting_that_makes_no_sense_is_refused_and_changes_nothing(bench: Bench, setting: dict[str, object]) -> None:
    before = bench.state()["settings"]

    answer = bench.session.post(f"{bench.url}/control/settings", json={"max_streams": 3, **setting}, timeout=5)

    assert answer.status_code == 400
    assert bench.state()["settings"] == before


def realistic_customer(bench: Bench) -> tuple[str, str]:
    account_id = bench.open_account()
    relationship_id = bench.link(account_id)
    bench.control("settings", profile="realistic")
    return account_id, relationship_id


def step(bench: Bench) -> tuple[datetime, str]:
    """What the only transfer becomes next, and when."""
    bench.control("clock", step=True)
    state = bench.state()
    return moment(state["clock"]["now"]), state["transfers"][0]["status"]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def now(bench: Bench) -> datetime:
    return moment(bench.state()["clock"]["now"])
