"""The sweep: what moves is compared, what is at rest once a day, and that it was done is not kept for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from brokerage import stopping
from funding import states
from funding.models import ReconciliationRun
from funding.operations import sweeping
from tests.funding.standing import Clocks, Customer, open_customer, read_anew
from tests.harness.sandbox import Sandbox


@pytest.fixture
def ada(clocks: Clocks, sandbox: Sandbox, db: None) -> Customer:
    return open_customer(sandbox)


def sweep() -> list[str]:
    return [finding.what for finding in sweeping.sweep(holder="a test")]


def test_what_moves_is_compared_each_time_and_what_rests_once_a_day(ada: Customer, clocks: Clocks) -> None:
    transfer = ada.move("50.00")
    sweep()
    ada.sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="settle")

    assert sweep() == ["ours QUEUED, the broker's COMPLETE"]

    ada.sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="return", code="R01")
    assert sweep() == []
    clocks.advance(hours=25)
    assert sweep() == ["ours COMPLETE, the broker's RETURNED"]


def once(times: int) -> Callable[[], bool]:
    left = iter(range(times))
    return lambda: next(left, None) is not None


def test_one_that_is_cut_short_is_carried_on(ada: Customer, sandbox: Sandbox) -> None:
    rows = [customer.move("50.00") for customer in (ada, open_customer(sandbox, "bo@example.com"))]
    for row in rows:
        sandbox.post(f"/control/transfers/{row.alpaca_id}", action="settle")
    with stopping.turn(once(2)):
        sweep()
    assert sorted(read_anew(row).status for row in rows) == [states.COMPLETE, states.QUEUED]
    assert ReconciliationRun.objects.get().finished_at is None

    sweep()

    assert {read_anew(row).status for row in rows} == {states.COMPLETE}
    assert ReconciliationRun.objects.get().finished_at


def test_sweeps_of_long_ago_are_forgotten_and_nothing_else(db: None) -> None:
    def run(scope: str, days: int) -> None:
        at = timezone.now() - timedelta(days=days)
        ReconciliationRun.objects.create(area="transfers", scope=scope, holder="x", began_at=at, finished_at=at)

    for scope in ("due", "", "full"):
        run(scope, 31)
    run("due", 29)

    assert sweeping.forget_old() == 1
    assert ReconciliationRun.objects.count() == 3
