"""Trying passwords: how often, from where, and what a stranger learns of it."""

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from pytest_django import Settings

from accounts.models import ActionCount, User
from accounts.operations import signing_in, throttle
from brokerage.visit import Visit
from tests import make
from tests.funding.standing import at_once
from tests.harness.by_chance import without_chance

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
EMAIL = "ada@example.com"
ARGON2 = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


WRONG = "not the one"


def came(email: str = EMAIL, password: str = WRONG, *, ip: str = "198.51.100.1", browser: str = "") -> str:
    """Try once; return what came of it."""
    visit = Visit(ip_address=ip, user_agent="")
    try:
        signing_in.check(email=email, password=password, visit=visit, browser=browser)
    except signing_in.WrongSignIn:
        return "wrong"
    except throttle.TooMany as many:
        return f"wait {(many.retry_at - datetime.now(UTC)).total_seconds():.0f}"
    return "in"


def addresses(number: int) -> list[str]:
    return [f"198.51.{each // 250}.{each % 250 + 1}" for each in range(number)]


def test_both_together_let_somebody_in() -> None:
    make.user()

    assert came(password=make.PASSWORD) == "in"
    assert came("  ADA@Example.com ", make.PASSWORD) == "in"


@pytest.mark.parametrize(
    "email", ["nobody@example.com", "gone@example.com", "elsewhere@example.com", "é@example.com", ""]
)
def test_who_can_not_sign_in_is_told_what_everybody_is(email: str) -> None:
    make.user("gone@example.com", is_active=False)
    User.objects.create_user("elsewhere@example.com")

    assert came(email, make.PASSWORD) == "wrong"


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_who_goes_on_trying_waits_longer_each_time_known_or_not(email: str, clock: Any) -> None:
    make.user()
    waits = []
    for _ in range(60):
        if (now := came(email)) != "wrong":
            waits.append(int(now.removeprefix("wait ")))
            clock.shift(waits[-1])

    # Five minutes twice, the rest of the hour, again, and then the rest of the day.
    assert waits[:6] == [300, 300, 3000, 300, 300, 21000]


def test_a_right_password_is_not_looked_at_once_there_were_too_many(clock: Any) -> None:
    make.user()
    for _ in range(5):
        came()

    assert came(password=make.PASSWORD) == "wait 300"
    assert came(password=make.PASSWORD, ip="203.0.113.9") == "in"


def test_one_address_can_not_try_many_names(clock: Any) -> None:
    tried = [came(f"person{number}@example.com") for number in range(61)]

    assert tried[:60] == ["wrong"] * 60
    assert tried[60] == "wait 300"
    assert came("person61@example.com", ip="203.0.113.9") == "wrong"


def test_all_addresses_of_one_ipv6_network_are_one_visitors(clock: Any) -> None:
    tried = [came(ip=f"2001:db8:0:7::{number:x}") for number in range(6)]

    assert tried == ["wrong"] * 5 + ["wait 300"]
    assert came(ip="2001:db8:0:8::1") == "wrong"


def test_many_addresses_can_not_try_one_name(clock: Any) -> None:
    make.user()

    tried = [came(ip=ip) for ip in addresses(101)]

    assert tried == ["wrong"] * 100 + ["wait 3600"]
    assert came("grace@example.com") == "wrong"


def test_strangers_keep_nobody_out_of_a_browser_they_have_signed_in_with(clock: Any) -> None:
    make.user()
    for ip in addresses(101):
        came(ip=ip)
    for number in range(60):
        came(f"person{number}@example.com", ip="203.0.113.9")

    assert came(password=make.PASSWORD, ip="203.0.113.9") == "wait 3600"
    assert came(password=make.PASSWORD, ip="203.0.113.9", browser="hers") == "in"


def test_such_a_browser_may_not_try_for_ever(clock: Any) -> None:
    assert [came(browser="hers") for _ in range(11)] == ["wrong"] * 10 + ["wait 300"]
    assert came("grace@example.com", browser="hers") == "wrong"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_are_let_through() -> None:
    make.user()

    outcomes = at_once(*[came] * 12)

    assert outcomes.count("wrong") == 5
    assert len(outcomes) == 12


def test_neither_counts_nor_logs_tell_a_name(caplog: pytest.LogCaptureFixture) -> None:
    make.user()
    with caplog.at_level(logging.DEBUG):
        came()
        came(password=make.PASSWORD)
        came("nobody@example.com", "canary battery staple")

    kept = without_chance(" ".join([*ActionCount.objects.values_list("key", flat=True), caplog.text]))
    for secret in ("ada", "nobody", "canary", make.PASSWORD, "198.51"):
        assert secret not in kept


def test_each_try_leaves_a_line_that_says_how_it_went(caplog: pytest.LogCaptureFixture) -> None:
    ada = make.user()
    with caplog.at_level(logging.INFO):
        came()
        came(password=make.PASSWORD)

    wrong, right = [line for line in caplog.messages if line.startswith(("sign-in as", "user "))]
    assert wrong.endswith(" refused")
    assert right == f"user {ada.pk}: password was right"


def _noting(hashes: list[str], real: Any) -> Any:
    def work(*given: Any) -> Any:
        hashes.append("argon2")
        return real(*given)

    return work


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com", "gone@example.com", "elsewhere@example.com"])
def test_every_name_costs_one_hash_of_the_same_kind(
    email: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PASSWORD_HASHERS = ARGON2
    make.user()
    make.user("gone@example.com", is_active=False)
    User.objects.create_user("elsewhere@example.com")

    hashes: list[str] = []
    for work in ("encode", "verify"):
        monkeypatch.setattr(Argon2PasswordHasher, work, _noting(hashes, getattr(Argon2PasswordHasher, work)))

    assert came(email) == "wrong"

    assert hashes == ["argon2"]


def test_a_hash_of_an_older_kind_is_made_anew_by_a_right_password_alone(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ARGON2
    user = make.user()
    old = make_password(make.PASSWORD, hasher="pbkdf2_sha256")
    User.objects.filter(pk=user.pk).update(password=old)

    came()
    assert User.objects.get().password == old

    came(password=make.PASSWORD)
    assert User.objects.get().password.startswith("argon2")
    assert came(password=make.PASSWORD) == "in"


def test_letters_in_pieces_are_the_same_password() -> None:
    User.objects.create_user(EMAIL, "Nguye\u0302\u0303n lives by the sea")

    assert came(password="Nguy\u1ec5n lives by the sea") == "in"
    assert came(password="Nguyen lives by the sea") == "wrong"
