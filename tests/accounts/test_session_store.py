"""Sessions in rows of their own: nothing that opens one rests in them, and they end by themselves."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth import SESSION_KEY, update_session_auth_hash
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import IntegrityError
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import session_store
from accounts.models import Session, User
from accounts.models.sessions import digest
from accounts.operations import sign_ins
from accounts.session_store import SessionStore
from tests import make

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def limits(settings: Settings) -> None:
    """Keep to the limits that the site begins with."""
    settings.SESSION_IDLE_MINUTES, settings.SESSION_IDLE_MINUTES_STAFF = 30, 15
    settings.SESSION_COOKIE_AGE = 12 * 3600


def key_of(client: Client) -> str:
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


def is_signed_in(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def test_the_key_in_the_cookie_is_nowhere_in_the_database(client: Client) -> None:
    client.force_login(ada := make.user())

    row = Session.objects.get()
    assert row.user == ada
    assert row.key_hash == digest(key_of(client))
    assert key_of(client) not in str(list(Session.objects.values()))


def test_what_is_in_the_database_opens_nothing(client: Client) -> None:
    client.force_login(make.user())
    client.cookies[django_settings.SESSION_COOKIE_NAME] = Session.objects.get().key_hash

    assert not is_signed_in(client)


@pytest.mark.parametrize(("is_staff", "minutes"), [(False, 30), (True, 15)])
def test_it_ends_when_nobody_was_there_for_a_while(client: Client, is_staff: bool, minutes: int) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client.force_login(make.user(is_staff=is_staff))
        clock.shift(timedelta(minutes=minutes, seconds=-1))
        assert is_signed_in(client)
        clock.shift(timedelta(minutes=minutes, seconds=-1))
        assert is_signed_in(client)  # from when they were seen last
        clock.shift(timedelta(minutes=minutes))
        assert not is_signed_in(client)


def test_it_ends_after_twelve_hours_however_busy(client: Client) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client.force_login(make.user())
        for _ in range(12 * 4 - 1):
            clock.shift(timedelta(minutes=15))
            assert is_signed_in(client)
        clock.shift(timedelta(minutes=15))
        assert not is_signed_in(client)


def test_another_key_does_not_make_it_last_longer(client: Client) -> None:
    """A new password gives the session a new key; it is the same session all the same."""
    with time_machine.travel(NOON, tick=False) as clock:
        client.force_login(ada := make.user())
        before = Session.objects.get()
        clock.shift(timedelta(minutes=20))
        request = HttpRequest()
        request.session, request.user = SessionStore(key_of(client)), ada
        update_session_auth_hash(request, ada)
        request.session.save()

    after = Session.objects.get()
    assert after.key_hash != before.key_hash
    assert (after.created_at, after.ends_at, after.user) == (before.created_at, before.ends_at, ada)


def test_being_seen_is_written_once_a_minute(client: Client) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client.force_login(make.user())
        seen = []
        for _ in range(4):
            clock.shift(timedelta(seconds=25))
            is_signed_in(client)
            seen.append((Session.objects.get().last_seen_at - NOON).total_seconds())

    assert seen == [0, 0, 75, 75]


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(client: Client) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client.force_login(make.account(make.user()).user)
        clock.shift(timedelta(minutes=20))
        assert client.get("/bank/status/").status_code == 200
        clock.shift(timedelta(minutes=10))
        assert not is_signed_in(client)


def test_one_that_was_ended_elsewhere_is_not_brought_back() -> None:
    store = SessionStore()
    store["seen"] = "yes"
    store.save()
    Session.objects.all().delete()

    with pytest.raises(UpdateError):
        store.save()
    assert not Session.objects.exists()


def test_another_key_brings_back_none_that_was_ended_meanwhile(client: Client) -> None:
    client.force_login(make.user())
    store = SessionStore(key_of(client))
    store["signed_in_at"] = 1
    Session.objects.all().delete()

    with pytest.raises(SessionInterrupted):
        store.cycle_key()

    assert not Session.objects.exists()


def test_two_that_change_its_key_at_once_leave_one_session(client: Client) -> None:
    client.force_login(make.user())
    (row,) = Session.objects.all()
    first, second = SessionStore(key_of(client)), SessionStore(key_of(client))
    assert [dict(each.items()) for each in (first, second)]  # both have read it

    first.cycle_key()
    second.cycle_key()

    assert Session.objects.get().pk == row.pk
    assert Session.objects.get().key_hash == digest(str(second.session_key))


@pytest.mark.django_db(transaction=True)
def test_a_session_of_somebody_who_is_gone_is_not_tried_for_ever() -> None:
    store = SessionStore()
    store[SESSION_KEY] = str(uuid.uuid4())

    with pytest.raises(IntegrityError):
        store.save()


def test_a_fault_behind_another_key_signs_nobody_out(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False
    client.force_login(make.user())

    def fail(**told: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(sign_ins, "end_others", fail)
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        monkeypatch.setattr(django_settings, "FRESH_SIGN_IN_MINUTES", 5)
        late = {"again-password": make.PASSWORD}
        assert client.post("/settings/sign-ins/others/end/", late).status_code == 500

        assert is_signed_in(client)
        assert Session.objects.count() == 1


def test_two_never_share_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes that make the same key at one moment: the second one takes another."""
    keys = iter(["a" * 32, "a" * 32, "b" * 32])
    monkeypatch.setattr(session_store, "get_random_string", lambda *asked: next(keys))
    first, second = SessionStore(), SessionStore()

    first.create()
    second.create()

    assert [first.session_key, second.session_key] == ["a" * 32, "b" * 32]


def test_a_key_is_made_by_chance_and_has_more_than_128_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[str] = []

    def choose(letters: str) -> str:
        chosen.append(letters)
        return letters[0]

    monkeypatch.setattr("django.utils.crypto.secrets.choice", choose)
    SessionStore().create()

    assert len(set(chosen[0])) ** len(chosen) > 2**128


def test_what_is_over_is_cleared() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        SessionStore().create()
        clock.shift(timedelta(hours=12, seconds=1))
        SessionStore().create()
        SessionStore.clear_expired()

    assert Session.objects.count() == 1


def test_signing_out_leaves_nothing(client: Client) -> None:
    client.force_login(make.user())

    client.post("/sign-out/")

    assert not Session.objects.exists()
    assert User.objects.exists()
