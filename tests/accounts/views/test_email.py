"""The pages by which a person changes the address they sign in with."""

import html
import re

import pytest
from django.core import mail
from django.test import Client

from accounts import letter_email, states
from accounts.models import EmailChange, User
from accounts.operations import email_change
from tests import make
from tests.accounts.changing import PATCH, holder
from tests.funding.standing import fault
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db
NEW = "ada.new@example.com"
ASK = {"new_email": NEW}


@pytest.fixture
def ada(client: Client) -> User:
    user = make.user()
    client.force_login(user)
    return user


def text(came: object) -> str:
    return html.unescape(came.content.decode())  # type: ignore[attr-defined]


def ask(client: Client, **changes: str) -> str:
    return text(client.post("/settings/email/", ASK | changes, follow=True))


def links() -> list[str]:
    """Deliver the letters; return the links, the one to the old address first."""
    mail.outbox.clear()
    email_change.deliver_letters(sender="a test")
    found = [re.search(r"https?://[^/]+(/settings/email/confirm/\S+)", str(each.body)) for each in mail.outbox]
    return [each[1] for each in found if each]


def test_a_change_from_the_form_to_the_new_sign_in(ada: User, client: Client) -> None:
    assert "Open the letters we sent" in ask(client)
    old, new = links()
    elsewhere = Client()

    assert "Confirmed" in text(elsewhere.post(new))
    assert "Your e-mail address is changed" in text(client.post(old))

    assert NEW in text(client.get("/settings/"))  # whoever did it here stays signed in
    signed_in = Client().post("/sign-in/", {"username": NEW, "password": make.PASSWORD})
    assert signed_in.status_code == 302


def test_following_a_link_changes_nothing(ada: User, client: Client) -> None:
    ask(client)

    for link in links():
        for _ in range(2):
            came = Client().get(link)
            assert came.status_code == 200
            assert (came["Cache-Control"], came["Referrer-Policy"]) == ("no-store", "same-origin")

    change = EmailChange.objects.get()
    assert (change.old_confirmed_at, change.new_confirmed_at) == (None, None)


def test_a_link_is_good_once(ada: User, client: Client) -> None:
    ask(client)
    old, _ = links()
    client.post(old)

    for came in (client.get(old), client.post(old)):
        assert came.status_code == 410
        assert "leads nowhere any more" in text(came)


@pytest.mark.parametrize("token", ["nonsense", "6f1c90ae-2b47-4c11-9d0e-5a1d7c3b8f42:c2lnbmVk", "a" * 5000])
def test_a_made_up_link_leads_nowhere(client: Client, token: str) -> None:
    assert client.get(f"/settings/email/confirm/{token}/").status_code == 410


def test_a_link_of_another_letter_can_not_be_made_of_ones_own(ada: User, client: Client) -> None:
    ask(client)
    old, _ = links()
    signature = old.rstrip("/").rpartition(":")[2]
    other = str(EmailChange.objects.get().letters.get(kind="CONFIRM_NEW").pk)

    assert client.post(f"/settings/email/confirm/{other}:{signature}/").status_code == 410


def test_either_address_can_call_it_off(ada: User, client: Client) -> None:
    ask(client)
    old, new = links()

    assert "called off" in text(Client().post(old, {"cancel": "1"}))
    assert client.post(new).status_code == 410
    assert EmailChange.objects.get().status == states.CANCELED


def test_the_asker_can_call_it_off(ada: User, client: Client) -> None:
    ask(client)

    shown = text(client.post("/settings/email/cancel/", follow=True))

    assert "Send both letters" in shown
    assert EmailChange.objects.get().status == states.CANCELED


def test_an_address_that_somebody_has_looks_the_same(ada: User, client: Client) -> None:
    free = ask(client).replace(NEW, "X")
    client.post("/settings/email/cancel/")
    make.user("taken@example.com")

    taken = ask(client, new_email="taken@example.com").replace("taken@example.com", "X")

    def steady(page: str) -> str:
        return re.sub(r'(name="csrfmiddlewaretoken" value|datetime)="[^"]+"|\d+:\d\d [AP]M', "", page)

    assert steady(taken) == steady(free)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"new_email": ""}, "Enter the new e-mail address"),
        ({"new_email": "ada"}, "Enter an e-mail address"),
        ({"new_email": "ada@example.com"}, "This is the address that you have"),
        ({"new_email": "ada\r\nBcc: eve@example.com"}, ""),
    ],
)
def test_what_is_wrong_stands_beside_the_field(ada: User, client: Client, wrong: dict[str, str], says: str) -> None:
    shown = ask(client, **wrong)

    assert "errors-title" in shown
    assert says in shown
    assert make.PASSWORD not in shown
    assert not EmailChange.objects.exists()


def test_while_the_account_is_being_opened_it_says_why_not(ada: User, client: Client) -> None:
    make.account(ada, status="SUBMITTED")

    assert "once your account is open" in text(client.get("/settings/email/"))
    assert "once your account is open" in ask(client)
    assert not EmailChange.objects.exists()


def test_a_refusal_of_the_broker_is_told(sandbox: Sandbox, client: Client) -> None:
    client.force_login(holder(sandbox).user)
    ask(client)
    fault(sandbox, "status", PATCH, status=409, body={"code": 40910000, "message": "email already exists"})
    old, new = links()
    client.post(old)

    assert "This address can’t be used" in text(client.post(new))
    assert "ada@example.com" in text(client.get("/settings/"))


def test_a_silent_broker_leaves_the_old_address_good(sandbox: Sandbox, client: Client) -> None:
    client.force_login(holder(sandbox).user)
    ask(client)
    fault(sandbox, "drop_before_commit", PATCH, times=5)
    old, new = links()
    client.post(old)

    assert "We are telling the broker" in text(client.post(new))
    assert "is being changed" in text(client.get("/settings/email/"))
    assert "once more" not in text(client.post("/settings/email/cancel/", follow=True))
    assert EmailChange.objects.get().status == states.CONFIRMED


def test_two_tabs_ask_once(ada: User, client: Client) -> None:
    ask(client)
    ask(client)

    assert EmailChange.objects.count() == 1
    assert letter_email.token(EmailChange.objects.get().letters.all()[0])
