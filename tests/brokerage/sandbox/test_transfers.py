"""Money in and out: limits, statuses, and books that balance whatever happens."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from tests.brokerage.sandbox.bench import Bench, application, transfer_of


def test_a_deposit_goes_by_clearing_to_complete(bench: Bench, account: str, relationship: str) -> None:
    sent = bench.transfer(account, relationship, "250.00").json()
    seen = [sent["status"]]
    for seconds in (4, 6):
        bench.pass_time(seconds)
        seen.append(bench.transfers(account)[0]["status"])

    assert seen == ["QUEUED", "SENT_TO_CLEARING", "COMPLETE"]
    assert sent["amount"] == "250.00"
    assert [row["net_amount"] for row in bench.activities(account)] == ["250"]
    assert bench.trading_account(account)["cash"] == "250"


def test_a_transfer_waits_for_its_relationship(bench: Bench, account: str) -> None:
    bench.control("settings", profile="manual")
    relationship_id = bench.link(account, approved=False)
    bench.transfer(account, relationship_id, "10.00")
    bench.control("settings", profile="fast")
    bench.control(f"relationships/{relationship_id}", status="PENDING")

    bench.pass_time(3600)
    waiting = bench.transfers(account)[0]["status"]
    bench.control(f"relationships/{relationship_id}", status="APPROVED")
    bench.pass_time(10)

    assert waiting == "QUEUED"
    assert bench.transfers(account)[0]["status"] == "COMPLETE"


def test_a_transfer_nobody_sends_expires(bench: Bench, account: str) -> None:
    relationship_id = bench.link(account, approved=False)
    bench.transfer(account, relationship_id, "10.00")
    bench.control(f"relationships/{relationship_id}", status="PENDING")

    bench.pass_time(8 * 86_400)

    assert bench.transfers(account)[0]["status"] == "EXPIRED"


def test_a_transfer_is_canceled_only_while_it_is_queued(bench: Bench, account: str, relationship: str) -> None:
    first, second = (bench.transfer(account, relationship, "5.00").json()["id"] for _ in range(2))
    early = bench.broker("DELETE", f"v1/accounts/{account}/transfers/{first}")
    bench.pass_time(4)
    late = bench.broker("DELETE", f"v1/accounts/{account}/transfers/{second}")
    unknown = bench.broker("DELETE", f"v1/accounts/{account}/transfers/{account}")

    assert (early.status_code, early.content) == (200, b"")
    assert (late.status_code, late.json()["message"]) == (422, "transfer is not cancelable")
    assert unknown.status_code == 404
    assert {row["id"]: row["status"] for row in bench.transfers(account)}[first] == "CANCELED"


def test_a_returned_deposit_is_booked_back_once(bench: Bench, account: str, relationship: str) -> None:
    transfer_id = bench.transfer(account, relationship, "80.00").json()["id"]
    bench.pass_time(10)

    for _ in range(2):
        returned = bench.control(f"transfers/{transfer_id}", action="return", code="R01")

    assert (returned["status"], returned["reason"]) == ("RETURNED", "R01 - Insufficient Funds")
    assert [row["net_amount"] for row in bench.activities(account, direction="asc")] == ["80", "-80"]
    restricted = bench.trading_account(account)["admin_configurations"]["restrict_to_liquidation_reasons"]
    assert restricted["ach_return"] is True


def test_a_transfer_that_never_settled_is_returned_without_a_booking(
    bench: Bench, account: str, relationship: str
) -> None:
    transfer_id = bench.transfer(account, relationship, "80.00").json()["id"]

    bench.control(f"transfers/{transfer_id}", action="return", code="R03")

    assert bench.activities(account) == []


def test_money_on_its_way_out_cannot_be_asked_for_again(bench: Bench, account: str, relationship: str) -> None:
    bench.control("balances", account_id=account, amount="100.00")
    first = bench.transfer(account, relationship, "60.00", "OUTGOING")

    second = bench.transfer(account, relationship, "60.00", "OUTGOING")

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (403, 40310000)
    shown = bench.trading_account(account)
    assert (shown["cash"], shown["cash_withdrawable"], shown["pending_transfer_out"]) == ("100", "40", "60")


def test_a_refused_withdrawal_gives_its_money_back(bench: Bench, account: str, relationship: str) -> None:
    bench.control("balances", account_id=account, amount="100.00")
    transfer_id = bench.transfer(account, relationship, "60.00", "OUTGOING").json()["id"]

    bench.control(f"transfers/{transfer_id}", action="reject")

    assert bench.trading_account(account)["cash_withdrawable"] == "100"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"amount": "0"}, "amount must be greater than 0.00"),
        ({"amount": "-1"}, "amount must be greater than 0.00"),
        ({"amount": "nan"}, "amount is invalid"),
        ({"amount": "ten"}, "amount is invalid"),
        ({"amount": "1.001"}, "amount must not have more than 2 decimal places"),
        ({"direction": "SIDEWAYS"}, "direction must be either incoming or outgoing"),
        ({"transfer_type": "carrier pigeon"}, "transfer_type must be either ach or wire"),
        ({"relationship_id": "nobody"}, "invalid relationship_id"),
        ({"bank_id": "a"}, "bank_id should be empty for ach transfer"),
        ({"transfer_type": "wire"}, "cannot submit incoming wire transfer using this API"),
        (
            {"additional_information": "a"},
            "only wire transfer type can provide additional information for the transfer",
        ),
    ],
)
def test_a_bad_transfer_is_told_why(
    bench: Bench, account: str, relationship: str, change: dict[str, str], message: str
) -> None:
    body = {"transfer_type": "ach", "relationship_id": relationship, "amount": "1.00", "direction": "INCOMING"}

    answer = bench.broker("POST", f"v1/accounts/{account}/transfers", json={**body, **change})

    assert (answer.status_code, answer.json()["message"]) == (422, message)


def test_an_account_that_is_not_active_moves_no_money(bench: Bench) -> None:
    account_id = bench.open_account(active=False)
    relationship_id = bench.link(account_id)

    answer = bench.transfer(account_id, relationship_id, "1.00")

    assert answer.json() == {"code": 40310000, "message": "deposits are not permitted for this account"}


def test_a_day_takes_fifty_thousand_dollars_each_way(bench: Bench, account: str, relationship: str) -> None:
    bench.transfer(account, relationship, "49999.99")

    refused = bench.transfer(account, relationship, "0.02")
    taken = bench.transfer(account, relationship, "0.01")
    bench.pass_time(86_400)
    next_day = bench.transfer(account, relationship, "1.00")

    assert refused.json() == {"code": 40010001, "message": "maximum total daily transfer allowed is $50000"}
    assert (taken.status_code, next_day.status_code) == (200, 200)


def test_the_realistic_bank_takes_one_transfer_a_day_each_way(bench: Bench, account: str, relationship: str) -> None:
    bench.control("settings", profile="realistic")
    bench.control("balances", account_id=account, amount="100.00")

    first = bench.transfer(account, relationship, "1.00")
    second = bench.transfer(account, relationship, "1.00")
    other_way = bench.transfer(account, relationship, "1.00", "OUTGOING")

    assert (first.status_code, second.status_code, other_way.status_code) == (200, 422, 200)
    assert second.json()["code"] == 42210000
    assert "1 per trading day in each direction" in second.json()["message"]


def test_the_realistic_bank_rests_at_weekends(bench: Bench) -> None:
    bench.control("settings", profile="realistic", ach_timing="trading_minutes")
    bench.control("clock", now="2026-09-12T15:00:00Z")  # a Saturday
    account_id = bench.open_account()
    bench.transfer(account_id, bench.link(account_id), "1.00")

    bench.control("clock", now="2026-09-14T03:59:00Z")
    sunday = bench.transfers(account_id)[0]["status"]
    bench.control("clock", now="2026-09-14T04:31:00Z")

    assert sunday == "QUEUED"
    assert bench.transfers(account_id)[0]["status"] == "COMPLETE"


def test_nothing_moves_by_itself_in_the_manual_profile(bench: Bench, account: str, relationship: str) -> None:
    bench.control("settings", profile="manual")
    transfer_id = bench.transfer(account, relationship, "1.00").json()["id"]

    bench.pass_time(30 * 86_400)
    untouched = bench.transfers(account)[0]["status"]
    bench.control(f"transfers/{transfer_id}", action="settle")

    assert untouched == "QUEUED"
    assert bench.transfers(account)[0]["status"] == "COMPLETE"


def test_the_list_is_paged_and_ends(bench: Bench, account: str, relationship: str) -> None:
    made = []
    for _ in range(5):
        made.append(bench.transfer(account, relationship, "1.00").json()["id"])
        bench.pass_time(1)

    pages = [bench.transfers(account, limit=2, offset=offset) for offset in (0, 2, 4, 6)]

    assert [row["id"] for page in pages for row in page] == made[::-1]
    assert pages[-1] == []
    assert bench.transfers(account, direction="OUTGOING") == []


def test_fifty_transfers_at_once_are_fifty_transfers(bench: Bench, account: str, relationship: str) -> None:
    bench.control("balances", account_id=account, amount="20.00")
    bench.session.close()

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: bench.transfer(account, relationship, "1.00", "OUTGOING"), range(50)))

    assert sorted(answer.status_code for answer in answers) == [200] * 20 + [403] * 30
    bench.pass_time(60)
    shown = bench.trading_account(account)
    assert (shown["cash"], shown["pending_transfer_out"]) == ("0", "0")
    assert sum(Decimal(row["net_amount"]) for row in bench.activities(account)) == 0


def test_a_transfer_made_at_the_brokers_own_desk_is_listed(bench: Bench, account: str, relationship: str) -> None:
    made = bench.control(
        "transfers", account_id=account, relationship_id=relationship, direction="INCOMING", amount="7.00"
    )

    assert [row["id"] for row in bench.transfers(account)] == [made["id"]]


def test_activities_are_filtered_and_paged(bench: Bench, account: str, relationship: str) -> None:
    for amount in ("10", "20", "15"):
        bench.control("balances", account_id=account, amount=amount)
        bench.pass_time(60)

    first = bench.activities(account, page_size=2)
    rest = bench.activities(account, page_size=2, page_token=first[-1]["id"])
    end = bench.activities(account, page_size=2, page_token=rest[-1]["id"])

    assert [row["net_amount"] for row in first + rest + end] == ["-5", "10", "10"]
    assert [row["net_amount"] for row in bench.activities(account, activity_types="CSW")] == ["-5"]
    day = first[0]["created_at"][:10]
    assert len(bench.activities(account, date=day)) == 3
    assert bench.activities(account, until="2020-01-01") == []
    assert len(bench.activities(account, after=rest[0]["created_at"].replace("Z", "+00:00"))) == 2


@pytest.mark.parametrize(
    ("direction", "amount", "message"),
    [
        ("INCOMING", "4.99", "deposit amount must be greater than or equal to 5"),
        ("OUTGOING", "5.00", "withdrawal amount must be greater than 5"),
    ],
)
def test_too_little_is_refused(
    bench: Bench, account: str, relationship: str, direction: str, amount: str, message: str
) -> None:
    bench.control("settings", min_deposit="5", min_withdrawal="5")
    bench.control("balances", account_id=account, amount="100.00")

    assert bench.transfer(account, relationship, amount, direction).json()["message"] == message


def test_a_large_withdrawal_may_wait_for_a_person(bench: Bench, account: str, relationship: str) -> None:
    bench.control("settings", review_withdrawals_above="50")
    bench.control("balances", account_id=account, amount="100.00")

    sent = bench.transfer(account, relationship, "50.01", "OUTGOING").json()
    bench.pass_time(3600)
    canceled = bench.broker("DELETE", f"v1/accounts/{account}/transfers/{sent['id']}")

    assert sent["status"] == "APPROVAL_PENDING"
    assert canceled.status_code == 200
    assert bench.trading_account(account)["cash_withdrawable"] == "100"


def test_an_instant_deposit_can_be_traded_with_at_once(bench: Bench, account: str, relationship: str) -> None:
    bench.broker("PATCH", f"v1/accounts/{account}", json={"allow_instant_ach": True})

    sent = bench.transfer(account, relationship, "1500.00").json()
    shown = bench.trading_account(account)
    bench.pass_time(10)

    assert (sent["instant_amount"], sent["hold_until"] > sent["created_at"]) == ("1000.00", True)
    assert (shown["cash"], shown["buying_power"], shown["cash_withdrawable"]) == ("0", "1000", "0")
    assert bench.trading_account(account)["buying_power"] == "1500"


def test_a_deposit_may_be_held_back_from_withdrawal(bench: Bench, account: str, relationship: str) -> None:
    bench.control("settings", deposit_hold_days=3)
    transfer_id = bench.transfer(account, relationship, "80.00").json()["id"]
    bench.control(f"transfers/{transfer_id}", action="settle")

    held = bench.trading_account(account)
    bench.pass_time(3 * 86_400)

    assert (held["cash"], held["cash_withdrawable"]) == ("80", "0")
    assert bench.trading_account(account)["cash_withdrawable"] == "80"


def test_an_ira_says_what_for(bench: Bench, account: str) -> None:
    form = {"primary_account_holder_id": account, "account_type": "ira", "account_sub_type": "roth"}
    ira = bench.broker("POST", "v1/accounts", json={**form, "agreements": application()["agreements"]}).json()["id"]
    bench.control(f"accounts/{ira}", status="ACTIVE")
    body = transfer_of(bench.link(ira), "1.00") | {"ira": {"tax_year": "2026"}}

    taken = bench.broker("POST", f"v1/accounts/{ira}/transfers", json=body).json()
    refused = bench.broker("POST", f"v1/accounts/{account}/transfers", json=body).json()

    assert taken["ira"] == {"tax_year": "2026"}
    assert refused["message"] == "ira can only be specified for ira accounts"


def test_a_new_transfer_may_be_listed_late_and_in_the_other_order(
    bench: Bench, account: str, relationship: str
) -> None:
    bench.control("settings", list_lag_seconds=30, transfers_newest_first=False)
    made = []
    for _ in range(2):
        made.append(bench.transfer(account, relationship, "1.00").json()["id"])
        bench.pass_time(20)

    early = bench.transfers(account)
    bench.pass_time(20)

    assert [row["id"] for row in early] == made[:1]
    assert [row["id"] for row in bench.transfers(account)] == made


def test_disputed_statuses_are_settings(bench: Bench, account: str, relationship: str) -> None:
    bench.control("settings", transfer_deleted_status=204, transfer_not_cancelable_status=400, daily_limit_status=422)
    transfer_id = bench.transfer(account, relationship, "1.00").json()["id"]
    path = f"v1/accounts/{account}/transfers/{transfer_id}"

    assert [bench.broker("DELETE", path).status_code for _ in range(2)] == [204, 400]
    limited = bench.transfer(account, relationship, "50000.00")
    assert (limited.status_code, limited.json()["code"]) == (422, 40010001)
