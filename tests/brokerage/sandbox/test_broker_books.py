"""What the broker tells of its books: activities, the trading account, history, and the exchange's calendar."""

import pytest

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.test_events import ACCOUNTS, START, events, now

ACTIVITIES = "v2beta1/events/activities"


def settled(bench: Bench, account: str, relationship: str, amount: str = "80.00") -> str:
    transfer_id: str = bench.transfer(account, relationship, amount).json()["id"]
    bench.control(f"transfers/{transfer_id}", action="settle")
    return transfer_id


def test_a_return_may_be_a_mark_on_the_old_row(bench: Bench, account: str, relationship: str) -> None:
    bench.control("settings", return_row_form="correct")
    transfer_id = settled(bench, account, relationship)
    before = bench.activities(account)

    bench.control(f"transfers/{transfer_id}", action="return", code="R01")

    assert [(row["net_amount"], row["status"]) for row in before] == [("80", "executed")]
    assert [(row["net_amount"], row["status"]) for row in bench.activities(account)] == [("80", "correct")]
    assert bench.trading_account(account)["cash"] == "0"


def test_a_transfer_may_be_dated_earlier_with_its_cash(bench: Bench, account: str, relationship: str) -> None:
    transfer_id = settled(bench, account, relationship)
    bench.control(f"transfers/{transfer_id}", action="return", code="R01")

    dates = {"created_at": "2026-02-02T15:00:00Z", "settled_at": "2026-02-05T14:00:00Z"}
    bench.control(f"transfers/{transfer_id}/dates", **dates, returned_at="2026-02-09T14:00:00Z")

    rows = bench.activities(account, direction="asc")
    assert [(row["net_amount"], row["date"]) for row in rows] == [("80", "2026-02-05"), ("-80", "2026-02-09")]
    listed = bench.broker("GET", f"v1/accounts/{account}/transfers").json()
    assert listed[0]["created_at"] == "2026-02-02T15:00:00.000000Z"


def test_a_transfer_is_not_dated_in_the_future(bench: Bench, account: str, relationship: str) -> None:
    path = f"{bench.url}/control/transfers/{settled(bench, account, relationship)}/dates"

    answer = bench.session.post(path, json={"settled_at": "2999-01-01"}, timeout=5)

    assert (answer.status_code, answer.json()) == (400, {"error": "settled_at must not be in the future"})


def test_a_days_activities_come_all_at_once(bench: Bench, account: str) -> None:
    for cents in range(1, 103):
        bench.control("balances", account_id=account, amount=str(cents))
    day = bench.state()["clock"]["now"][:10]

    assert len(bench.activities(account)) == 100
    assert len(bench.activities(account, date=day)) == 102
    assert len(bench.activities(account, date=day, page_size="101")) == 101


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"page_size": "101"}, 422),
        ({"page_size": "0"}, 422),
        ({"page_token": "nobody"}, 422),
        ({"direction": "up"}, 400),
        ({"category": "gossip"}, 400),
        ({"category": "trade_activity", "activity_types": "CSD"}, 400),
        ({"activity_types": "CSD,XXX"}, 400),
        ({"date": "2026-01-01", "until": "2026-01-02"}, 400),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(bench: Bench, query: dict[str, str], status: int) -> None:
    answer = bench.broker("GET", "v1/accounts/activities", params=query)

    assert answer.status_code == status


def test_nothing_was_ever_traded(bench: Bench, account: str, relationship: str) -> None:
    settled(bench, account, relationship)

    assert bench.activities(account, category="trade_activity") == []
    assert bench.activities(account, order_id=account) == []
    assert len(bench.activities(account, category="non_trade_activity")) == 1
    assert bench.broker("GET", "v1/accounts/activities/CSW").json() == []


