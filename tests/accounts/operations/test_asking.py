"""Thousands of questions, and the site's own requests beside them: the broker's limit is shared, and the site leads."""

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.operations.asking import NOBODY, SLOWEST, Asking
from brokerage.gateways import broker_accounts, broker_budget
from brokerage.gateways.errors import NotSent
from tests.brokerage.sandbox.bench import Bench
from tests.funding.standing import Clocks, standing_still
from tests.harness.sandbox import Sandbox

LIMIT = 60


@pytest.fixture
def clocks(sandbox: Sandbox) -> Iterator[Clocks]:
    """A broker that takes so many requests a minute and not one more, at the beginning of a minute."""
    sandbox.post("/control/settings", rate_limit=LIMIT, enforce_rate_limit=True)
    with standing_still(sandbox, (timezone.now() + timedelta(minutes=1)).replace(second=0, microsecond=0)) as clocks:
        yield clocks
    broker_budget._LastSeen.told = None  # or the next test might wait for it


class Site:
    """Customers, who ask the broker beside a run of questions, and never wait for it."""

    def __init__(self, clocks: Clocks) -> None:
        self.clocks, self.asked, self.refused, self.waits = clocks, 0, 0, list[timedelta]()

    def asks(self, times: int) -> None:
        for _ in range(times):
            self.asked += 1
            try:
                broker_accounts.find_accounts(NOBODY)
            except NotSent:
                self.refused += 1

    def meanwhile(self, wait: timedelta) -> None:
        """Use up almost all that was left, and let the time pass for which the run waits."""
        self.waits.append(wait)
        self.asks(LIMIT // 2 - 2)
        self.clocks.advance(seconds=wait.total_seconds())


def test_a_run_of_three_hundred_reads_never_costs_the_site_an_answer(clocks: Clocks) -> None:
    site = Site(clocks)
    asking = Asking(per_minute=0, sleep=site.meanwhile)

    for _ in range(300):
        asking.ask(broker_accounts.find_accounts, NOBODY)

    assert site.refused == 0
    assert site.asked > 250
    assert 8 <= len(site.waits) <= 12
    assert max(site.waits) <= timedelta(seconds=60)


def test_a_run_that_leaves_nothing_costs_the_site_its_answers(clocks: Clocks, settings: Settings) -> None:
    settings.RECONCILE_LEAVES_PERCENT = 0
    site = Site(clocks)
    asking = Asking(per_minute=0, sleep=site.meanwhile)

    for _ in range(LIMIT):
        asking.ask(broker_accounts.find_accounts, NOBODY)
    site.asks(1)

    assert (site.waits, site.refused) == ([], 1)


def test_what_other_processes_use_up_counts_as_well(clocks: Clocks, sandbox: Sandbox) -> None:
    waits: list[timedelta] = []
    asking = Asking(per_minute=0, sleep=waits.append)
    bench = Bench(sandbox.url)
    for _ in range(LIMIT * 3 // 4):
        bench.broker("GET", "v1/clock")

    asking.ask(broker_accounts.find_accounts, NOBODY)  # which tells how little is left
    asking.ask(broker_accounts.find_accounts, NOBODY)

    assert waits == [timedelta(seconds=60)]


def test_a_run_hears_of_it_from_another_thread(clocks: Clocks) -> None:
    waits: list[timedelta] = []
    thread = threading.Thread(target=Site(clocks).asks, args=[LIMIT * 3 // 4])  # with a client of its own
    thread.start()
    thread.join()

    Asking(per_minute=0, sleep=waits.append).ask(broker_accounts.find_accounts, NOBODY)

    assert waits == [timedelta(seconds=60)]


def test_the_wait_is_told_once(clocks: Clocks, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "accounts.operations.asking")
    site = Site(clocks)
    asking = Asking(per_minute=0, sleep=site.meanwhile)

    for _ in range(LIMIT * 2):
        asking.ask(broker_accounts.find_accounts, NOBODY)

    assert len(site.waits) > 1
    assert [record.message for record in caplog.records] == [
        f"the broker takes {LIMIT // 2 - 1} of {LIMIT} more for now; the site has them first"
    ]


def test_a_window_that_is_long_is_waited_for_a_minute_at_a_time(clocks: Clocks) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    told = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "5", "X-RateLimit-Reset": f"{tomorrow.timestamp():.0f}"}
    waits: list[timedelta] = []
    broker_budget.note(told)

    Asking(per_minute=0, sleep=waits.append).ask(broker_accounts.find_accounts, NOBODY)

    assert waits == [SLOWEST]


def test_a_broker_that_names_no_limit_is_asked_so_many_a_minute(clocks: Clocks, sandbox: Sandbox) -> None:
    left_out = dict.fromkeys(("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"))
    sandbox.post(
        "/control/faults",
        route="GET /broker/v1/accounts",
        kind="status",
        status=200,
        body=[],
        headers=left_out,
        times=5,
    )
    waits: list[timedelta] = []
    asking = Asking(per_minute=60, sleep=waits.append)

    for _ in range(3):
        asking.ask(broker_accounts.find_accounts, NOBODY)

    assert broker_budget.current() is None
    assert len(waits) == 2
    assert all(timedelta(milliseconds=500) < wait <= timedelta(seconds=1) for wait in waits)
