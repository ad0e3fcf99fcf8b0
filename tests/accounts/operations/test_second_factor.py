"""The second factor: each code counts once, whoever sends it and however many at one moment."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pyotp
import pytest
import time_machine
from django.db import connection, connections
from pytest_django import Settings

from accounts.models import Notice, RecoveryCode, SecondFactor, SecondFactorChange, User
from accounts.operations import resealing, second_factor, throttle
from tests import make
from tests.accounts.second_factors import begun, set_up

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 17, 0, 5, tzinfo=UTC)


@pytest.fixture
def ada() -> User:
    return make.user()


def is_taken(user: User, code: str) -> bool:
    try:
        second_factor.check(user=user, code=code)
    except second_factor.WrongCode:
        return False
    return True


def told() -> list[str]:
    return [notice.kind.removeprefix("SECOND_FACTOR_") for notice in Notice.objects.order_by("created_at")]


# --- Turning it on ----------------------------------------------------------------------------------------------------


def test_it_counts_once_the_app_has_made_a_code(ada: User) -> None:
    app = begun(ada)
    assert not second_factor.is_on(ada)

    codes = second_factor.turn_on(user=ada, code=app.code())

    assert second_factor.is_on(ada)
    assert len(set(codes)) == second_factor.CODES
    assert all(re.fullmatch(r"([a-z2-9]{4}-){6}[a-z2-9]{4}", code) for code in codes)
    assert len(second_factor.LETTERS) ** second_factor.LENGTH > 2**128
    assert told() == ["ON"]


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "１２３４５６", "x" * 500])
def test_without_a_right_code_it_does_not(ada: User, code: str) -> None:
    begun(ada)

    with pytest.raises(second_factor.WrongCode):
        second_factor.turn_on(user=ada, code=code)
    assert not second_factor.is_on(ada)
    assert not RecoveryCode.objects.exists()


def test_the_code_that_turned_it_on_signs_nobody_in(ada: User) -> None:
    with time_machine.travel(NOON, tick=False):
        app = begun(ada)
        second_factor.turn_on(user=ada, code=app.code())

        assert not is_taken(ada, app.code())


def test_what_was_begun_has_to_be_ended_within_the_hour(ada: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        app = begun(ada)
        clock.shift(second_factor.SET_UP_WITHIN)
        with pytest.raises(second_factor.NotSetUp):
            second_factor.turn_on(user=ada, code=app.code())


def test_beginning_again_gives_another_secret_and_none_once_it_is_on(ada: User) -> None:
    old, new = begun(ada), begun(ada)
    with pytest.raises(second_factor.WrongCode):
        second_factor.turn_on(user=ada, code=old.code())
    second_factor.turn_on(user=ada, code=new.code())
    kept = SecondFactor.objects.get().secret

    second_factor.begin(user=ada)

    assert SecondFactor.objects.get().secret == kept


def test_the_picture_says_whose_it_is_and_where(ada: User, settings: Settings) -> None:
    settings.BRAND_NAME = "North & Field"
    begun(ada)

    asked = pyotp.parse_uri(second_factor.address(SecondFactor.objects.get()))

    assert (asked.issuer, asked.name) == ("North & Field", "ada@example.com")
    assert asked.secret == SecondFactor.objects.get().secret


# --- At rest ----------------------------------------------------------------------------------------------------------


def test_neither_secret_nor_recovery_code_rests_in_clear(ada: User) -> None:
    _app, codes = set_up(ada)
    secret = SecondFactor.objects.get().secret

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_secondfactor")
        stored = str(cursor.fetchall())
    stored += str(list(RecoveryCode.objects.values())) + str(list(Notice.objects.values()))
    assert not [each for each in (secret, *codes, *(code.replace("-", "") for code in codes)) if each in stored]


def test_rotating_keys_finds_the_secret(ada: User) -> None:
    assert "accounts.secondfactor.secret:" in [column.place_in("") for column in resealing.columns()]


# --- Codes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ahead", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_for_its_half_minute_and_those_beside_it(ada: User, ahead: int, good: bool) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        app, _codes = set_up(ada)
        clock.shift(timedelta(minutes=5))

        assert is_taken(ada, app.code(ahead)) is good


def test_a_code_is_good_once_and_none_from_before_it_after(ada: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        app, _codes = set_up(ada)
        clock.shift(timedelta(minutes=5))

        assert is_taken(ada, f" {app.code()[:3]} {app.code()[3:]} ")
        assert not is_taken(ada, app.code())
        assert not is_taken(ada, app.code(-1))
        assert is_taken(ada, app.code(1))


def test_a_recovery_code_is_good_once_however_it_is_typed_and_told_of(ada: User) -> None:
    _app, codes = set_up(ada)

    assert is_taken(ada, codes[3].replace("-", " ").upper())
    assert not is_taken(ada, codes[3])
    assert is_taken(ada, codes[4].replace("-", ""))
    assert second_factor.codes_left(SecondFactor.objects.get()) == 8
    assert told() == ["ON", "CODE_USED", "CODE_USED"]


def test_each_try_leaves_a_line_that_says_how_it_went(ada: User, caplog: pytest.LogCaptureFixture) -> None:
    _app, codes = set_up(ada)
    caplog.clear()
    with caplog.at_level("INFO"):
        is_taken(ada, "000000")
        is_taken(ada, codes[0])

    lines = [line for line in caplog.messages if line.startswith(f"user {ada.pk}: a code")]
    assert lines == [f"user {ada.pk}: a code was {said}" for said in ("refused", "right")]
    assert codes[0] not in caplog.text


def test_codes_of_another_person_are_not_taken(ada: User) -> None:
    _app, codes = set_up(ada)
    other_app, other_codes = set_up(bob := make.user("bob@example.com"))

    assert not is_taken(bob, codes[0])
    assert not is_taken(ada, other_codes[0])
    assert not is_taken(ada, other_app.code())
    assert not is_taken(make.user("eve@example.com"), codes[0])


def test_new_recovery_codes_end_the_old_ones(ada: User) -> None:
    _app, old = set_up(ada)

    new = second_factor.new_codes(user=ada)

    assert not is_taken(ada, old[0])
    assert is_taken(ada, new[0])
    assert told() == ["ON", "NEW_CODES", "CODE_USED"]


def test_who_guesses_too_often_waits(ada: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        app, _codes = set_up(ada)
        clock.shift(timedelta(hours=1))
        for _ in range(second_factor.TRIES):
            assert not is_taken(ada, "000000")

        for _ in range(3):
            with pytest.raises(throttle.TooMany):
                second_factor.check(user=ada, code=app.code())
        assert told() == ["ON", "TRIED"]


def test_over_a_day_few_can_be_tried(ada: User) -> None:
    taken = 0
    with time_machine.travel(NOON.replace(hour=0), tick=False) as clock:
        set_up(ada)
        for _ in range(24):
            clock.shift(timedelta(minutes=59))
            for _ in range(second_factor.TRIES + 1):
                try:
                    taken += not is_taken(ada, "000000")
                except throttle.TooMany:
                    break

    assert taken == second_factor.TRIES_A_DAY - 1  # the first one turned it on


# --- The end of it ----------------------------------------------------------------------------------------------------


def test_turned_off_nothing_is_left_but_what_became_of_it(ada: User) -> None:
    app, codes = set_up(ada)

    second_factor.turn_off(user=ada)

    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert not is_taken(ada, app.code())
    assert not is_taken(ada, codes[0])
    assert told() == ["ON", "OFF"]
    assert [change.what for change in SecondFactorChange.objects.all()] == ["ON", "OFF"]


def test_ops_remove_it_for_a_reason_that_is_kept(ada: User) -> None:
    set_up(ada)
    ops = make.user("ops@example.com", is_staff=True)

    second_factor.remove(about=ada, by=ops, because="Lost the phone; called back.")

    change = SecondFactorChange.objects.get(what="REMOVED")
    assert (change.person, change.by, change.because) == (ada, ops, "Lost the phone; called back.")
    assert told() == ["ON", "REMOVED"]


@pytest.mark.parametrize("act", [second_factor.turn_off, second_factor.new_codes])
def test_what_is_not_on_can_not_be_changed(ada: User, act: Callable[..., object]) -> None:
    begun(ada)

    with pytest.raises(second_factor.NotSetUp):
        act(user=ada)


# --- Races ------------------------------------------------------------------------------------------------------------


def at_once(user: User, code: str, count: int = 6) -> list[bool]:
    """Have so many send one code at one moment, each on a connection of their own."""
    together = Barrier(count)

    def send() -> bool:
        try:
            together.wait()
            return is_taken(user, code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return sorted(each.result() for each in [pool.submit(send) for _ in range(count)])


@pytest.mark.django_db(transaction=True)
def test_of_many_who_send_one_code_at_once_one_gets_in() -> None:
    app, _codes = set_up(ada := make.user())

    assert at_once(ada, app.code(1)) == [False] * 5 + [True]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_send_one_recovery_code_at_once_one_gets_in() -> None:
    _app, codes = set_up(ada := make.user())

    assert at_once(ada, codes[0]) == [False] * 5 + [True]
    assert told() == ["ON", "CODE_USED"]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_turn_it_on_at_once_one_gets_the_codes() -> None:
    app = begun(ada := make.user())
    together, code = Barrier(4), app.code()

    def turn_on() -> int:
        try:
            together.wait()
            return len(second_factor.turn_on(user=ada, code=code))
        except second_factor.NotSetUp:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        got = [each.result() for each in [pool.submit(turn_on) for _ in range(4)]]

    assert sorted(got) == [0, 0, 0, second_factor.CODES]
    assert RecoveryCode.objects.count() == second_factor.CODES
