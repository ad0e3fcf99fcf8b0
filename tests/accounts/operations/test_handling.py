"""Handling one person at the desk: what two people of ops do at the same moment is done once."""

import pytest

from accounts import states
from accounts.models import Assignment, BrokerageAccount, SignInChange, User
from accounts.operations import handling, sign_in_stops
from tests import make
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def ops() -> User:
    return make.user("ops@example.com", is_staff=True)


def test_one_sees_to_a_person_at_a_time(ops: User) -> None:
    about, other = make.user(), make.user("other@example.com", is_staff=True)

    for to in (ops, other, ops):
        handling.assign(about=about, to=to, because="x", person=ops)

    standing = handling.standing_assignment(about=about)
    assert standing
    assert standing.to == ops
    assert Assignment.objects.filter(ended_at=None).count() == 1
    assert Assignment.objects.count() == 3


def test_who_lets_go_second_is_told(ops: User) -> None:
    about = make.user()
    handling.assign(about=about, to=ops, because="x", person=ops)
    handling.release(about=about, person=ops)

    with pytest.raises(handling.SomeoneWasFaster):
        handling.release(about=about, person=ops)


def test_who_sends_second_sends_nothing(sandbox: Sandbox, ops: User) -> None:
    application = make.application(make.user(), status=states.READY)
    seen_before = type(application).objects.get(pk=application.pk)

    handling.send_now(application=application, because="rang", person=ops)
    with pytest.raises(handling.NothingToSend):
        handling.send_now(application=seen_before, because="rang", person=ops)

    assert BrokerageAccount.objects.count() == 1
    assert application.events.filter(field="sent by hand").count() == 1


def test_who_stops_or_allows_second_is_told(ops: User) -> None:
    about = make.user()
    sign_in_stops.stop(about=about, because="x", person=ops)

    with pytest.raises(sign_in_stops.NothingToChange):
        sign_in_stops.stop(about=about, because="x", person=ops)
    sign_in_stops.allow(about=about, because="x", person=ops)
    with pytest.raises(sign_in_stops.NothingToChange):
        sign_in_stops.allow(about=about, because="x", person=ops)

    assert SignInChange.objects.count() == 2
