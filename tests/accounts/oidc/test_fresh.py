"""A sign-in of this minute, asked for before what is dangerous: given by the same person, and told by the provider."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from accounts import late_form
from accounts.models import User
from accounts.oidc import fresh
from accounts.oidc.backend import BACKEND
from tests import make
from tests.harness.openid_provider import Provider

pytestmark = pytest.mark.django_db


def asking(
    client: Client, *, path: str = "/settings/?a=b", form: dict[str, str] | None = None, back_to: str = ""
) -> str:
    """Return where somebody is sent who is at this page, or sends a form that is too long to wait."""
    long = None if form is None else {**form, "text": "x" * late_form.LONGEST}
    request: HttpRequest = RequestFactory().get(path) if long is None else RequestFactory().post(path, long)
    request.session, request.user = client.session, User.objects.get(email="ada@example.com")
    answer: HttpResponse = fresh.ask(request, back_to=back_to)
    request.session.save()
    assert answer.status_code == 302
    return answer["Location"]


@pytest.fixture
def ada(client: Client, provider: Provider) -> User:
    """Sign Ada in, an hour ago."""
    provider.lies(claims={"auth_time": int(time.time()) - 3600})
    provider.sign_in(client)
    provider.lies()
    return User.objects.get()


def test_the_session_says_when_somebody_last_showed_who_they_are(client: Client, ada: User) -> None:
    assert time.time() - 3700 < client.session["signed_in_at"] < time.time() - 3500


@pytest.mark.parametrize("told", [None, "now", True, -5, 0, 1.5, 10**12])
def test_a_provider_that_does_not_say_when_is_never_fresh(client: Client, provider: Provider, told: object) -> None:
    provider.lies(claims={"auth_time": told})
    provider.sign_in(client)

    assert client.session["signed_in_at"] == 0


def test_somebody_signs_in_anew_and_goes_on(client: Client, provider: Provider, ada: User) -> None:
    session = client.session.session_key
    address = asking(client)
    asked = parse_qs(urlsplit(address).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])

    answer = client.get(provider.come_back(address))

    assert answer["Location"] == "/settings/?a=b"
    assert abs(time.time() - client.session["signed_in_at"]) < 60
    assert client.session["_auth_user_id"] == str(ada.pk)
    assert client.session.session_key != session


@pytest.mark.parametrize("ago", [301, 3600, -120, None], ids=str)
def test_an_old_sign_in_is_not_taken_for_a_new_one(
    client: Client, provider: Provider, ada: User, ago: int | None
) -> None:
    provider.lies(claims={"auth_time": None if ago is None else int(time.time()) - ago})
    before = client.session["signed_in_at"]

    answer = client.get(provider.come_back(asking(client)))

    assert answer.status_code == 403
    assert "Please sign in once more" in answer.content.decode()
    assert 'href="/settings/?a=b"' in answer.content.decode()
    assert client.session["signed_in_at"] == before
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_somebody_elses_sign_in_is_not_taken(client: Client, provider: Provider, ada: User) -> None:
    provider.person("eve")

    answer = client.get(provider.come_back(asking(client)))

    assert answer.status_code == 403
    assert not User.objects.filter(email="eve@example.com").exists()
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_it_can_be_refused_there(client: Client, provider: Provider, ada: User) -> None:
    address = asking(client)
    provider.lies(authorize="access_denied")

    answer = client.get(provider.come_back(address))

    assert answer.status_code == 403
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_after_signing_out_meanwhile_it_opens_nothing(client: Client, provider: Provider, ada: User) -> None:
    address = asking(client)
    client.post("/sign-out/")

    assert client.get(provider.come_back(address)).status_code == 400
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("page", ["/sign-in/again/", "/settings/password/"])
def test_a_password_of_ours_makes_no_sign_in_there_fresh(
    client: Client, provider: Provider, ada: User, page: str
) -> None:
    ada.set_password(make.PASSWORD)
    ada.save()
    client.force_login(ada, backend=BACKEND)
    session = client.session
    session["signed_in_at"] = 0
    session.save()

    answer = client.post(page, {"again-password": make.PASSWORD, "password": "another one altogether"})

    assert answer["Location"] == "/overview/"
    assert client.session["signed_in_at"] == 0
    ada.refresh_from_db()
    assert ada.check_password(make.PASSWORD)


@pytest.mark.parametrize(
    ("given", "back"),
    [
        ({"back_to": "/close/"}, "/close/"),
        ({"back_to": "https://evil.example/"}, "/overview/"),
        ({"back_to": "//evil.example/"}, "/overview/"),
        ({"form": {"next": "/bank/"}}, "/bank/"),
        ({"form": {"next": "https://evil.example/"}}, "/overview/"),
        ({"form": {}}, "/overview/"),
    ],
    ids=str,
)
def test_it_comes_back_to_a_page_of_ours(
    client: Client, provider: Provider, ada: User, given: dict[str, str], back: str
) -> None:
    answer = client.get(provider.come_back(asking(client, **given)))  # type: ignore[arg-type]  # a form's words, and a path

    assert answer["Location"] == back
