"""What the worker makes of what Plaid said: each once, in any order, and one that comes to grief stops no other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError, require_no_transaction
from funding.models import ACHRelationship, PlaidItem, PlaidWebhook
from funding.models.webhooks import DONE, GIVEN_UP, IGNORED, PARKED, RECEIVED, UNFAMILIAR, UNMATCHED
from funding.operations import webhooks
from funding.operations.rounds import Rounds
from tests import make
from tests.funding import standing
from tests.funding.webhooks import plaid
from tests.funding.webhooks.plaid import ITEM_ID, message, pretty

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
SENDER = "worker of a test"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    bank = make.relationship(make.account(make.user()))
    PlaidItem.objects.filter(pk=bank.login.pk).update(plaid_item_id=ITEM_ID)
    bank.login.refresh_from_db()
    return bank


@dataclass
class Hearing:
    """Stands where items are read again: notes what it is told, and comes to grief as told to."""

    heard: list[tuple[str, str, str, Any]] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)

    def __call__(self, *, item: PlaidItem, kind: str, code: str, news: Any) -> None:
        require_no_transaction()
        self.heard.append((item.plaid_item_id, kind, code, news))
        if self.troubles:
            raise self.troubles.pop(0)


@pytest.fixture
def hear() -> Hearing:
    return Hearing()


def came(kind: str = "ITEM", code: str = "ERROR", *, body: bytes | None = None, **more: Any) -> PlaidWebhook:
    """Make a row as `receive` does, of a message that is verified."""
    said = pretty(message(kind, code, **more)) if body is None else body
    made = webhooks._made_of(said, f"{PlaidWebhook.objects.count()} {timezone.now()}")
    made.save()
    return made


def act(hear: Callable[..., None]) -> int:
    return webhooks.act_on_due(sender=SENDER, hear=hear)


def status(row: PlaidWebhook) -> str:
    row.refresh_from_db()
    return row.status


def history(row: PlaidWebhook) -> list[str]:
    """Return what became of a row, in order of the words where the clock stood still."""
    events = sorted(row.events.all(), key=lambda event: (event.at, str(event)))
    return [f"{event} ({event.because})" if event.because else f"{event}" for event in events]


# --- What leads to what -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", plaid.ABOUT_ITEMS, ids="/".join)
def test_its_item_is_read_again_once(bank: ACHRelationship, hear: Hearing, words: tuple[str, str]) -> None:
    row = came(*words)

    assert [act(hear), act(hear)] == [1, 0]

    assert hear.heard == [(ITEM_ID, *words, message(*words))]
    assert (status(row), row.tries, row.item) == (DONE, 1, bank.item)
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


# --- Coming to grief --------------------------------------------------------------------------------------------------


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
    clock.shift(timedelta(seconds=59))
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


# --- In the worker's round --------------------------------------------------------------------------------------------


def test_the_worker_acts_on_them(bank: ACHRelationship, settings: Any) -> None:
    settings.BROKER_BASE_URL = settings.PLAID_BASE_URL = "http://127.0.0.1:1"
    rows = [came("LINK", "EVENTS"), came("HOROSCOPE", "ERROR")]

    Rounds(sender=SENDER).run()

    assert [status(row) for row in rows] == [IGNORED, UNFAMILIAR]
