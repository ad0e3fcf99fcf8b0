"""Which keys vouch for Plaid: read once, shared by all processes, read again, refused when they are over."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import ActionCount
from funding.models import PlaidWebhook, PlaidWebhookKey
from funding.operations import webhook_keys
from funding.operations.webhook_keys import FOR_OURS, FOR_STRANGERS, Memory
from tests.funding.standing import at_once
from tests.funding.webhooks.plaid import Plaid, as_another_process, deliver, message, pretty, running_plaid
from tests.harness.plaid_signing import SigningKey

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
BODY = pretty(message())


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def say(key: SigningKey) -> int:
    """Bring a message that this key has signed just now."""
    return deliver(BODY, key.sign(BODY))


# --- Asking once ------------------------------------------------------------------------------------------------------


def test_a_key_is_asked_for_once_and_known_to_every_process(plaid: Plaid, key: SigningKey) -> None:
    answers = [say(key), say(key)]
    as_another_process()
    answers += [say(key), say(key)]

    assert answers == [200] * 4
    assert plaid.asked == [key.kid]


def test_a_key_that_this_process_knows_costs_nothing(plaid: Plaid, key: SigningKey) -> None:
    say(key)

    with CaptureQueriesContext(connection) as queries:
        say(key)

    assert not [query for query in queries if "webhookkey" in query["sql"] or "actioncount" in query["sql"]]


def test_a_key_is_asked_for_at_the_present_host_only(plaid: Plaid, key: SigningKey, settings: Settings) -> None:
    say(key)

    with running_plaid() as production:
        settings.PLAID_BASE_URL = production.url
        assert say(key) == 401

    assert production.asked == [key.kid]


def test_a_key_that_has_verified_nothing_is_not_written_down(plaid: Plaid, key: SigningKey) -> None:
    forger = SigningKey(key.kid)

    assert say(forger) == 401
    assert not PlaidWebhookKey.objects.exists()

    assert say(key) == 200
    assert PlaidWebhookKey.objects.get().jwk == key.jwk()
    assert plaid.asked == [key.kid]


# --- Reading again ----------------------------------------------------------------------------------------------------


def test_a_key_is_read_again_after_a_day(plaid: Plaid, key: SigningKey, clock: time_machine.Traveller) -> None:
    say(key)

    clock.shift(timedelta(hours=23, minutes=59))
    assert say(key) == 200
    assert len(plaid.asked) == 1

    clock.shift(timedelta(minutes=2))
    assert say(key) == 200
    as_another_process()
    assert say(key) == 200
    assert len(plaid.asked) == 2


def test_a_new_key_is_taken_and_makes_the_older_ones_be_read_again(
    plaid: Plaid, key: SigningKey, clock: time_machine.Traveller
) -> None:
    say(key)
    clock.shift(timedelta(hours=1))
    new = plaid.new_key()

    assert say(new) == 200
    clock.shift(timedelta(minutes=2))
    assert [say(each) for each in (key, new, key, new)] == [200] * 4

    assert plaid.asked == [key.kid, new.kid, key.kid]


def test_an_older_key_that_a_new_one_ended_is_refused_within_a_minute(
    plaid: Plaid, key: SigningKey, clock: time_machine.Traveller
) -> None:
    say(key)
    clock.shift(timedelta(hours=1))
    new = plaid.new_key()
    plaid.expire(key)

    say(new)
    clock.shift(timedelta(minutes=1))

    assert [say(key), say(new)] == [401, 200]
    assert PlaidWebhookKey.objects.get(key_id=key.kid).expired_at == START + timedelta(hours=1, minutes=1)


def test_an_expired_key_is_refused_by_every_process_without_asking(
    plaid: Plaid, key: SigningKey, clock: time_machine.Traveller
) -> None:
    say(key)
    plaid.expire(key)
    clock.shift(timedelta(hours=25))
    assert say(key) == 401

    as_another_process()

    assert say(key) == 401
    clock.shift(timedelta(hours=25))
    assert say(key) == 401
    assert len(plaid.asked) == 2


def test_a_key_that_plaid_knows_no_more_is_refused(
    plaid: Plaid, key: SigningKey, clock: time_machine.Traveller
) -> None:
    say(key)
    del plaid.keys[key.kid]
    clock.shift(timedelta(hours=25))

    assert say(key) == 401

    assert PlaidWebhookKey.objects.get().expired_at


def test_a_key_that_was_over_before_we_knew_it_is_refused_and_not_kept(plaid: Plaid, key: SigningKey) -> None:
    plaid.expire(key)

    assert [say(key), say(key)] == [401, 401]

    assert len(plaid.asked) == 1
    assert not PlaidWebhookKey.objects.exists()


# --- Plaid away -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 502, 401, 404, 302])
def test_while_no_key_can_be_had_plaid_is_asked_to_come_again(plaid: Plaid, key: SigningKey, status: int) -> None:
    plaid.statuses = [status]

    assert say(key) == 503
    assert not PlaidWebhook.objects.exists()

    assert say(key) == 200
    assert PlaidWebhook.objects.count() == 1


def test_while_plaid_is_not_there_it_is_asked_to_come_again(
    plaid: Plaid, key: SigningKey, settings: Settings, clock: time_machine.Traveller
) -> None:
    say(key)
    settings.PLAID_BASE_URL = "http://127.0.0.1:1"
    assert say(key) == 503

    settings.PLAID_BASE_URL = plaid.url
    clock.shift(timedelta(seconds=30))

    assert say(key) == 200


def test_an_old_key_is_not_believed_while_it_cannot_be_read_again(
    plaid: Plaid, key: SigningKey, clock: time_machine.Traveller
) -> None:
    say(key)
    clock.shift(timedelta(hours=25))
    plaid.statuses = [503]

    assert [say(key), say(key)] == [503, 200]


def test_who_is_asked_to_come_again_is_told_when(plaid: Plaid, key: SigningKey) -> None:
    plaid.statuses = [500]

    with pytest.raises(webhook_keys.KeysAway) as away:
        webhook_keys.find(key.kid)

    assert away.value.retry_at == START + timedelta(seconds=30)


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_long_for_what_another_request_learns(
    plaid: Plaid, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_keys, "WAIT_FOR_ANOTHER", 0.05)
    plaid.may_answer.clear()
    came = list[int]()

    def bring() -> None:
        came.append(say(key))
        if came == [503, 503]:
            plaid.may_answer.set()

    at_once(*[bring] * 3)

    assert came == [503, 503, 200]
    assert plaid.asked == [key.kid]


# --- Floods -----------------------------------------------------------------------------------------------------------


def test_a_flood_of_strange_keys_costs_ten_look_ups_a_minute_at_most(
    plaid: Plaid, key: SigningKey, clock: time_machine.Traveller
) -> None:
    say(key)
    clock.shift(timedelta(minutes=1))
    plaid.asked.clear()

    answers = [say(SigningKey()) for _ in range(40)]

    assert answers == [401] * FOR_STRANGERS + [503] * (40 - FOR_STRANGERS)
    assert len(plaid.asked) == FOR_STRANGERS < 10
    assert say(key) == 200  # which is known
    clock.shift(timedelta(minutes=1))
    assert say(SigningKey()) == 401


def test_a_flood_of_strange_keys_leaves_look_ups_for_ours(
    plaid: Plaid, key: SigningKey, clock: time_machine.Traveller
) -> None:
    say(key)
    clock.shift(timedelta(hours=25))
    for _ in range(40):
        say(SigningKey())

    assert say(key) == 200

    assert len(plaid.asked) <= 1 + FOR_STRANGERS + FOR_OURS == 11


def test_the_same_strange_key_is_asked_for_once_in_five_minutes(
    plaid: Plaid, key: SigningKey, clock: time_machine.Traveller
) -> None:
    stranger = SigningKey()

    answers = [say(stranger) for _ in range(30)]
    assert (set(answers), plaid.asked) == ({401}, [stranger.kid])

    clock.shift(timedelta(minutes=5))
    plaid.keys[stranger.kid] = stranger.jwk()
    assert say(stranger) == 200


def test_all_processes_count_together(plaid: Plaid, key: SigningKey) -> None:
    for _ in range(40):
        as_another_process()
        say(SigningKey())

    assert len(plaid.asked) == FOR_STRANGERS
    assert ActionCount.objects.get().count == FOR_STRANGERS


def test_what_a_process_remembers_is_bounded_in_number_and_time(settings: Settings) -> None:
    memory: Memory[int] = Memory(size=3, lasts=timedelta(minutes=1))

    for number in range(5):
        memory.keep(f"{number}", number, START)
    memory.keep("3", 33, START + timedelta(seconds=30))

    def known(at: datetime) -> list[int | None]:
        return [memory.recall(f"{number}", at) for number in range(5)]

    assert known(START + timedelta(seconds=30)) == [None, None, 2, 33, 4]
    assert known(START + timedelta(seconds=60)) == [None, None, None, 33, None]
    assert known(START - timedelta(hours=1)) == [None] * 5
