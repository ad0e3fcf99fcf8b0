"""What the broker's answers tell of its limit: kept for all threads, and believed no longer than its window lasts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from pytest_django import Settings

from brokerage.gateways import broker_accounts, broker_budget
from brokerage.gateways.broker_budget import Budget
from tests.brokerage.gateways.vendor import Vendor, answer
from tests.harness.sandbox import Sandbox

NOW = datetime(2026, 3, 2, 15, 0, 20, tzinfo=UTC)
RESET = NOW + timedelta(seconds=40)


def told(limit: object = 200, left: object = 50, reset: object = int(RESET.timestamp())) -> dict[str, str]:
    headers = {"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": left, "X-RateLimit-Reset": reset}
    return {name: str(value) for name, value in headers.items()}


@pytest.fixture(autouse=True)
def _nothing_told() -> Iterator[None]:
    broker_budget._LastSeen.told = None
    yield
    broker_budget._LastSeen.told = None


def test_an_answer_tells_how_many_are_left_and_until_when() -> None:
    with time_machine.travel(NOW, tick=False):
        broker_budget.note(told())

        assert broker_budget.current() == Budget(200, 50, RESET)
        assert Budget(200, 50, RESET).percent_left == 25


def test_a_window_that_is_over_tells_nothing() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        broker_budget.note(told())
        clock.move_to(RESET)

        assert broker_budget.current() is None


def test_the_end_of_the_window_is_by_our_clock() -> None:
    theirs = NOW + timedelta(minutes=10)
    reset = int((theirs + timedelta(seconds=40)).timestamp())
    with time_machine.travel(NOW, tick=False):
        broker_budget.note(told(reset=reset), ahead=timedelta(minutes=10))

        assert broker_budget.current() == Budget(200, 50, RESET)


def test_other_credentials_have_another_budget(settings: Settings) -> None:
    with time_machine.travel(NOW, tick=False):
        broker_budget.note(told())
        settings.BROKER_API_KEY = "another"

        assert broker_budget.current() is None


@pytest.mark.parametrize(
    "headers", [{}, told(limit="many"), told(limit=0), told(left="-"), told(reset="soon"), told(reset=10**30)]
)
def test_what_makes_no_sense_is_no_news(headers: dict[str, str]) -> None:
    with time_machine.travel(NOW, tick=False):
        broker_budget.note(told())
        broker_budget.note(headers)

        assert broker_budget.current() == Budget(200, 50, RESET)


def test_every_answer_is_noted(sandbox: Sandbox) -> None:
    sandbox.post("/control/settings", rate_limit=1000)

    broker_accounts.find_accounts("nobody@example.com")
    first = broker_budget.current()
    broker_accounts.find_accounts("nobody@example.com")
    second = broker_budget.current()

    assert first
    assert second
    assert (first.limit, second.remaining) == (1000, first.remaining - 1)


def test_what_another_host_says_of_tokens_is_not_the_brokers_limit(vendor: Vendor, settings: Settings) -> None:
    granted = {"access_token": "t", "expires_in": 900, "token_type": "Bearer"}
    far = str(int((datetime.now(UTC) + timedelta(hours=1)).timestamp()))
    limit = {"X_RateLimit_Limit": "7", "X_RateLimit_Remaining": "1", "X_RateLimit_Reset": far}
    vendor.says(answer(200, granted, "", **limit), answer(200, []))
    settings.BROKER_CREDENTIALS = "client_credentials"
    settings.BROKER_TOKEN_URL = f"{vendor.url.replace('127.0.0.1', 'localhost')}/token"

    broker_accounts.find_accounts("nobody@example.com")

    assert vendor.asked[0].path == "/token"
    assert broker_budget.current() is None
