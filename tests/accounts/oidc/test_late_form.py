"""A form that comes too late, of somebody whom the provider asks again: it waits, and goes on with one more click."""

import json
import re
import time
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts import late_form
from accounts.models import EmailChange, FieldReveal, Identity, Session, User
from accounts.oidc.backend import BACKEND
from accounts.session_store import SessionStore
from accounts.sign_in_stamp import STAMP
from funding.models import Transfer
from funding.operations import transfers
from tests import make
from tests.funding.admin.ops import page as page_of
from tests.funding.admin.ops import person
from tests.funding.standing import open_customer
from tests.harness.openid_provider import Provider
from tests.harness.sandbox import Sandbox
from tests.hostile.markup import wrong_with

pytestmark = pytest.mark.django_db

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?')
NOT_KEPT = "What you sent was not kept. Please send it again."
EMAIL = {"new_email": 'new+"<x>"@example.com'}


@pytest.fixture(autouse=True)
def minutes(settings: Settings) -> None:
    settings.FRESH_SIGN_IN_MINUTES = 5


@pytest.fixture
def ada(client: Client, provider: Provider) -> User:
    return known_there(client, provider, make.user())


def known_there(client: Client, provider: Provider, user: User) -> User:
    """Let the provider have signed somebody in, longer ago than five minutes."""
    Identity.objects.create(user=user, issuer=provider.url, sub="sub-of-ada")
    client.force_login(user, backend=BACKEND)
    make_stale(client)
    return user


def make_stale(client: Client) -> None:
    session = client.session
    session[STAMP] = int(time.time()) - 5 * 60 - 1
    session.save()


def send_late(client: Client, provider: Provider, url: str, form: dict[str, Any]) -> str:
    """Send a form too late; return where the provider leads back to."""
    late = client.post(url, form, headers={"referer": "http://testserver/settings/email/"})
    assert late.status_code == 302, late.content
    assert "example.com" not in late["Location"]
    return provider.come_back(late["Location"])


def fields_on(answer: Any, *, action: str) -> dict[str, str]:
    """Return the fields of the form that leads to this place."""
    page = answer.content.decode()
    form = page[page.index(f'<form method="post" action="{action}"') :]
    return {
        name: unescape(value)
        for name, value in HIDDEN.findall(form[: form.index("</form>")])
        if name != "csrfmiddlewaretoken"
    }


def test_it_waits_and_goes_on_with_a_click(client: Client, provider: Provider, ada: User) -> None:
    answer = client.get(send_late(client, provider, "/settings/email/?a=b", EMAIL))

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert fields_on(answer, action="/settings/email/?a=b") == EMAIL
    assert NOT_KEPT not in answer.content.decode()
    assert not wrong_with(answer.content.decode())
    assert "a new e-mail address for you" in answer.content.decode()
    assert "<dd>new+&quot;&lt;x&gt;&quot;@example.com</dd>" in re.sub(r"\s*(</?dd>)\s*", r"\1", answer.content.decode())
    assert not EmailChange.objects.exists()
    assert "late_form" not in client.session
    client.post("/settings/email/?a=b", {"new_email": "new@example.com"})
    assert EmailChange.objects.get().new_email == "new@example.com"


