"""Letters that lead in: what is written to whom, the same work whoever it is, and keys that are good once."""

import hashlib
import logging
import re
import smtplib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import ActionCount, LetterKey, SignInLetter, User
from accounts.operations import new_passwords, posting, sign_in_letters, throttle
from brokerage.visit import Visit
from tests import make
from tests.harness import mailbox
from tests.harness.by_chance import without_chance

pytestmark = pytest.mark.django_db

ADA = "ada@example.com"
NOBODY = "nobody@example.com"
Kind = SignInLetter.Kind
# What differs from one to the next in the same statement: values, and the names of savepoints.
VALUES = re.compile(r"""(NULL|'[^']*'|\d+)(::\w+)?|"s\d+_x\d+\"""")
ASKS: list[Callable[..., None]] = [sign_in_letters.ask_to_sign_up, sign_in_letters.ask_for_password]


def ask_for_password(email: str = ADA, visit: Visit = make.VISIT) -> SignInLetter:
    sign_in_letters.ask_for_password(email=email, visit=visit)
    return SignInLetter.objects.latest("created_at")


def key_of(email: str = ADA) -> str:
    return mailbox.newest_link(email).rstrip("/").rpartition("/")[2]


def delivered() -> list[tuple[str, str]]:
    mail.outbox.clear()
    sign_in_letters.deliver(sender="a test")
    return [(message.to[0], str(message.subject)) for message in mail.outbox]


# --- What is written to whom ------------------------------------------------------------------------------------------


def test_who_signs_up_gets_a_link_and_who_has_a_sign_in_is_told_so() -> None:
    make.user()

    for email in (ADA, "new@example.com"):
        sign_in_letters.ask_to_sign_up(email=f" {email.upper()} ", visit=make.VISIT)

    assert delivered() == [(ADA, "You have a sign-in already"), ("new@example.com", "Confirm your e-mail address")]
    assert LetterKey.objects.count() == 1


@pytest.mark.parametrize(
    ("email", "subject"),
    [
        (ADA, "Set a new password"),
        (NOBODY, "There is no sign-in with this address"),
        ("gone@example.com", "Your sign-in was stopped"),
        ("elsewhere@example.com", "Your sign-in has no password"),
    ],
)
def test_only_who_has_a_password_gets_a_link_to_another(email: str, subject: str) -> None:
    make.user()
    make.user("gone@example.com", is_active=False)
    User.objects.create_user("elsewhere@example.com")

    ask_for_password(email)

    assert delivered() == [(email, subject)]
    assert LetterKey.objects.exists() == (email == ADA)


@pytest.mark.parametrize("ask", ASKS)
def test_known_and_unknown_are_the_same_work(ask: Callable[..., None]) -> None:
    make.user()
    statements = []
    for email in (ADA, NOBODY):
        with CaptureQueriesContext(connection) as queries:
            ask(email=email, visit=make.VISIT)
        statements.append([VALUES.sub("…", each["sql"]) for each in queries])

    assert statements[0] == statements[1]


def test_links_lead_to_the_site_and_to_no_other_host(settings: Settings) -> None:
    settings.SITE_URL = "https://northfield.example"
    make.user()
    ask_for_password()
    sign_in_letters.ask_to_sign_up(email=NOBODY, visit=make.VISIT)
    sign_in_letters.ask_to_sign_up(email=ADA, visit=make.VISIT)
    sign_in_letters.deliver(sender="a test")

    for message in mail.outbox:
        text, page = str(message.body), message.message().as_string()
        assert text.count("https://northfield.example/") == text.count("http") >= 1
        assert page.count("https://northfield.example/") == page.count("http")


# --- Keys -------------------------------------------------------------------------------------------------------------


def test_of_a_key_only_its_digest_is_kept() -> None:
    make.user()
    ask_for_password()
    key = key_of()

    assert len(key) == 43  # 256 bits
    assert LetterKey.objects.get().digest == hashlib.sha256(key.encode()).hexdigest()
    assert sign_in_letters.of_link(kind=Kind.PASSWORD, key=key).email == ADA


@pytest.mark.parametrize("key", ["", "no-such-key", "\x00", "%00", "é" * 43, "a" * 5000, "../sign-in"])
def test_a_made_up_key_opens_nothing(key: str) -> None:
    make.user()
    ask_for_password()

    with pytest.raises(sign_in_letters.LinkIsOver):
        sign_in_letters.of_link(kind=Kind.PASSWORD, key=key)


def test_a_key_opens_only_what_it_was_sent_for() -> None:
    make.user()
    sign_in_letters.ask_to_sign_up(email=NOBODY, visit=make.VISIT)
    for_sign_up = key_of(NOBODY)
    ask_for_password()

    with pytest.raises(sign_in_letters.LinkIsOver):
        sign_in_letters.of_link(kind=Kind.PASSWORD, key=for_sign_up)
    with pytest.raises(sign_in_letters.LinkIsOver):
        sign_in_letters.of_link(kind=Kind.SIGN_UP, key=key_of())


@pytest.mark.parametrize(("minutes", "is_good"), [(0, True), (59, True), (60, False)])
def test_a_key_to_a_password_is_good_for_an_hour(minutes: int, is_good: bool) -> None:
    make.user()
    began_at = timezone.now()
    with time_machine.travel(began_at, tick=False):
        ask_for_password()
        key = key_of()

    with time_machine.travel(began_at + timedelta(minutes=minutes), tick=False):
        try:
            sign_in_letters.of_link(kind=Kind.PASSWORD, key=key)
        except sign_in_letters.LinkIsOver:
            assert not is_good
        else:
            assert is_good


