"""What the worker makes of what Plaid said: each once, in any order, and of strange ones no more than there is."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from funding.models import ACHRelationship, PlaidItem, PlaidWebhook
from funding.models.webhooks import DONE, GIVEN_UP, IGNORED, PARKED, UNFAMILIAR, UNMATCHED
from funding.operations.rounds import Rounds
from tests import make
from tests.funding.webhooks import plaid
from tests.funding.webhooks.hearing import SENDER, START, Hearing, act, came, history, status
from tests.funding.webhooks.plaid import ITEM_ID, message

pytestmark = pytest.mark.django_db


# --- What leads to what -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", plaid.ABOUT_ITEMS, ids="/".join)
def test_its_item_is_read_again_once(bank: ACHRelationship, hear: Hearing, words: tuple[str, str]) -> None:
    row = came(*words)

    assert [act(hear), act(hear)] == [1, 0]

    assert hear.heard == [(ITEM_ID, *words, message(*words))]
    assert (status(row), row.tries, row.item) == (DONE, 1, bank.login)
    assert row.acted_at
    assert history(row) == ["status: RECEIVED → DONE"]


@pytest.mark.parametrize("words", plaid.NOT_OURS, ids="/".join)
def test_what_nothing_of_ours_hangs_on_is_put_away(
    bank: ACHRelationship, hear: Hearing, words: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    row = came(*words)

    assert act(hear) == 1

    assert (status(row), hear.heard, caplog.records) == (IGNORED, [], [])


@pytest.mark.parametrize("words", plaid.UNFAMILIAR, ids="/".join)
def test_words_that_we_do_not_know_are_reported_and_stop_nothing(
    bank: ACHRelationship, hear: Hearing, words: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    rows = [came(*words), came()]

    assert act(hear) == 2

    assert [status(row) for row in rows] == [UNFAMILIAR, DONE]
    assert f"unfamiliar words '{words[0]}' '{words[1]}'" in caplog.text


@pytest.mark.parametrize("kind", ["ITEM", "AUTH"])
def test_one_about_no_item_is_parked(bank: ACHRelationship, hear: Hearing, kind: str) -> None:
    code = "ERROR" if kind == "ITEM" else "DEFAULT_UPDATE"
    row = came(kind, code, item_id="")

    act(hear)

    assert (status(row), row.error, hear.heard) == (PARKED, "names no item", [])


def test_the_ids_of_items_know_capitals_from_small_letters(bank: ACHRelationship, hear: Hearing) -> None:
    row = came(item_id=ITEM_ID.swapcase())

    act(hear)

    assert status(row) == UNMATCHED


def test_those_that_wait_longest_come_first(bank: ACHRelationship, hear: Hearing) -> None:
    for number in range(5):
        row = came(number=number)
        PlaidWebhook.objects.filter(pk=row.pk).update(due_at=row.received_at - timedelta(minutes=number))

    act(hear)

    assert [news["number"] for *_, news in hear.heard] == [4, 3, 2, 1, 0]


# --- An item that we have not heard of --------------------------------------------------------------------------------


def test_one_about_a_strange_item_is_kept_and_matched_when_the_item_comes(
    clock: time_machine.Traveller, hear: Hearing
) -> None:
    row = came(item_id="new")
    act(hear)
    assert (status(row), row.due_at) == (UNMATCHED, START + timedelta(minutes=1))

    item = PlaidItem.objects.create(user=make.user(), plaid_item_id="new")
    act(hear)
    assert status(row) == UNMATCHED
    clock.shift(timedelta(minutes=1))
    assert act(hear) == 1

    assert (status(row), row.item, len(hear.heard)) == (DONE, item, 1)
    assert history(row) == [
        "status: RECEIVED → UNMATCHED (we have not heard of its item)",
        "status: RECEIVED → DONE",
        "status: UNMATCHED → RECEIVED (its item is known now)",
    ]


def test_one_about_a_strange_item_is_looked_at_once_a_minute_and_leaves_no_traces(
    clock: time_machine.Traveller, hear: Hearing
) -> None:
    row = came(item_id="new")

    for _ in range(10):
        act(hear)
        clock.shift(timedelta(seconds=30))

    assert (status(row), row.tries, len(history(row))) == (UNMATCHED, 0, 1)
    assert row.due_at == START + timedelta(minutes=5)


def test_one_about_an_item_that_never_comes_is_given_up_after_thirty_days(
    clock: time_machine.Traveller, hear: Hearing
) -> None:
    row = came(item_id="new")
    act(hear)

    clock.move_to(START + timedelta(days=30), tick=False)
    act(hear)
    assert status(row) == UNMATCHED
    clock.shift(timedelta(minutes=1))
    assert act(hear) == 1

    assert (status(row), row.due_at, act(hear)) == (GIVEN_UP, None, 0)


# --- In the worker's round --------------------------------------------------------------------------------------------


def test_the_worker_acts_on_them(bank: ACHRelationship, settings: Any) -> None:
    settings.BROKER_BASE_URL = settings.PLAID_BASE_URL = "http://127.0.0.1:1"
    rows = [came("LINK", "EVENTS"), came("HOROSCOPE", "ERROR")]

    Rounds(sender=SENDER).run()

    assert [status(row) for row in rows] == [IGNORED, UNFAMILIAR]
