"""Another password: asked for by letter, and changed in the settings."""

import html
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import SignInLetter, User
from accounts.operations import notices, proving_again
from tests import make
from tests.accounts.pages import bare, headers
from tests.accounts.second_factors import set_up
from tests.harness import mailbox

pytestmark = pytest.mark.django_db

ADA = "ada@example.com"
NEW = "another one altogether"
PEOPLE = ["ada@example.com", "gone@example.com", "elsewhere@example.com", "nobody@example.com"]


@pytest.fixture
def ada() -> User:
    return make.user()


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def sign_in(password: str, client: Client | None = None) -> int:
    return (client or Client()).post("/sign-in/", {"username": ADA, "password": password}).status_code


def link(email: str = ADA) -> str:
    Client().post("/password/", {"email": email})
    return mailbox.newest_link(email)


# --- Forgotten --------------------------------------------------------------------------------------------------------


def test_from_the_letter_to_the_new_sign_in(ada: User, client: Client) -> None:
    signed_in = Client()
    signed_in.force_login(ada)
    found = link()

    answer = client.post(found, {"password": NEW}, follow=True)

    assert answer.redirect_chain == [("/sign-in/", 302)]
    assert "Your password is changed" in text(answer)
    assert signed_in.get("/settings/").status_code == 302
    assert (sign_in(make.PASSWORD), sign_in(NEW)) == (200, 302)


def test_everybody_reads_the_same_to_the_byte(ada: User) -> None:
    make.user("gone@example.com", is_active=False)
    User.objects.create_user("elsewhere@example.com")
    pages = []
    for email in PEOPLE:
        client = Client()
        answer = client.post("/password/", {"email": email})
        pages.append((answer.status_code, headers(answer), bare(client.get(answer["Location"]))))

    assert pages == pages[:1] * len(PEOPLE)


@pytest.mark.parametrize("path", ["/password/", "/sign-up/"])
def test_an_address_that_is_too_long_once_it_is_in_small_letters_is_refused(client: Client, path: str) -> None:
    email = f"ada@{'.'.join(['İ' * 20] * 11)}.com"
    assert len(email) <= 254 < len(email.lower())

    assert "Enter an e-mail address such as" in text(client.post(path, {"email": email}))
    assert not SignInLetter.objects.exists()


@pytest.mark.parametrize("email", PEOPLE)
def test_too_many_are_told_when_to_try_again(ada: User, email: str) -> None:
    came = [Client().post("/password/", {"email": email}) for _ in range(4)]

    assert [answer.status_code for answer in came] == [302, 302, 302, 429]
    assert int(came[-1]["Retry-After"]) > 0


def test_following_the_link_changes_nothing(ada: User, client: Client) -> None:
    found = link()

    for _ in range(3):
        answer = client.get(found)
        assert answer.status_code == 200
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "same-origin")

    assert sign_in(make.PASSWORD) == 302


def test_a_link_is_good_once(ada: User, client: Client) -> None:
    found = link()
    client.post(found, {"password": NEW})

    for answer in (client.get(found), client.post(found, {"password": "a third one altogether"})):
        assert answer.status_code == 410
        assert "leads nowhere any more" in text(answer)
    assert sign_in(NEW) == 302


@pytest.mark.parametrize("url", ["/password/{key}/", "/sign-up/{key}/"])
@pytest.mark.parametrize("key", ["no-such-key", "a" * 5000, "..", "%F0%9F%92%A9"])
def test_a_made_up_link_leads_nowhere(client: Client, url: str, key: str) -> None:
    assert client.get(url.format(key=key)).status_code == 410
    assert client.post(url.format(key=key), {"password": NEW}).status_code == 410


def test_a_link_to_a_password_ends_no_sign_up(ada: User, client: Client) -> None:
    swapped = link().replace("/password/", "/sign-up/")

    assert client.post(swapped, {"password": NEW}).status_code == 410
    assert sign_in(make.PASSWORD) == 302


