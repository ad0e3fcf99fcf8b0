"""The one way a status may change: allowed, from where it stands, and with its history row."""

import pytest
from django.db import IntegrityError

from accounts import states
from accounts.models import AccountEvent, Application, ApplicationEvent
from brokerage.status import IllegalMove, LostRace, move
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return make.application(make.user())


@pytest.mark.parametrize("before", states.APPLICATION_MOVES)
@pytest.mark.parametrize("after", [*states.APPLICATION_MOVES, "", "LEVITATING"])
def test_only_what_the_table_allows_may_follow(application: Application, before: str, after: str) -> None:
    Application.objects.update(status=before)
    application.refresh_from_db()

    if after in states.APPLICATION_MOVES[before]:
        application.move(after, actor="a test")
        expected = (after, 1)
    else:
        with pytest.raises(IllegalMove):
            application.move(after, actor="a test")
        expected = (before, 0)

    application.refresh_from_db()
    assert (application.status, ApplicationEvent.objects.count()) == expected


def test_of_two_who_move_a_row_one_loses(application: Application) -> None:
    first, second = (Application.objects.get(pk=application.pk) for _ in range(2))

    first.move(states.READY, actor="first")
    with pytest.raises(LostRace):
        second.move(states.READY, actor="second")

    assert [event.actor for event in application.events.all()] == ["first"]
    assert second.status == states.DRAFT


def test_a_row_that_is_gone_is_a_lost_race() -> None:
    unsaved = Application(user=make.user(), status=states.DRAFT)

    with pytest.raises(LostRace):
        unsaved.move(states.READY, actor="a test")


def test_a_status_and_its_history_are_written_together_or_not_at_all() -> None:
    account = make.account(make.user(), status="SUBMITTED")
    account.move("APPROVED", actor="broker", vendor_event_id="01ARYZ6S41")

    with pytest.raises(IntegrityError):
        account.move("ACTIVE", actor="broker", vendor_event_id="01ARYZ6S41", account_number="12")

    assert (account.status, account.account_number) == ("APPROVED", "980017731")
    account.refresh_from_db()
    assert (account.status, account.account_number) == ("APPROVED", "980017731")
    assert AccountEvent.objects.filter(after="ACTIVE").count() == 0


def test_history_tells_who_when_and_why(application: Application) -> None:
    move(
        application,
        field="status",
        to=states.READY,
        moves=states.APPLICATION_MOVES,
        actor="customer 6f1c",
        because="x" * 400,
        evidence={"http_status": 504},
        also={"refusal": "set beside it"},
    )

    (event,) = application.events.all()
    assert (event.before, event.after, event.actor) == ("DRAFT", "READY", "customer 6f1c")
    assert (event.because, event.evidence) == ("x" * 300, {"http_status": 504})
    application.refresh_from_db()
    assert application.refusal == "set beside it"
