"""The nightly runs: what took more than one turn ends, and what met a blip is not done."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.findings import BrokerAway
from accounts.operations import leases
from brokerage import stopping
from funding import states
from funding.models import ACHRelationship, Break, ReconciliationRun, Schedule
from funding.operations import duties, heartbeats, schedules
from tests.funding import books
from tests.funding.standing import Customer, open_customer
from tests.harness.sandbox import Sandbox


@pytest.fixture
def ada(sandbox: Sandbox, db: None) -> Customer:
    return open_customer(sandbox)


def once(times: int) -> Callable[[], bool]:
    left = iter(range(times))
    return lambda: next(left, None) is not None


@pytest.mark.parametrize("area", ["accounts", "items"])
def test_people_and_logins_are_gone_through_in_as_many_turns_as_it_takes(
    ada: Customer, sandbox: Sandbox, area: str
) -> None:
    for name in ("bo", "cy"):
        open_customer(sandbox, f"{name}@example.com")
    for _ in range(3):
        with stopping.turn(once(0)):  # time for one account, and no more
            books.compare(area)
    run = ReconciliationRun.objects.get()
    assert (run.compared, run.finished_at) == (3, None)

    books.compare(area)

    run.refresh_from_db()
    assert run.finished_at
    assert run.compared == (4 if area == "accounts" else 3)  # what is of no account of ours comes last


def test_a_run_that_another_one_holds_up_is_not_done(ada: Customer) -> None:
    [cash] = [duty for duty in duties.DUTIES if duty.name == "reconcile cash"]
    long_ago = timezone.now() - timedelta(days=3)
    Schedule.objects.create(name=cash.name, done_at=long_ago)

    with leases.held(cash.name, holder="a person"):
        schedules.keep([cash], holder="worker 1", doing=heartbeats.Doing().now)

    row = Schedule.objects.get()
    assert (row.done_at, row.error) == (long_ago, "HeldByAnother")


def test_a_broker_that_is_away_leaves_a_run_undone(ada: Customer, settings: Settings) -> None:
    settings.BROKER_BASE_URL = "http://127.0.0.1:1"

    with pytest.raises(BrokerAway):
        duties.reconcile("transfers", "worker 1")


def test_no_two_processes_have_one_name() -> None:
    """A container that is started again has host and number of the one before."""
    assert heartbeats.name_of_this_process() != heartbeats.name_of_this_process()


def test_a_strange_bank_is_not_gone_because_it_could_not_be_looked_for(ada: Customer) -> None:
    ACHRelationship.objects.update(alpaca_id="another")
    books.compare("relationships")
    strange = Break.objects.get(kind="BANK_UNKNOWN")
    ACHRelationship.objects.update(sending=states.UNKNOWN, created_at=timezone.now())

    books.compare("relationships", account=ada.account)

    strange.refresh_from_db()
    assert strange.is_open