def test_a_weak_password_is_told_beside_the_field_and_the_link_stays_good(ada: User, client: Client) -> None:
    found = link()

    answer = client.post(found, {"password": "ada@example.com"})

    assert 'id="id_password_error"' in answer.content.decode()
    assert client.post(found, {"password": NEW}).status_code == 302


def test_who_set_a_new_one_is_not_kept_out_by_strangers(ada: User, client: Client) -> None:
    for number in range(101):
        sign_in("x", Client(REMOTE_ADDR=f"198.51.100.{number}"))
    assert sign_in(make.PASSWORD, client) == 429

    client.post(link(), {"password": NEW})

    assert sign_in(NEW, client) == 302


# --- In the settings --------------------------------------------------------------------------------------------------


@pytest.fixture
def signed_in(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


def change(client: Client, new: str = NEW, present: str = make.PASSWORD) -> Any:
    return client.post("/settings/password/", {"again-password": present, "again-new_password": new})


def test_who_changes_it_stays_signed_in_and_nobody_else_does(ada: User, signed_in: Client) -> None:
    elsewhere = Client()
    elsewhere.force_login(ada)

    assert change(signed_in)["Location"] == "/settings/"

    assert "Your password is changed" in text(signed_in.get("/settings/"))
    assert elsewhere.get("/settings/").status_code == 302
    assert (sign_in(make.PASSWORD), sign_in(NEW)) == (200, 302)
    notices.deliver_due(sender="a test")
    assert str(mail.outbox[0].subject) == "Your password was changed"


@pytest.mark.parametrize("new", ["", "short", make.PASSWORD])
def test_what_is_wrong_is_told_beside_the_field(signed_in: Client, new: str) -> None:
    answer = change(signed_in, new)

    assert answer.status_code == 200
    assert 'id="id_again-new_password_error"' in answer.content.decode()
    assert make.PASSWORD not in answer.content.decode()
    assert sign_in(make.PASSWORD) == 302


@pytest.mark.parametrize("present", ["", "not the one"])
def test_an_open_screen_is_not_enough(signed_in: Client, present: str) -> None:
    answer = change(signed_in, present=present)

    assert 'id="id_again-password_error"' in answer.content.decode()
    assert (sign_in(make.PASSWORD), sign_in(NEW)) == (302, 200)


def test_an_open_screen_does_not_tell_whether_a_password_is_the_present_one(signed_in: Client) -> None:
    for present in ("", "not the one"):
        right, wrong = (change(signed_in, new, present) for new in (make.PASSWORD, NEW))

        assert 'id="id_again-new_password_error"' not in right.content.decode()
        assert bare(right) == bare(wrong)


def test_the_present_one_can_not_be_tried_for_ever(signed_in: Client) -> None:
    for _ in range(proving_again.TRIES):
        assert change(signed_in, present="not the one").status_code == 200

    answer = change(signed_in)

    assert answer.status_code == 429
    assert answer.has_header("Retry-After")


def test_who_has_a_second_factor_shows_it_too(ada: User, signed_in: Client) -> None:
    app, _codes = set_up(ada)

    assert 'id="id_again-code_error"' in change(signed_in).content.decode()
    sent = {"again-password": make.PASSWORD, "again-code": app.code(), "again-new_password": NEW}
    assert signed_in.post("/settings/password/", sent)["Location"] == "/settings/"


def test_who_has_no_password_is_told_so(ada: User, signed_in: Client) -> None:
    ada.set_unusable_password()
    ada.save()
    signed_in.force_login(ada)

    assert "Your sign-in has no password" in text(signed_in.get("/settings/password/"))
    assert "Your sign-in has no password" in text(change(signed_in))
    assert "you sign in through a provider" in text(signed_in.get("/settings/"))
    ada.refresh_from_db()
    assert not ada.has_usable_password()


def test_the_settings_lead_there(signed_in: Client) -> None:
    assert 'href="/settings/password/"' in text(signed_in.get("/settings/"))