def test_the_activity_stream_links_a_return_to_what_it_takes_back(
    bench: Bench, account: str, relationship: str
) -> None:
    transfer_id = settled(bench, account, relationship)
    withdrawal = bench.transfer(account, relationship, "30.00", "OUTGOING").json()["id"]
    bench.control(f"transfers/{withdrawal}", action="settle")
    bench.control(f"transfers/{transfer_id}", action="return", code="R01")

    told = events(bench, ACTIVITIES, since_id=START, until_id=now(bench))

    assert [(event["activity_type"], event["net_amount"]) for event in told] == [
        ("CSD", "80"), ("CSW", "-30"), ("CSD", "-80"),
    ]  # fmt: skip
    assert told[1]["details"]["bank_transaction_id"] == withdrawal
    assert told[2]["previous_id"] == told[0]["ref_id"]
    assert [row["id"].split("::")[1] for row in bench.activities(account, direction="asc")] == [
        event["ref_id"] for event in told
    ]


def test_the_activity_stream_begins_and_ends_by_the_time(bench: Bench, account: str) -> None:
    for amount in ("1", "2", "3"):
        bench.control("balances", account_id=account, amount=amount)
        bench.pass_time(60)
    second = bench.activities(account, direction="asc")[1]["created_at"]

    told = events(bench, ACTIVITIES, since=second, until=second)

    assert [event["at"] for event in told] == [second]


def test_one_activity_is_read_again(bench: Bench, account: str, relationship: str) -> None:
    settled(bench, account, relationship)
    told = events(bench, ACTIVITIES, since_id=START, until_id=now(bench))[0]
    address = f"v2beta1/accounts/{account}/events/activities/{told['event_id']}"

    assert events(bench, address) == [told]
    elsewhere = address.replace(account, bench.open_account())
    assert bench.broker("GET", elsewhere).status_code == 404


def test_old_streams_come_and_go_by_switch(bench: Bench, account: str, relationship: str) -> None:
    bench.control("settings", legacy_activity_stream=False, legacy_transfer_stream=True)
    settled(bench, account, relationship)

    told = events(bench, "v1/events/transfers/status", since_ulid=START, until_ulid=now(bench))

    assert bench.broker("GET", "v1/events/nta").status_code == 410
    assert [event["status_from"] for event in told] == ["", "QUEUED", "SENT_TO_CLEARING"]


def test_a_block_is_told_without_a_status(bench: Bench, account: str) -> None:
    bench.control(f"accounts/{account}", flags={"account_blocked": True, "outgoing_transfers_blocked": True})

    told = events(bench, ACCOUNTS, since_ulid=START, until_ulid=now(bench))[-1]

    assert "status_to" not in told
    assert told["account_blocked"] is True
    assert told["admin_configurations"] == {"outgoing_transfers_blocked": True}


def test_a_group_can_be_followed_on_its_own(bench: Bench, account: str) -> None:
    for amount in ("1", "2"):
        bench.control("balances", account_id=account, amount=amount)
    group = bench.activities(account)[0]["group_id"]

    told = events(bench, "v1/events/nta", since_ulid=START, until_ulid=now(bench), group_id=group)

    assert [event["group_id"] for event in told] == [group]


def test_yesterdays_money_is_the_last_equity(bench: Bench, account: str) -> None:
    bench.control("balances", account_id=account, amount="10.00")
    today = bench.trading_account(account)["last_equity"]
    bench.pass_time(86_400)

    shown = bench.trading_account(account)

    assert today == "0"
    assert (shown["last_equity"], shown["last_cash"]) == ("10", "10")
    assert bench.broker("GET", f"v1/accounts/{account}").json()["last_equity"] == "10"


def test_history_adds_up_to_the_ledger(bench: Bench) -> None:
    bench.control("clock", now="2026-11-23T15:00:00Z")
    account = bench.open_account()
    bench.control("balances", account_id=account, amount="10.00")
    bench.pass_time(2 * 86_400)
    bench.control("balances", account_id=account, amount="4.00")
    bench.control("clock", now="2026-11-30T22:00:00Z")
    path = f"v1/trading/accounts/{account}/account/portfolio/history"

    days = bench.broker("GET", path, params={"period": "2W", "timeframe": "1D", "cashflow_types": "ALL"}).json()
    until = bench.broker("GET", path, params={"period": "1D", "date_end": "2026-11-25", "timeframe": "1H"}).json()

    assert days["equity"][-5:] == [10.0, 10.0, 4.0, 4.0, 4.0]
    assert days["cashflow"]["CSD"][-5:] == [10.0, 0, 0, 0, 0]
    assert days["cashflow"]["CSW"][-5:] == [0, 0, -6.0, 0, 0]
    assert set(days["profit_loss"]) == {0.0}
    assert len(until["timestamp"]) == len(until["equity"]) == 7
    assert (until["base_value"], until["equity"][-1]) == (10.0, 4.0)


