"""So many passes through Plaid Link in an hour: the next one is told when to come back, and costs Plaid nothing."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from funding import states
from funding.models import LinkSession
from funding.operations import linking
from tests.funding.matrix.banks import Someone, someone
from tests.funding.standing import T0, standing_still
from tests.harness.sandbox import Sandbox


@pytest.fixture
def open_someone(sandbox: Sandbox, settings: Settings, db: None) -> Iterator[Callable[[str], Someone]]:
    """Open accounts for people who have no bank, forty minutes before the clock strikes eleven in New York."""
    with standing_still(sandbox, T0 + timedelta(minutes=20)) as clocks:
        yield lambda email: someone(sandbox, clocks, settings, email)


@pytest.fixture
def ada(open_someone: Callable[[str], Someone]) -> Someone:
    return open_someone("ada@example.com")


def link_tokens(somebody: Someone) -> int:
    return len(somebody.sandbox.get("/control/dump")["link_tokens"])


def test_who_starts_too_often_is_told_when_to_come_back(
    ada: Someone, open_someone: Callable[[str], Someone], settings: Settings
) -> None:
    grace = open_someone("grace@example.com")
    starts = [ada.client.post("/bank/link/").status_code for _ in range(settings.LINK_ATTEMPTS_PER_HOUR)]

    refused = ada.client.post("/bank/link/")

    assert starts == [302] * 20
    assert refused.status_code == 429
    assert refused["Retry-After"] == str(40 * 60)
    assert "You can try again from" in refused.content.decode()
    assert "11:00 AM EST" in refused.content.decode()
    assert (link_tokens(ada), LinkSession.objects.count()) == (20, 20)
    assert grace.begin().is_open

    ada.clocks.advance(minutes=39, seconds=59)
    assert ada.client.post("/bank/link/").status_code == 429

    ada.clocks.advance(seconds=1)
    assert ada.begin().is_open


def test_starting_anew_to_replace_or_to_sign_in_counts_the_same(ada: Someone, settings: Settings) -> None:
    settings.LINK_ATTEMPTS_PER_HOUR = 2
    ada.linked().login.move_health(states.SIGN_IN, actor="a test")

    came = [ada.client.post(path).status_code for path in ("/bank/replace/link/", "/bank/repair/", "/bank/repair/")]

    assert came == [302, 302, 429]


def test_a_start_that_plaid_did_not_answer_counts_too(ada: Someone, settings: Settings) -> None:
    settings.LINK_ATTEMPTS_PER_HOUR = 1
    settings.PLAID_BASE_URL = "http://127.0.0.1:1"

    assert ada.told("/bank/link/") == linking.PlaidAway.customer_message
    assert ada.client.post("/bank/link/").status_code == 429


def test_who_may_not_link_is_told_so_however_often_they_try(ada: Someone, settings: Settings) -> None:
    settings.LINK_ATTEMPTS_PER_HOUR = 1
    ada.linked()

    told = [ada.told("/bank/link/") for _ in range(3)]

    assert set(told) == {linking.BankLinkedAlready.customer_message}
