"""Adding a passkey, signing in with it, removing it; and everything that must not open a session."""

import html
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import passkey_answers
from accounts.models import ActionCount, Notice, Passkey, User
from accounts.operations import passkeys
from tests import make
from tests.harness.authenticator import PRESENT, VERIFIED, Authenticator

pytestmark = pytest.mark.django_db
LIES: dict[str, dict[str, Any]] = {
    "another challenge": {"challenge": "bm90IHdoYXQgd2FzIGFza2Vk"},
    "another site": {"origin": "https://evil.example"},
    "another site's key": {"host": "evil.example"},
    "nobody looked at": {"flags": PRESENT},
    "nobody there": {"flags": VERIFIED},
    "another question": {"type": "webauthn.delete"},
}


@pytest.fixture
def ada(client: Client) -> User:
    user = make.user()
    client.force_login(user)
    return user


def device(**more: Any) -> Authenticator:
    return Authenticator(host=settings.PASSKEY_HOST, origin=settings.PASSKEY_ORIGIN, **more)


def text(came: Any) -> str:
    return html.unescape(came.content.decode())


def asked(client: Client, url: str = "/settings/passkeys/question/") -> str:
    came = client.post(url)
    assert came.status_code == 200
    return came.content.decode()


def add(client: Client, phone: Authenticator, name: str = "My phone", **lies: Any) -> str:
    answer = phone.create(asked(client), **lies)
    return text(client.post("/settings/passkeys/", {"name": name, "answer": answer}, follow=True))


def enter(phone: Authenticator, visitor: Client | None = None, **lies: Any) -> Any:
    visitor = visitor or Client()
    answer = phone.get(asked(visitor, "/sign-in/passkey/question/"), **lies)
    return visitor.post("/sign-in/passkey/", {"answer": answer})


def is_let_in(came: Any) -> bool:
    return came.status_code == 302 and "_auth_user_id" in came.client.session


def test_a_passkey_is_added_told_of_and_opens_a_session(ada: User, client: Client) -> None:
    phone = device()

    assert "My phone" in add(client, phone)

    assert Notice.objects.get(user=ada).title == "A passkey was added"
    came = enter(phone)
    assert is_let_in(came)
    assert came.client.session["_auth_user_id"] == str(ada.pk)
    assert "Last used" in text(client.get("/settings/passkeys/"))


def test_whoever_wanted_a_page_comes_to_it_and_to_no_other_site(ada: User, client: Client) -> None:
    phone = device(counts=False)
    add(client, phone)

    for wanted, there in (
        ("/transfers/", "/transfers/"),
        ("https://evil.example/", "/overview/"),
        ("//evil.example", "/overview/"),
    ):
        visitor = Client()
        answer = phone.get(asked(visitor, "/sign-in/passkey/question/"))
        came = visitor.post("/sign-in/passkey/", {"answer": answer, "next": wanted})
        assert came.headers["Location"] == there


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_key_that_was_made_otherwise_is_not_added(lie: dict[str, Any], ada: User, client: Client) -> None:
    assert "could not be checked" in add(client, device(), **lie)

    assert not Passkey.objects.exists()


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_an_answer_that_lies_opens_nothing(lie: dict[str, Any], ada: User, client: Client) -> None:
    phone = device()
    add(client, phone)

    came = enter(phone, **lie)

    assert not is_let_in(came)
    assert "doesn’t open an account here" in text(came)


def test_another_key_or_another_person_opens_nothing(ada: User, client: Client) -> None:
    phone, grace = device(), make.user(email="grace@example.com")
    add(client, phone)

    assert not is_let_in(enter(phone, key=ec.generate_private_key(ec.SECP256R1())))
    assert not is_let_in(enter(phone, user_handle=grace.pk.bytes))
    assert not is_let_in(enter(device()))
    assert is_let_in(enter(phone))


