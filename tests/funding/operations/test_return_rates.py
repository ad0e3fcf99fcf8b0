"""Nacha's rates of returned debits, and the brake on deposits that only a person lifts."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from funding import states
from funding.models import ACHRelationship, Brake, Transfer
from funding.operations import return_rates, settlement, transfers
from funding.operations.rounds import Rounds
from tests import make
from tests.funding.standing import OUT, Clocks, Customer, at_once, open_customer, work
from tests.harness.sandbox import Sandbox

DAYS_60 = timedelta(days=60)


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


@pytest.fixture
def ops(db: None) -> User:
    return make.user("ops@example.com", is_staff=True)


def debits(bank: ACHRelationship, count: int, **values: Any) -> None:
    """Make many debits at once, as if made elsewhere, which takes no records beside them."""
    common: dict[str, Any] = {
        "user_id": bank.brokerage_account.user_id,
        "brokerage_account": bank.brokerage_account,
        "origin": Transfer.Origin.EXTERNAL,
        "direction": states.INCOMING,
        "amount": Decimal("10.00"),
        "sending": states.ACCEPTED,
        "status": states.COMPLETE,
        "accepted_at": timezone.now(),
    }
    first = Transfer.objects.count()
    made = (Transfer(**(common | values | {"alpaca_id": f"debit {first + n}"})) for n in range(count))
    Transfer.objects.bulk_create(made, batch_size=500)


def came_back(bank: ACHRelationship, *codes: str, days: int = 0, **values: Any) -> None:
    """Make returned deposits that went out long before the window, so that they count as returns alone."""
    ended = timezone.now() - timedelta(days=days)
    values = {"accepted_at": ended - 2 * DAYS_60, "ended_at": ended, "status": states.RETURNED} | values
    for code in codes:
        debits(bank, 1, return_code=code, **values)


def take_back(bank: ACHRelationship, code: str) -> None:
    """Let one more settled deposit come back, as the broker tells it."""
    transfer = make.transfer(bank, status=states.COMPLETE, settled_at=timezone.now())
    settlement.apply(transfer=transfer, status=states.RETURNED, actor="broker", reason=f"{code} - said the bank")


def counts() -> dict[str, tuple[int, int]]:
    return {rate.name: (rate.returned, rate.debits) for rate in return_rates.rates()}


def test_each_return_counts_in_the_rates_of_its_code(bank: ACHRelationship) -> None:
    debits(bank, 10)
    came_back(bank, "R05", "R07", "R10", "R11", "R29", "R51", "R02", "R03", "R04", "R01", "R12", "")

    assert counts() == {"unauthorized": (6, 10), "administrative": (3, 10), "all": (12, 10)}


@pytest.mark.parametrize(("days", "counted"), [(0, 1), (59, 1), (60, 0), (61, 0)])
def test_debits_and_returns_of_sixty_days_count(bank: ACHRelationship, days: int, counted: int) -> None:
    debits(bank, 1, accepted_at=timezone.now() - timedelta(days=days))
    came_back(bank, "R01", days=days)

    assert counts()["all"] == (counted, counted)


@pytest.mark.parametrize("status", [states.CANCELED, states.REJECTED, states.EXPIRED])
def test_what_never_reached_a_bank_is_no_debit(bank: ACHRelationship, status: str) -> None:
    debits(bank, 1, status=status)

    assert counts()["all"] == (0, 0)


@pytest.mark.parametrize("status", [states.QUEUED, states.SENT_TO_CLEARING, states.COMPLETE, "A_NEW_WORD"])
def test_what_went_out_is_a_debit(bank: ACHRelationship, status: str) -> None:
    make.transfer(bank, status=status)

    assert counts()["all"] == (0, 1)


def test_a_returned_debit_is_still_a_debit(bank: ACHRelationship) -> None:
    debits(bank, 1, status=states.RETURNED, return_code="R01", ended_at=timezone.now())

    assert counts()["all"] == (1, 1)


def test_withdrawals_and_what_was_not_accepted_do_not_count(bank: ACHRelationship) -> None:
    make.transfer(bank, direction=OUT)
    came_back(bank, "R03", direction=OUT)
    make.transfer(bank, sending=states.REFUSED)

    assert counts()["all"] == (0, 0)


@pytest.mark.parametrize(
    ("returned", "warn", "over"),
    [(0, False, False), (2, False, False), (3, True, False), (5, True, False), (6, True, True)],
)
def test_a_rate_warns_at_three_fifths_and_is_over_past_its_limit(returned: int, warn: bool, over: bool) -> None:
    rate = return_rates.Rate("unauthorized", returned, debits=1000, limit=Decimal("0.005"))

    assert (rate.warn, rate.over) == (warn, over)


def test_no_debits_at_all_are_no_reason_to_worry(db: None) -> None:
    assert [(rate.rate, rate.warn, rate.over) for rate in return_rates.rates()] == [(Decimal(0), False, False)] * 3


def test_two_queries_tell_all_three(bank: ACHRelationship, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    debits(bank, 50)
    came_back(bank, "R01", "R02", "R10")

    with django_assert_num_queries(2):
        return_rates.rates()


@pytest.mark.parametrize(
    ("rows", "index"), [(return_rates.sent, "deposit_accepted"), (return_rates.returned, "transfer_returned")]
)
def test_the_indexes_made_for_them_serve_them(db: None, rows: Callable[..., Any], index: str) -> None:
    if connection.vendor == "postgresql":  # a table as small as this one it would rather read whole
        connection.cursor().execute("SET LOCAL enable_seqscan = off")

    assert index in rows(since=timezone.now() - DAYS_60).order_by().explain()  # as it is counted: in no order


# --- The brake --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "on"),
    [
        (["R10"], ["unauthorized"]),
        (["R02"] * 3, []),
        (["R02"] * 4, ["administrative"]),
        (["R01"] * 15, []),
        (["R01"] * 16, ["all"]),
        (["R10"] * 16, ["all", "unauthorized"]),
    ],
    ids=lambda given: f"{len(given)} {given[0]}" if given else "none",
)
def test_a_rate_past_its_limit_stops_deposits(bank: ACHRelationship, codes: list[str], on: list[str]) -> None:
    debits(bank, 100)
    came_back(bank, *codes)

    return_rates.apply_brake()

    assert sorted(Brake.objects.values_list("rate", flat=True)) == on
    assert Brake.is_on() == bool(on)


def test_few_debits_stop_nothing(bank: ACHRelationship, settings: Settings) -> None:
    settings.RETURN_RATE_MINIMUM_DEBITS = 4
    debits(bank, 3)
    came_back(bank, "R10", "R10")
    assert return_rates.apply_brake() == []

    debits(bank, 1)

    assert [(brake.rate, brake.returned, brake.debits) for brake in return_rates.apply_brake()] == [
        ("unauthorized", 2, 4),
        ("all", 2, 4),
    ]


def test_a_brake_is_engaged_once(bank: ACHRelationship) -> None:
    debits(bank, 100)
    came_back(bank, "R10")

    for _ in range(3):
        return_rates.apply_brake()

    assert Brake.objects.count() == 1


def test_a_rate_that_has_come_down_leaves_the_brake_to_a_person(bank: ACHRelationship, ops: User) -> None:
    debits(bank, 100)
    came_back(bank, "R10")
    [brake] = return_rates.apply_brake()
    debits(bank, 400)
    return_rates.apply_brake()
    assert Brake.is_on()

    return_rates.lift_brake(brake=brake, because="one careless bank", person=ops)

    brake.refresh_from_db()
    assert (brake.lifted_by, brake.lift_because) == (ops, "one careless bank")
    assert not Brake.is_on()


def test_a_lifted_brake_stays_lifted_until_another_one_comes_back(bank: ACHRelationship, ops: User) -> None:
    debits(bank, 100)
    take_back(bank, "R10")
    [brake] = return_rates.apply_brake()
    return_rates.lift_brake(brake=brake, because="looked into", person=ops)
    assert return_rates.apply_brake() == []
    take_back(bank, "R01")  # of another rate
    assert return_rates.apply_brake() == []

    take_back(bank, "R10")

    assert [again.rate for again in return_rates.apply_brake()] == ["unauthorized"]


def test_a_return_heard_of_late_counts_as_new(bank: ACHRelationship, ops: User) -> None:
    debits(bank, 100)
    take_back(bank, "R10")
    [brake] = return_rates.apply_brake()
    return_rates.lift_brake(brake=brake, because="looked into", person=ops)
    transfer = make.transfer(bank, status=states.COMPLETE, settled_at=timezone.now())
    before_the_lifting = timezone.now() - timedelta(days=1)

    settlement.apply(
        transfer=transfer, status=states.RETURNED, actor="broker", at=before_the_lifting, reason="R10 - said the bank"
    )

    assert [again.rate for again in return_rates.apply_brake()] == ["unauthorized"]


def test_a_brake_is_lifted_once(bank: ACHRelationship, ops: User) -> None:
    brake = Brake.objects.create(rate="all", returned=16, debits=100)
    return_rates.lift_brake(brake=brake, because="looked into", person=ops)

    with pytest.raises(return_rates.NotEngaged):
        return_rates.lift_brake(brake=brake, because="and again", person=make.user("else@example.com"))

    brake.refresh_from_db()
    assert brake.lift_because == "looked into"


@pytest.mark.django_db(transaction=True)
def test_many_workers_engage_one_brake() -> None:
    bank = make.relationship(make.account(make.user()))
    debits(bank, 100)
    came_back(bank, "R10")

    came = at_once(*[return_rates.apply_brake] * 6)

    assert [each for each in came if isinstance(each, Exception)] == []
    assert Brake.objects.count() == 1 == sum(map(len, came))


# --- The worker -------------------------------------------------------------------------------------------------------


def test_news_of_a_return_brakes_at_once(clocks: Clocks, ada: Customer, sandbox: Sandbox, settings: Settings) -> None:
    settings.RETURN_RATE_MINIMUM_DEBITS = 1
    transfer = ada.move("50.00")
    sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="return", code="R10")
    clocks.advance(seconds=1)

    work()

    assert Brake.is_on()
    grace = open_customer(sandbox, "grace@example.com")
    with pytest.raises(transfers.DepositsPaused):
        grace.ask("10.00")


def test_the_sweep_brakes_what_the_news_did_not(clocks: Clocks, ada: Customer, settings: Settings) -> None:
    settings.RETURN_RATE_MINIMUM_DEBITS = 1
    came_back(ada.relationship, "R10")
    debits(ada.relationship, 1)
    rounds = Rounds(sender="worker of a test")
    rounds.run()
    assert not Brake.is_on()
    clocks.advance(minutes=6)

    rounds.run()

    assert Brake.is_on()