def test_that_click_is_a_form_of_ours(client: Client, provider: Provider, ada: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    back = send_late(client, provider, "/settings/email/", EMAIL)
    strict.cookies = client.cookies
    page = strict.get(back).content.decode()
    token = re.search(
        r'action="/settings/email/">\s*<input type="hidden" name="csrfmiddlewaretoken" value="(\w+)"', page
    )
    assert token

    assert strict.post("/settings/email/", EMAIL).status_code == 403
    assert not EmailChange.objects.exists()
    strict.post("/settings/email/", {"new_email": "new@example.com", "csrfmiddlewaretoken": token[1]})
    assert EmailChange.objects.exists()


def test_a_withdrawal_that_is_confirmed_too_late_is_one_transfer(
    client: Client, provider: Provider, sandbox: Sandbox
) -> None:
    customer = open_customer(sandbox, cash="500.00")
    user = known_there(client, provider, customer.user)
    key = str(transfers.form_key(user=user, direction="OUTGOING"))

    answer = client.get(send_late(client, provider, "/withdraw/confirm/", {"amount": "25.00", "form_key": key}))
    assert not Transfer.objects.filter(direction="OUTGOING").exists()
    assert "a withdrawal, which you confirm with it" in answer.content.decode()
    assert "$25<small>.00</small>" in answer.content.decode()
    kept = fields_on(answer, action="/withdraw/confirm/")
    leads = {client.post("/withdraw/confirm/", kept)["Location"] for _ in range(3)}

    transfer = Transfer.objects.get(direction="OUTGOING")
    assert leads == {f"/transfers/{transfer.pk}/"}
    assert [row["amount"] for row in customer.at_the_broker() if row["direction"] == "OUTGOING"] == ["25.00"]


def test_a_deed_of_the_desk_goes_on_too(client: Client, provider: Provider) -> None:
    known_there(client, provider, person())
    provider.person("ada", email="ops@example.com")
    application = make.account(make.user()).application
    look = {"field": "phone", "because": "The bank asks for a call back."}
    url = page_of(application, "show")

    kept = fields_on(client.get(send_late(client, provider, url, look)), action=url)
    assert kept == look
    assert not FieldReveal.objects.exists()

    assert application.phone in client.post(url, kept).content.decode()
    assert FieldReveal.objects.get().because == look["because"]


def test_somebody_else_who_comes_back_gets_nothing(client: Client, provider: Provider, ada: User) -> None:
    late = client.post("/settings/email/", EMAIL)
    provider.person("eve")

    answer = client.get(provider.come_back(late["Location"]))

    assert answer.status_code == 403
    assert NOT_KEPT in answer.content.decode()
    assert "new_email" not in answer.content.decode()
    assert "late_form" not in client.session


def test_after_signing_out_nobody_gets_it_in_any_other_session(client: Client, provider: Provider, ada: User) -> None:
    back = send_late(client, provider, "/settings/email/", EMAIL)
    waiting = client.session["late_form"]
    client.post("/sign-out/")
    assert client.get(back).status_code == 400

    for visitor in (make.user("eve@example.com"), ada):
        client.force_login(visitor, backend=BACKEND)
        session = client.session
        session["late_form"] = waiting  # a row's contents, in another row
        request = type("Request", (), {"session": session, "user": visitor})()
        with pytest.raises(late_form.Gone):
            late_form.take(request, state=waiting["state"])


def test_it_waits_as_long_as_the_way_back_may_take(
    client: Client, provider: Provider, ada: User, settings: Settings
) -> None:
    settings.SESSION_IDLE_MINUTES = 60
    back = send_late(client, provider, "/settings/email/", EMAIL)

    with time_machine.travel(time.time() + late_form.KEPT_FOR + 1, tick=False):
        answer = client.get(back)
        assert "late_form" not in client.session

    assert answer.status_code == 400
    assert NOT_KEPT in answer.content.decode()


def test_one_that_nobody_came_back_for_is_dropped_when_they_are_asked_again(
    client: Client, provider: Provider, ada: User, settings: Settings
) -> None:
    settings.SESSION_IDLE_MINUTES = 60
    send_late(client, provider, "/settings/email/", EMAIL)
    client.get("/settings/email/")
    assert "late_form" in client.session

    with time_machine.travel(time.time() + late_form.KEPT_FOR + 1, tick=False):
        client.get("/settings/email/")
        assert "late_form" not in client.session


def test_its_time_can_not_be_made_longer(client: Client, provider: Provider, ada: User) -> None:
    back = send_late(client, provider, "/settings/email/", EMAIL)
    session = client.session
    session["late_form"] = session["late_form"] | {"until": session["late_form"]["until"] + 3600}
    session.save()

    assert NOT_KEPT in client.get(back, follow=True).content.decode()


TOO_MUCH: dict[str, Callable[[], dict[str, Any]]] = {
    "a file": lambda: EMAIL | {"file": SimpleUploadedFile("a.txt", b"a")},
    "a long text": lambda: EMAIL | {"text": "x" * late_form.LONGEST},
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_what_is_too_much_does_not_wait(client: Client, provider: Provider, ada: User, what: str) -> None:
    back = send_late(client, provider, "/settings/email/", TOO_MUCH[what]())

    assert "late_form" not in client.session
    answer = client.get(back, follow=True)
    assert answer.redirect_chain == [("/settings/email/", 302)]
    assert NOT_KEPT in answer.content.decode()
    assert NOT_KEPT not in client.get("/settings/email/").content.decode()


def test_whoever_sent_none_is_told_of_none(client: Client, provider: Provider, ada: User) -> None:
    back = provider.come_back(client.get("/settings/email/")["Location"])

    assert NOT_KEPT not in client.get(back, follow=True).content.decode()


def test_where_the_provider_is_away_it_waits_no_longer(client: Client, provider: Provider, ada: User) -> None:
    back = send_late(client, provider, "/settings/email/", EMAIL)
    assert "late_form" in client.session
    provider.lies(token=500)

    answer = client.get(back)

    assert answer.status_code == 503
    assert NOT_KEPT in answer.content.decode()
    assert "late_form" not in SessionStore(client.session.session_key).load()


def test_where_the_provider_is_away_at_once_they_are_told_too(client: Client, provider: Provider, ada: User) -> None:
    provider.lies(document=500)

    late = client.post("/settings/email/", EMAIL)

    assert late.status_code == 503
    assert NOT_KEPT in late.content.decode()
    assert "late_form" not in client.session


def test_the_latest_waits_and_only_for_its_own_way_back(client: Client, provider: Provider, ada: User) -> None:
    first = send_late(client, provider, "/settings/email/", {"new_email": "first@example.com"})
    second = send_late(client, provider, "/settings/email/", {"new_email": "second@example.com"})

    answers = [client.get(back, follow=True) for back in (first, second)]

    # The first way back gives the session another key, for which nothing was sealed.
    assert [NOT_KEPT in answer.content.decode() for answer in answers] == [True, True]
    assert not EmailChange.objects.exists()


def test_no_password_and_no_answer_waits_and_nothing_in_the_row_can_be_read(
    client: Client, provider: Provider, ada: User
) -> None:
    secret = {"old_password": "kestrel-77120", "again-password": "plover-88231", "csrfmiddlewaretoken": "avocet-99342"}
    secret |= {"code": "dunlin-33118", "answer": "curlew-55190"}
    back = send_late(client, provider, "/settings/email/", EMAIL | secret)

    data = json.dumps([client.session["late_form"], Session.objects.get(user=ada).session_data])
    assert not re.search("new_email|new\\+|kestrel|plover|avocet|dunlin|curlew|settings", data)
    assert fields_on(client.get(back), action="/settings/email/") == EMAIL