def test_each_sign_in_leaves_a_line_that_says_how_it_went(
    ada: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    add(client, phone := device())
    with caplog.at_level("INFO"):
        enter(device())
        enter(phone)

    lines = [line for line in caplog.messages if "a passkey was" in line or " used" in line]
    assert lines == ["a passkey was refused", f"user {ada.pk}: passkey {Passkey.objects.get().pk} used"]


def test_a_question_is_answered_once_and_in_time(ada: User, client: Client) -> None:
    phone, visitor = device(counts=False), Client()
    add(client, phone)
    answer = phone.get(asked(visitor, "/sign-in/passkey/question/"))

    assert is_let_in(visitor.post("/sign-in/passkey/", {"answer": answer}))
    assert not is_let_in(Client().post("/sign-in/passkey/", {"answer": answer}))
    again = visitor.post("/sign-in/passkey/", {"answer": answer})
    assert "doesn’t open an account here" in text(again)

    late = Client()
    answer = phone.get(asked(late, "/sign-in/passkey/question/"))
    with time_machine.travel(timezone.now() + passkeys.GOOD_FOR + timedelta(seconds=2), tick=False):
        assert not is_let_in(late.post("/sign-in/passkey/", {"answer": answer}))


def test_a_copy_that_counts_behind_opens_nothing(ada: User, client: Client) -> None:
    phone = device()
    add(client, phone)
    enter(phone)
    phone.used = 0

    assert not is_let_in(enter(phone))


def test_a_removed_key_opens_nothing_and_is_told_of(ada: User, client: Client) -> None:
    phone = device()
    add(client, phone)
    url = f"/settings/passkeys/{Passkey.objects.get().pk}/remove/"

    assert "You have none yet" in text(client.post(url, follow=True))
    client.post(url)

    assert not is_let_in(enter(phone))
    assert [each.title for each in Notice.objects.order_by("created_at")][-1:] == ["A passkey was removed"]
    assert Notice.objects.count() == 2


def test_nobody_removes_anothers_key(ada: User, client: Client) -> None:
    add(client, device())
    other = Client()
    other.force_login(make.user(email="grace@example.com"))

    assert other.post(f"/settings/passkeys/{Passkey.objects.get().pk}/remove/").status_code == 404
    assert Passkey.objects.in_use().count() == 1


def test_whoever_is_stopped_is_not_let_in(ada: User, client: Client) -> None:
    phone = device()
    add(client, phone)
    User.objects.update(is_active=False)

    assert not is_let_in(enter(phone))


def test_one_person_has_only_so_many(ada: User, client: Client) -> None:
    for number in range(passkeys.MOST):
        add(client, device(), name=f"Device {number}")

    refused = client.post("/settings/passkeys/question/")

    assert refused.status_code == 409
    assert refused.json()["error"] == passkeys.TooManyPasskeys.customer_message


def test_questions_are_limited(client: Client) -> None:
    with time_machine.travel("2026-11-24 15:00Z", tick=False):
        for _ in range(passkeys.QUESTIONS):
            asked(client, "/sign-in/passkey/question/")

        assert client.post("/sign-in/passkey/question/").status_code == 429


def test_whoever_has_a_whole_network_asks_no_more_often_and_no_address_is_kept(client: Client) -> None:
    with time_machine.travel("2026-11-24 15:00Z", tick=False):
        for host in range(passkeys.QUESTIONS):
            client.post("/sign-in/passkey/question/", REMOTE_ADDR=f"2001:db8::{host:x}")

        assert client.post("/sign-in/passkey/question/", REMOTE_ADDR="2001:db8::ffff").status_code == 429
    assert "2001:db8" not in str(list(ActionCount.objects.values()))


@pytest.mark.parametrize("named", ["\ud800", "a\0b", "another"], ids=ascii)
def test_a_key_that_names_itself_otherwise_is_refused_and_nothing_else(ada: User, client: Client, named: str) -> None:
    phone, visitor = device(), Client()
    add(client, phone)
    answer = json.loads(phone.get(asked(visitor, "/sign-in/passkey/question/")))

    came = visitor.post("/sign-in/passkey/", {"answer": json.dumps(answer | {"id": named})})

    assert (came.status_code, is_let_in(came)) == (200, False)


def test_without_a_script_the_page_says_what_is_missing(ada: User, client: Client) -> None:
    assert "This needs JavaScript" in text(client.post("/settings/passkeys/", {"name": "My phone"}))
    assert "Give the device a name" in text(client.post("/settings/passkeys/", {"answer": "{}"}))


@pytest.mark.parametrize("name", ["", "My phone"])
def test_no_page_repeats_what_a_device_has_answered(ada: User, client: Client, name: str) -> None:
    answer = device().create(asked(client), origin="https://evil.example")

    page = text(client.post("/settings/passkeys/", {"name": name, "answer": answer}))

    assert 'name="answer"' in page
    assert json.loads(answer)["response"]["clientDataJSON"] not in page


def test_where_nothing_was_asked_an_empty_challenge_is_no_answer(ada: User, client: Client) -> None:
    phone, visitor = device(counts=False), Client()
    add(client, phone)

    answer = phone.get('{"challenge": ""}')

    assert not is_let_in(visitor.post("/sign-in/passkey/", {"answer": answer}))


@given(answer=st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_garbage_is_refused_and_nothing_else(answer: str) -> None:
    with pytest.raises(passkey_answers.AnswerRefused):
        passkey_answers.check_new(answer=answer, challenge="YQ")
    with pytest.raises(passkey_answers.AnswerRefused):
        passkey_answers.credential_of(answer)