@pytest.mark.parametrize(
    "change",
    [
        {"email": "ada.new@example.com"},
        {"is_active": False},
        {"password": "!none"},
        {"password": "md5$salt$another"},
    ],
)
def test_a_key_is_over_once_the_sign_in_has_changed(change: dict[str, Any]) -> None:
    user = make.user()
    ask_for_password()
    key = key_of()

    User.objects.filter(pk=user.pk).update(**change)

    with pytest.raises(sign_in_letters.LinkIsOver):
        sign_in_letters.of_link(kind=Kind.PASSWORD, key=key)


def test_a_reset_ends_every_other_link() -> None:
    make.user()
    letters = [ask_for_password() for _ in range(2)]
    keys = _keys(2)
    new_passwords.set_by_letter(letter=letters[0], password="another one altogether")

    for key in keys:
        with pytest.raises(sign_in_letters.LinkIsOver):
            sign_in_letters.of_link(kind=Kind.PASSWORD, key=key)


def _keys(number: int) -> list[str]:
    sign_in_letters.deliver(sender="a test")
    links = [mailbox.links_in(str(message.body))[0] for message in mail.outbox]
    assert len(links) == number
    return [link.rstrip("/").rpartition("/")[2] for link in links]


def test_a_letter_that_may_have_arrived_twice_opens_by_either_key() -> None:
    make.user()
    letter = ask_for_password()
    keys = [letter.make_key(), letter.make_key()]

    for key in keys:
        assert sign_in_letters.of_link(kind=Kind.PASSWORD, key=key).pk == letter.pk
    new_passwords.set_by_letter(letter=letter, password="another one altogether")
    for key in keys:
        with pytest.raises(sign_in_letters.LinkIsOver):
            sign_in_letters.of_link(kind=Kind.PASSWORD, key=key)


# --- Sending ----------------------------------------------------------------------------------------------------------


def test_a_letter_is_sent_again_where_the_mail_server_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    make.user()
    ask_for_password()

    def away(*given: Any, **more: Any) -> int:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
        with pytest.raises(posting.MailServerAway):
            sign_in_letters.deliver(sender="a test")
    assert delivered() == []

    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert delivered() == [(ADA, "Set a new password")]
    assert LetterKey.objects.count() == 2


def test_a_letter_whose_link_is_over_is_not_sent() -> None:
    make.user()
    ask_for_password()

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert delivered() == []
    assert SignInLetter.objects.get().email_error == "the link is over"


def test_letters_are_forgotten_a_week_after_their_end() -> None:
    make.user()
    letter = ask_for_password()
    key_of()

    assert sign_in_letters.forget_old(now=letter.expires_at + timedelta(days=6, hours=23)) == 0
    assert sign_in_letters.forget_old(now=letter.expires_at + timedelta(days=7)) == 1
    assert not LetterKey.objects.exists()


# --- How often --------------------------------------------------------------------------------------------------------


def from_address(number: int) -> Visit:
    return Visit(ip_address=f"198.51.100.{number}", user_agent="")


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("email", [ADA, NOBODY])
def test_one_who_asks_gets_three_letters_an_hour_known_or_not(ask: Callable[..., None], email: str) -> None:
    make.user()
    with time_machine.travel(datetime(2026, 11, 24, 17, 10, tzinfo=UTC), tick=False):
        for _ in range(3):
            ask(email=email, visit=make.VISIT)
        with pytest.raises(throttle.TooMany) as refused:
            ask(email=email, visit=make.VISIT)

    assert refused.value.retry_at == datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


def test_strangers_can_not_keep_an_owner_from_a_letter_that_works() -> None:
    """Four an hour to one mailbox, whoever asks; and the links of that hour are good still."""
    make.user()
    with time_machine.travel(datetime(2026, 11, 24, 17, 0, tzinfo=UTC), tick=False) as clock:
        for hour in range(24):
            clock.move_to(datetime(2026, 11, 24, 17, 10, tzinfo=UTC) + timedelta(hours=hour))
            for number in range(4):
                ask_for_password(ADA, from_address(number + 4 * hour))
                sign_in_letters.ask_to_sign_up(email=ADA, visit=from_address(100 + number + 4 * hour))
            with pytest.raises(throttle.TooMany):
                ask_for_password(ADA, from_address(99))
        clock.shift(timedelta(minutes=49))

        of_this_hour = SignInLetter.objects.filter(kind=Kind.PASSWORD).latest("created_at")

        assert sign_in_letters.of_link(kind=Kind.PASSWORD, key=of_this_hour.make_key()) == of_this_hour


def test_one_address_may_ask_for_twenty_mailboxes_an_hour() -> None:
    with time_machine.travel(datetime(2026, 11, 24, 17, 10, tzinfo=UTC), tick=False):
        for number in range(20):
            ask_for_password(f"person{number}@example.com")

        with pytest.raises(throttle.TooMany):
            ask_for_password("another@example.com")
        ask_for_password("another@example.com", from_address(1))


def test_neither_counts_nor_logs_tell_an_address_or_a_key(caplog: pytest.LogCaptureFixture) -> None:
    make.user()
    with caplog.at_level(logging.DEBUG):
        ask_for_password()
        key = key_of()
        new_passwords.set_by_letter(letter=SignInLetter.objects.get(), password="another one altogether")

    kept = without_chance(" ".join([*ActionCount.objects.values_list("key", flat=True), caplog.text]))
    for secret in ("ada", key, "another one", "203.0.113"):
        assert secret not in kept
