"""Telling people: together with the change or not at all, once each, and by e-mail until somebody has it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Notice, User
from accounts.operations import notices, posting
from tests import make
from tests.funding.standing import at_once
from tests.harness.by_chance import without_chance
from tests.harness.mail_server import HANG, HANG_UP, MailServer, running_mail_server

SENDER = "a test"
NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


@pytest.fixture
def ada(db: None) -> User:
    return make.user()


@pytest.fixture
def post(settings: Settings) -> Iterator[MailServer]:
    """Send e-mail to a server that takes it."""
    with running_mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 10
        yield server


def tell(user: User, key: str = "a key", **more: Any) -> Notice:
    words = {"kind": "SETTLED", "title": "Deposit of $50.00 settled", "body": "It is there.", "path": "/transfers/1/"}
    with transaction.atomic():
        notices.tell(user=user, key=key, **(words | more))
    return Notice.objects.get(key=key)


def deliver(at: datetime | None = None) -> int:
    """Do one round of posting; a mail server that is away ends it."""
    try:
        return notices.deliver_due(sender=SENDER, now=at)
    except posting.MailServerAway:
        return 0


def read_anew(notice: Notice) -> Notice:
    notice.refresh_from_db()
    return notice


# --- Telling ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_notice_wants_the_transaction_of_its_change() -> None:
    user = make.user()

    with pytest.raises(AssertionError):
        notices.tell(user=user, key="a key", kind="", title="", body="", path="/")

    assert not Notice.objects.exists()


def test_neither_the_change_nor_its_notice_is_there_without_the_other(ada: User) -> None:
    class Undone(Exception): ...

    def change_and_undo() -> None:
        with transaction.atomic():
            User.objects.filter(pk=ada.pk).update(is_active=False)
            tell(ada)
            raise Undone

    with pytest.raises(Undone):
        change_and_undo()

    ada.refresh_from_db()
    assert (ada.is_active, Notice.objects.count()) == (True, 0)


def test_what_was_told_already_is_not_told_again_and_spoils_nothing(ada: User) -> None:
    first = tell(ada)

    with transaction.atomic():
        notices.tell(user=ada, key="a key", kind="RETURNED", title="Other", body="Other words.", path="/")
        User.objects.filter(pk=ada.pk).update(is_active=False)

    assert Notice.objects.get().title == first.title
    ada.refresh_from_db()
    assert not ada.is_active


def test_a_title_fits_into_one_line(ada: User) -> None:
    told = tell(ada, title="Deposit from\r\nBcc: everybody@example.com " + "x" * 500)

    assert told.title.startswith("Deposit from Bcc: everybody")
    assert len(told.title) == 200


@pytest.mark.django_db(transaction=True)
def test_many_who_tell_the_same_at_once_tell_it_once() -> None:
    user = make.user()

    came = at_once(*[lambda: tell(user)] * 6)

    assert not any(isinstance(each, Exception) for each in came)
    assert Notice.objects.count() == 1


# --- Delivering -------------------------------------------------------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_an_e_mail_says_what_the_notice_says_and_leads_to_the_site(
    ada: User, post: MailServer, settings: Settings
) -> None:
    settings.SITE_URL, settings.SUPPORT_EMAIL = "https://invest.example.com", "help@example.com"
    told = tell(ada, body="It’s in your account.\nYou can invest it.")

    assert deliver() == 1

    (letter,) = post.taken
    text, html = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert (letter["Subject"], letter["To"]) == (told.title, ada.email)
    assert letter["From"] == "Northfield <no-reply@example.com>"
    assert text.startswith("It’s in your account.\nYou can invest it.\n")
    assert "https://invest.example.com/transfers/1/\n" in text
    assert 'href="https://invest.example.com/transfers/1/"' in html
    assert not re.search(r"<(img|link|script|style)|src=|url\(|style=", html)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Id"] == "<notifications.example.com>"
    assert letter["Message-ID"] == f"<{told.pk}@example.com>"
    assert letter["Date"].datetime == NOON
    assert read_anew(told).emailed_at == NOON


def test_what_the_mail_server_took_is_sent_once(ada: User, post: MailServer) -> None:
    tell(ada)

    delivered = [deliver(timezone.now() + timedelta(days=days)) for days in range(3)]

    assert delivered == [1, 0, 0]
    assert len(post.taken) == 1


def test_the_words_of_a_notice_are_not_markup(ada: User, post: MailServer) -> None:
    tell(ada, body="From <b>Tom & Jerry’s Bank</b>")

    deliver()

    text, html = (post.taken[0].get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "From <b>Tom & Jerry’s Bank</b>" in text
    assert "From &lt;b&gt;Tom &amp; Jerry’s Bank" in html


REFUSALS = {
    "greeting": ({"HELLO": "421 too busy"}, "SMTPConnectError"),
    "greylisted": ({"RCPT": "451 try later"}, "address refused 451"),
    "after the text, for now": ({"TAKEN": "451 disk full"}, "SMTPDataError 451"),
    "after the text": ({"TAKEN": "554 looks odd"}, "SMTPDataError 554"),
    "our own address": ({"MAIL": "550 who are you?"}, "SMTPSenderRefused"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_was_refused_is_tried_again_after_a_pause(ada: User, post: MailServer, case: str) -> None:
    post.says, error = REFUSALS[case]
    told = tell(ada)

    deliver()
    now = timezone.now()
    too_soon = deliver(now + timedelta(seconds=50))
    refused = read_anew(told).email_error
    conversations, post.says = post.conversations, {}

    assert (refused, conversations, too_soon) == (error, 1, 0)
    assert deliver(now + timedelta(seconds=61)) == 1
    assert (read_anew(told).email_error, told.tries) == ("", 2)


def test_a_mail_server_that_is_not_there_is_asked_once_a_round(ada: User, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for n in range(3):
        tell(ada, f"{n}")

    with pytest.raises(posting.MailServerAway):
        notices.deliver_due(sender=SENDER)

    assert sorted(Notice.objects.values_list("tries", "email_error")) == [
        (0, ""),
        (0, ""),
        (1, "ConnectionRefusedError"),
    ]


@pytest.mark.parametrize("word", ["HELLO", "RCPT", "TAKEN"])
@pytest.mark.parametrize("instead", [HANG, HANG_UP])
def test_a_lost_answer_is_asked_for_again_under_the_same_name(
    ada: User, post: MailServer, settings: Settings, word: str, instead: str
) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    post.says = {word: instead}
    told = tell(ada)

    deliver()
    lost = read_anew(told).emailed_at
    post.says, settings.EMAIL_TIMEOUT = {}, 10
    deliver(timezone.now() + timedelta(minutes=2))

    assert (lost, read_anew(told).tries) == (None, 2)
    assert told.emailed_at is not None
    assert {letter["Message-ID"] for letter in post.taken} == {f"<{told.pk}@example.com>"}
    assert len(post.taken) == (2 if word == "TAKEN" else 1)


def test_an_address_refused_for_good_is_not_tried_again(ada: User, post: MailServer) -> None:
    post.says = {"RCPT": "550 no such user ada@example.com"}
    told = tell(ada)

    for days in range(5):
        deliver(timezone.now() + timedelta(days=days))

    assert (post.conversations, read_anew(told).tries) == (1, 1)
    assert told.given_up_at is not None
    assert told.email_error == "address refused 550"


def test_the_pauses_grow_and_come_to_an_end(ada: User, post: MailServer) -> None:
    post.says = {"RCPT": "451 try later"}
    told, tried = tell(ada), []
    with time_machine.travel(NOON, tick=False) as clock:
        while not read_anew(told).given_up_at:
            tried.append(timezone.now())
            deliver()
            clock.move_to(read_anew(told).claimed_until or timezone.now() + timedelta(days=9))
        deliver()

    pauses = [after - before for before, after in pairwise(tried)]
    assert pauses == list(posting.PAUSES) == sorted(posting.PAUSES)
    assert post.conversations == posting.TRIES == 9


def test_one_that_cannot_be_written_holds_up_no_other(ada: User, settings: Settings) -> None:
    poison = tell(ada, "first")
    Notice.objects.filter(pk=poison.pk).update(title="two\nlines")
    tell(ada, "second")

    assert deliver() == 1
    assert (read_anew(poison).email_error, len(mail.outbox)) == ("BadHeaderError", 1)


def test_someone_who_may_not_sign_in_is_sent_nothing(ada: User) -> None:
    told = tell(ada)
    User.objects.update(is_active=False)

    assert deliver() == 0
    assert (read_anew(told).email_error, len(mail.outbox)) == ("user not active", 0)


def test_no_line_of_the_log_names_a_person(
    ada: User, post: MailServer, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    caplog.set_level("DEBUG")
    settings.EMAIL_TIMEOUT = 0.3
    for n, says in enumerate([{}, {"RCPT": "550 no ada@example.com"}, {"TAKEN": "554 no ada@example.com"}]):
        post.says = says
        tell(ada, f"{n}")
        deliver()

    assert len(caplog.records) >= 3
    assert "ada" not in without_chance(caplog.text)


# --- Several at once, and dying in the middle -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_e_mail_once(post: MailServer) -> None:
    user = make.user()
    keys = [tell(user, f"{n}").pk for n in range(12)]

    came = at_once(*[lambda n=n: notices.deliver_due(sender=f"worker {n}") for n in range(3)])

    assert sum(came) == 12
    assert sorted(letter["Message-ID"] for letter in post.taken) == sorted(f"<{pk}@example.com>" for pk in keys)


def test_the_claim_is_committed_before_the_mail_server_hears_of_it(
    ada: User, post: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tell(ada)

    class Killed(BaseException): ...

    def die(self: Any) -> None:
        raise Killed

    monkeypatch.setattr("django.core.mail.backends.smtp.EmailBackend.open", die)
    with pytest.raises(Killed):
        deliver()
    monkeypatch.undo()
    now = timezone.now()

    assert (read_anew(told).tries, post.conversations) == (1, 0)
    assert deliver(now + timedelta(minutes=4)) == 0
    assert deliver(now + posting.LEASE + timedelta(seconds=1)) == 1
    assert len(post.taken) == 1


def test_one_whose_senders_all_died_is_left_to_a_person(ada: User, post: MailServer) -> None:
    told = tell(ada)
    Notice.objects.update(tries=posting.TRIES, claimed_until=timezone.now() - timedelta(seconds=1))

    assert deliver() == 0
    assert (read_anew(told).email_error, post.conversations) == ("died while sending", 0)


def test_what_was_given_up_can_be_tried_again(ada: User, post: MailServer) -> None:
    post.says = {"RCPT": "550 no such user"}
    told = tell(ada)
    deliver()
    post.says = {}

    again = notices.try_again(notices=Notice.objects.all())

    assert (again, deliver(), read_anew(told).tries) == (1, 1, 1)
    assert notices.try_again(notices=Notice.objects.all()) == 0


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_only_what_its_reader_has_seen_is_marked_as_read(ada: User) -> None:
    seen = tell(ada, "seen")
    came_later = tell(ada, "came later")

    marked = notices.mark_read(notices=Notice.objects.all(), until=seen.created_at)

    assert marked == 1
    assert read_anew(seen).read_at is not None
    assert read_anew(came_later).read_at is None
