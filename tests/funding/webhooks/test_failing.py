"""A message that comes to grief is tried again or parked, stops no other, and is never in two hands at once."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError
from funding.models import ACHRelationship, PlaidItem, PlaidWebhook
from funding.models.webhooks import DONE, PARKED, RECEIVED
from tests import make
from tests.funding import standing
from tests.funding.webhooks.hearing import START, Hearing, act, came, history, status
from tests.funding.webhooks.plaid import ITEM_ID

pytestmark = pytest.mark.django_db

# --- Vendors' faults, and ours ---------------------------------------------------------------------------------------


def test_while_plaid_is_away_the_pauses_grow_and_there_is_no_end_of_trying(
    bank: ACHRelationship, clock: time_machine.Traveller, hear: Hearing
) -> None:
    row, pauses = came(), []
    hear.troubles = [NotSent("asked"), OutcomeUnknown("asked")] * 5

    for _ in range(10):
        act(hear)
        row.refresh_from_db()
        assert row.due_at
        pauses.append((row.due_at - timezone.now()).total_seconds() / 60)
        clock.move_to(row.due_at, tick=False)

    assert pauses == [1, 5, 15, 60, 180, 360, 360, 360, 360, 360]
    assert (row.status, row.tries, row.faults, row.error) == (RECEIVED, 10, 0, "OutcomeUnknown")
    assert history(row)[:2] == ["try: new → 1 failed (NotSent)", "try: new → 2 failed (OutcomeUnknown)"]
    assert act(hear) == 1
    assert (status(row), row.error) == (DONE, "")


@pytest.mark.parametrize("trouble", [NotSent("no line"), OutcomeUnknown("silence")])
def test_while_plaid_is_away_the_others_wait_for_the_next_round(
    bank: ACHRelationship, hear: Hearing, trouble: VendorError
) -> None:
    rows = [came(number=number) for number in range(3)]
    hear.troubles = [trouble]

    assert [act(hear), act(hear)] == [0, 2]

    assert [status(row) for row in rows] == [RECEIVED, DONE, DONE]


def test_what_plaid_refuses_for_one_item_holds_up_no_other(bank: ACHRelationship, hear: Hearing) -> None:
    rows = [came(number=number) for number in range(3)]
    hear.troubles = [Refused("no", code="ITEM_NOT_FOUND", reason="says a vendor")]

    assert act(hear) == 2

    assert [status(row) for row in rows] == [RECEIVED, DONE, DONE]
    assert rows[0].error == "Refused"


def test_a_poisonous_one_is_parked_after_five_tries_and_the_others_go_on(
    bank: ACHRelationship, clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    poison, fine = came(poison=True), came()

    def hear(*, news: dict[str, Any], **more: Any) -> None:
        if "poison" in news:
            raise KeyError("canary")

    for _ in range(8):
        act(hear)
        clock.shift(timedelta(minutes=1))

    assert (status(poison), poison.tries, poison.faults, poison.error) == (PARKED, 5, 5, "KeyError")
    assert status(fine) == DONE
    assert "canary" not in " ".join(history(poison))
    assert caplog.text.count("acting on it failed") == 5


def test_a_vendors_faults_are_not_counted_with_ours(
    bank: ACHRelationship, clock: time_machine.Traveller, hear: Hearing
) -> None:
    row = came()
    hear.troubles = [*[NotSent("x")] * 6, *[RuntimeError()] * 4, NotSent("x")]

    for _ in range(12):
        act(hear)
        clock.shift(timedelta(hours=6))

    assert (status(row), row.tries, row.faults) == (DONE, 12, 4)


def test_words_that_cannot_be_opened_are_parked(
    bank: ACHRelationship, clock: time_machine.Traveller, hear: Hearing, settings: Any
) -> None:
    row = came()
    settings.FIELD_KEYS = "another:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

    for _ in range(5):
        act(hear)
        clock.shift(timedelta(minutes=1))

    assert PlaidWebhook.objects.filter(pk=row.pk, status=PARKED, error="CannotDecrypt").exists()
    assert hear.heard == []


# --- Several workers, and dead ones -----------------------------------------------------------------------------------


def test_nobody_else_takes_up_what_someone_is_acting_on(bank: ACHRelationship, hear: Hearing) -> None:
    row = came()
    inside: list[int] = []

    act(lambda **said: inside.append(act(hear)))

    assert (inside, hear.heard, status(row)) == ([0], [], DONE)


def test_what_a_dead_worker_held_is_taken_up_after_its_lease(
    bank: ACHRelationship, clock: time_machine.Traveller, hear: Hearing
) -> None:
    row = came()

    with pytest.raises(KeyboardInterrupt):
        act(_killed)
    clock.shift(timedelta(seconds=49))
    assert act(hear) == 0
    clock.shift(timedelta(seconds=1))

    assert (act(hear), status(row), row.tries, row.faults) == (1, DONE, 2, 1)


def test_what_kills_five_workers_is_parked(bank: ACHRelationship, clock: time_machine.Traveller, hear: Hearing) -> None:
    row = came()

    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            act(_killed)
        clock.shift(timedelta(minutes=1))
    act(hear)

    assert (status(row), row.error, hear.heard) == (PARKED, "died while acting", [])


def _killed(**said: Any) -> None:
    raise KeyboardInterrupt


def test_one_that_was_taken_for_dead_overwrites_nothing(
    bank: ACHRelationship, clock: time_machine.Traveller, hear: Hearing
) -> None:
    row = came()

    def slow(**said: Any) -> None:
        clock.shift(timedelta(minutes=2))
        assert act(hear) == 1
        raise OutcomeUnknown("too late")

    act(slow)

    assert (status(row), row.tries, row.error, row.due_at) == (DONE, 2, "", None)


def test_one_that_was_taken_for_dead_changes_nothing_of_the_next_try(
    bank: ACHRelationship, clock: time_machine.Traveller, hear: Hearing
) -> None:
    row = came()
    hear.troubles = [NotSent("the second try")]

    def slow(**said: Any) -> None:
        clock.shift(timedelta(minutes=2))
        assert act(hear) == 0
        raise OutcomeUnknown("the first try, too late")

    act(slow)

    assert (status(row), row.tries, row.error) == (RECEIVED, 2, "NotSent")
    assert row.due_at == START + timedelta(minutes=2 + 5)


def test_what_someone_else_has_tried_meanwhile_is_not_tried_again_in_this_round(
    bank: ACHRelationship, clock: time_machine.Traveller, hear: Hearing
) -> None:
    first, second = came(number=1), came(number=2)
    hear.troubles = [NotSent("no line")]

    def slow(*, news: dict[str, Any], **said: Any) -> None:
        if news["number"] == 1:
            assert act(hear) == 0
            clock.shift(timedelta(minutes=1))

    assert act(slow) == 1

    assert [(status(row), row.tries) for row in (first, second)] == [(DONE, 1), (RECEIVED, 1)]


@pytest.mark.django_db(transaction=True)
def test_many_workers_act_once_on_each(hear: Hearing) -> None:
    PlaidItem.objects.create(user=make.user(), plaid_item_id=ITEM_ID)
    rows = [came(number=number) for number in range(10)]

    came_of_it = standing.at_once(*[lambda: act(hear)] * 6)

    assert sum(came_of_it) == len(hear.heard) == 10
    assert {status(row) for row in rows} == {DONE}
    assert {row.tries for row in rows} == {1}
