"""News that was kept is acted on again for a person who says why, and does nothing twice."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import BrokerageAccount, StreamEvent, User
from accounts.models.streams import DONE, PARKED, RECEIVED, SET_ASIDE, STRANGER, UNFAMILIAR
from accounts.operations import acting, replaying
from accounts.operations.account_stream import ACCOUNTS
from tests import make

pytestmark = pytest.mark.django_db
BODY = {"event_ulid": "e", "account_id": "ada", "status_to": "APPROVED", "at": "2026-11-22T12:00:00Z"}


@pytest.fixture
def ada() -> BrokerageAccount:
    return make.account(make.user(), status="SUBMITTED", alpaca_id="ada")


@pytest.fixture
def ops() -> User:
    return make.user("ops@example.com", is_staff=True)


def kept(state: str, **more: Any) -> StreamEvent:
    acted_at = timezone.now() if state == DONE else None
    values = {"event_id": "e", "account_id": "ada", "body": json.dumps(BODY), "acted_at": acted_at, "tries": 5}
    return StreamEvent.objects.create(stream=ACCOUNTS.name, state=state, **(values | more))


def act() -> None:
    acting.act_on_due(ACCOUNTS, holder="a test")


@pytest.mark.parametrize("state", [PARKED, UNFAMILIAR, DONE, STRANGER, SET_ASIDE])
def test_a_kept_event_is_acted_on_again(ada: BrokerageAccount, ops: User, state: str) -> None:
    event = kept(state)

    replaying.replay(event=event, because="the code was mended", person=ops)
    act()

    ada.refresh_from_db()
    event.refresh_from_db()
    assert (ada.status, event.state, event.tries) == ("APPROVED", DONE, 1)
    change = event.events.get()
    assert (change.before, change.after) == (state, RECEIVED)
    assert (change.actor, change.because) == (f"ops {ops.pk}", "the code was mended")


def test_acting_twice_changes_nothing_twice(ada: BrokerageAccount, ops: User) -> None:
    event = kept(RECEIVED, tries=0)
    act()
    before = list(ada.events.values_list("pk", flat=True))

    for _ in range(3):
        event.refresh_from_db()
        replaying.replay(event=event, because="to be sure", person=ops)
        act()

    assert list(ada.events.values_list("pk", flat=True)) == before


def test_it_is_parked_again_after_five_more_tries(ops: User) -> None:
    event = kept(PARKED, body="{")

    replaying.replay(event=event, because="try", person=ops)
    for _ in range(5):
        StreamEvent.objects.update(next_at=None)
        act()

    event.refresh_from_db()
    assert (event.state, event.tries) == (PARKED, 5)


def test_what_is_not_kept_cannot_be_acted_on(ops: User) -> None:
    with pytest.raises(replaying.NotKept):
        replaying.replay(event=kept(DONE, body=""), because="try", person=ops)


def test_two_persons_at_once_are_one(ops: User) -> None:
    event = kept(PARKED)
    seen_by_another = StreamEvent.objects.get()
    replaying.replay(event=event, because="first", person=ops)

    with pytest.raises(replaying.SomeoneWasFaster):
        replaying.replay(event=seen_by_another, because="second", person=ops)


@pytest.mark.parametrize("state", [PARKED, UNFAMILIAR])
def test_a_person_sets_aside_what_needs_nothing(ops: User, state: str) -> None:
    event = kept(state)

    replaying.set_aside(event=event, because="the dashboard shows it", person=ops)
    act()

    event.refresh_from_db()
    assert event.state == SET_ASIDE
    assert event.events.get().because == "the dashboard shows it"


@pytest.mark.parametrize("state", [RECEIVED, DONE, STRANGER, SET_ASIDE])
def test_nothing_else_is_set_aside(ops: User, state: str) -> None:
    with pytest.raises(replaying.SomeoneWasFaster):
        replaying.set_aside(event=kept(state), because="away", person=ops)


# --- Order and tries --------------------------------------------------------------------------------------------------


def test_events_are_acted_on_in_the_order_in_which_they_came(ada: BrokerageAccount) -> None:
    now, told = timezone.now(), list[str]()
    for number in (3, 1, 2):
        kept(RECEIVED, event_id=f"e{number}", received_at=now + timedelta(microseconds=number), tries=0)

    acting.act_on_due(ACCOUNTS, holder="a test", tell=lambda account, event, changes: told.append(event))

    assert told == ["e1", "e2", "e3"]


def test_a_stranger_that_fails_later_is_given_its_five_tries(ada: BrokerageAccount) -> None:
    event = kept(STRANGER, body="{", tries=9)

    act()

    event.refresh_from_db()
    assert (event.state, event.tries) == (RECEIVED, 1)