@pytest.mark.parametrize(
    ("query", "points", "timeframe"),
    [
        ({"period": "1D"}, 391, "1Min"),
        ({"period": "1D", "timeframe": "15Min"}, 27, "15Min"),
        ({"period": "1D", "timeframe": "1H", "intraday_reporting": "extended_hours"}, 17, "1H"),
        ({"period": "1D", "timeframe": "1H", "extended_hours": "true"}, 17, "1H"),
        ({"period": "1W"}, 4 * 27 - 12, "15Min"),  # one of its four days ends at one o'clock
        ({"start": "2026-11-23T00:00:00-05:00", "end": "2026-11-24T23:00:00-05:00", "timeframe": "1D"}, 2, "1D"),
        ({"start": "2026-11-24T12:00:00-05:00", "end": "2026-11-24T12:00:00-05:00", "timeframe": "5Min"}, 31, "5Min"),
    ],
)
def test_history_has_the_points_that_were_asked_for(
    bench: Bench, account: str, query: dict[str, str], points: int, timeframe: str
) -> None:
    bench.control("clock", now="2026-12-01T02:00:00Z")

    shown = bench.broker("GET", f"v1/trading/accounts/{account}/account/portfolio/history", params=query).json()

    assert (len(shown["timestamp"]), shown["timeframe"]) == (points, timeframe)


@pytest.mark.parametrize(
    "query",
    [
        {"start": "2026-01-01", "end": "2026-01-02", "period": "1D"},
        {"period": "1X"},
        {"period": "3M", "timeframe": "1H"},
        {"start": "2026-03-01", "end": "2026-01-02"},
    ],
)
def test_history_of_no_time_is_refused(bench: Bench, account: str, query: dict[str, str]) -> None:
    answer = bench.broker("GET", f"v1/trading/accounts/{account}/account/portfolio/history", params=query)

    assert answer.status_code == 422


def test_the_calendar_knows_short_days_and_when_trades_settle(bench: Bench) -> None:
    days = bench.broker("GET", "v1/calendar", params={"start": "2026-11-25", "end": "2026-11-30"}).json()
    settling = bench.broker(
        "GET", "v1/calendar", params={"start": "2026-11-30", "end": "2026-11-30", "date_type": "SETTLEMENT"}
    ).json()

    assert [(day["date"], day["close"], day["settlement_date"]) for day in days] == [
        ("2026-11-25", "16:00", "2026-11-27"),
        ("2026-11-27", "13:00", "2026-11-30"),
        ("2026-11-30", "16:00", "2026-12-01"),
    ]
    assert [day["date"] for day in settling] == ["2026-11-27"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("v1/clock", 200),
        ("v1/accounts/nobody", 401),
        ("v1/journals", 404),
        ("v1/events/transfers/status", 410),
        ("v2/events/funding/status?until_id=1", 400),
        ("v1/events/nta?since=2020-01-01&until=2020-01-01", 200),
    ],
)
def test_every_answer_has_a_name_and_says_how_many_may_follow(bench: Bench, path: str, status: int) -> None:
    answer = bench.broker("GET", path)

    assert answer.status_code == status
    assert {"X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= set(answer.headers)


def test_even_a_body_that_is_too_large_is_told_so_by_name(bench: Bench) -> None:
    answer = bench.broker("POST", "v1/accounts", headers={"Content-Length": str(10**9)}, data=b"")

    assert answer.status_code == 413
    assert {"X-Request-Id", "X-RateLimit-Remaining"} <= set(answer.headers)
