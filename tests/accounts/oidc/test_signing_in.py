"""To the provider and back: who is let in, and as whom."""

from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.admin import person_story
from accounts.models import EmailChange, Identity, User
from accounts.operations import proving_again
from tests import make
from tests.harness.openid_provider import Provider

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("provider", ["cognito", "plain"], indirect=True)
PASSWORD, AGAIN = {"password": make.PASSWORD}, {"again-password": make.PASSWORD}


def signed_in(client: Client) -> str:
    """Return the address of whoever is signed in; nothing for nobody."""
    user = User.objects.filter(pk=client.session.get("_auth_user_id", uuid4())).first()
    return user.email if user else ""


@BOTH
def test_somebody_new_gets_an_account_and_goes_on(client: Client, provider: Provider) -> None:
    answer = provider.sign_in(client, "/sign-in/?next=/apply/")

    assert (answer.status_code, answer["Location"]) == (302, "/apply/")
    identity = Identity.objects.get()
    assert (identity.issuer, identity.sub, identity.was_connected) == (provider.url, "sub-of-ada", False)
    assert (identity.user.email, identity.user.has_usable_password()) == ("ada@example.com", False)
    assert signed_in(client) == "ada@example.com"


@BOTH
def test_the_second_time_it_is_the_same_person(client: Client, provider: Provider) -> None:
    provider.sign_in(client)
    other = Client()

    assert provider.sign_in(other)["Location"] == "/overview/"

    assert User.objects.count() == Identity.objects.count() == 1
    assert signed_in(other) == "ada@example.com"


def test_another_address_at_the_provider_changes_nothing_here(client: Client, provider: Provider) -> None:
    provider.sign_in(client)
    make.user("new@example.com")
    provider.person("ada", email="new@example.com", email_verified=False)
    other = Client()

    provider.sign_in(other)

    assert signed_in(other) == "ada@example.com"


def test_the_same_subject_of_another_issuer_is_somebody_else(client: Client, provider: Provider) -> None:
    somebody = make.user("bob@example.com")
    Identity.objects.create(user=somebody, issuer="https://other.example", sub="sub-of-ada")

    provider.sign_in(client)

    assert signed_in(client) == "ada@example.com"


def test_what_is_asked_of_the_provider(client: Client, provider: Provider) -> None:
    address = urlsplit(client.get("/sign-in/")["Location"])

    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert asked.pop("code_challenge_method") == "S256"
    assert len(asked.pop("code_challenge")) == 43
    assert len(asked.pop("state")) >= 32
    assert len(asked.pop("nonce")) >= 32
    assert asked == {
        "response_type": "code",
        "scope": "openid email",
        "client_id": "brokerage-under-test",
        "redirect_uri": "http://testserver/sign-in/return/",
    }


def test_the_provider_is_asked_for_what_is_known_only_once(client: Client, provider: Provider) -> None:
    provider.sign_in(client)
    assert provider.control() == ["document", "token", "jwks", "userinfo"]

    provider.sign_in(Client())

    assert provider.control() == ["token", "userinfo"]


def test_addresses_can_be_given_and_nothing_is_looked_up(
    client: Client, provider: Provider, settings: Settings
) -> None:
    settings.OIDC_AUTHORIZATION_ENDPOINT = f"{provider.url}/authorize/"
    settings.OIDC_TOKEN_ENDPOINT, settings.OIDC_USERINFO_ENDPOINT = (
        f"{provider.url}/token/",
        f"{provider.url}/userinfo/",
    )
    settings.OIDC_JWKS_ENDPOINT = f"{provider.url}/.well-known/jwks.json"

    provider.sign_in(client)

    assert "document" not in provider.control()
    assert signed_in(client)


def test_nothing_of_the_provider_is_kept(client: Client, provider: Provider) -> None:
    begun = client.get("/sign-in/")
    nonce = parse_qs(urlsplit(begun["Location"]).query)["nonce"][0]
    for_answer = dict(client.session.items())
    assert nonce not in str(for_answer)
    assert "code_verifier" not in str(for_answer)

    client.get(provider.come_back(begun["Location"]))

    kept = str(client.session.items())
    assert "eyJ" not in kept  # how a token begins
    assert set(client.session.keys()) <= {
        "_auth_user_id", "_auth_user_backend", "_auth_user_hash", "oidc_states", "signed_in_at",
    }  # fmt: skip
    assert client.session["oidc_states"] == {}


# --- Pages in the place of our own ------------------------------------------------------------------------------------


def test_a_page_that_wants_a_sign_in_is_come_back_to(client: Client, provider: Provider) -> None:
    sent = client.get("/settings/?a=b")["Location"]

    assert provider.sign_in(client, sent)["Location"] == "/settings/?a=b"


def test_signing_up_leads_to_the_provider_and_on_to_the_application(client: Client, provider: Provider) -> None:
    assert client.get("/sign-up/")["Location"] == "/sign-in/?next=%2Fapply%2F"
    assert (
        client.post("/sign-up/", {"email": "eve@example.com", **PASSWORD})["Location"] == "/sign-in/?next=%2Fapply%2F"
    )

    assert not User.objects.exists()


def test_no_password_opens_a_session(client: Client, provider: Provider) -> None:
    make.user()

    client.post("/sign-in/", {"username": "ada@example.com", **PASSWORD})
    client.post("/admin/login/", {"username": "ada@example.com", **PASSWORD})
    assert not client.login(username="ada@example.com", **PASSWORD)

    assert signed_in(client) == ""


def test_who_is_signed_in_goes_on_without_the_provider(client: Client, provider: Provider) -> None:
    provider.sign_in(client)

    assert client.get("/sign-in/?next=/apply/")["Location"] == "/apply/"
    assert client.get("/sign-in/?next=https://evil.example/")["Location"] == "/overview/"
    assert client.get("/sign-up/")["Location"] == "/overview/"


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"],
)
def test_nobody_is_sent_to_a_foreign_host(client: Client, provider: Provider, address: str) -> None:
    assert provider.sign_in(client, f"/sign-in/?next={quote(address)}")["Location"] == "/overview/"


@pytest.mark.parametrize("word", ["overview", "nowhere", "no where", "?"])
def test_a_word_that_is_no_path_leads_to_the_start(client: Client, provider: Provider, word: str) -> None:
    for _ in ("from the provider", "signed in already"):
        answer = client.get(f"/sign-in/?next={quote(word)}")
        if "_auth_user_id" not in client.session:
            answer = client.get(provider.come_back(answer["Location"]))

        assert (answer.status_code, answer["Location"]) == (302, "/overview/")


def test_the_desk_leads_to_the_provider_and_customers_nowhere(client: Client, provider: Provider) -> None:
    led = client.get("/admin/login/?next=/admin/search/")["Location"]
    assert led == "/sign-in/?next=/admin/search/"

    provider.sign_in(client, led)

    assert client.get("/admin/login/").status_code == 403


@pytest.mark.parametrize("method", ["put", "delete"])
def test_the_addresses_take_no_other_verb(client: Client, provider: Provider, method: str) -> None:
    for address in ("/sign-in/", "/sign-in/return/"):
        assert getattr(client, method)(address).status_code == 405


def test_whoever_asks_for_the_headers_alone_gets_those_of_the_page(client: Client, provider: Provider) -> None:
    assert (client.head("/sign-in/").status_code, client.head("/sign-in/return/").status_code) == (302, 400)


def test_without_a_provider_its_pages_are_not_there(client: Client) -> None:
    assert client.get("/sign-in/return/?code=a&state=b").status_code == 404
    assert client.get("/sign-in/connect/").status_code == 404


# --- An address that somebody here has already ------------------------------------------------------------------------


def test_an_account_is_connected_for_its_password(client: Client, provider: Provider) -> None:
    ada = make.user()

    answer = provider.sign_in(client, "/sign-in/?next=/apply/")

    assert answer["Location"] == "/sign-in/connect/"
    assert signed_in(client) == ""
    page = client.get("/sign-in/connect/")
    assert b"ada@example.com" in page.content
    assert "sub-of-ada" not in str(client.session.items())
    assert client.post("/sign-in/connect/", AGAIN)["Location"] == "/apply/"
    identity = Identity.objects.get()
    assert (identity.user, identity.was_connected) == (ada, True)
    assert signed_in(client) == "ada@example.com"
    assert ada.notices.get().title == "You sign in a new way from now on"
    assert provider.sign_in(Client())["Location"] == "/overview/"
    assert ada.notices.filter(kind="SIGN_IN_CONNECTED").count() == 1


def test_an_account_is_not_connected_for_another_password(client: Client, provider: Provider) -> None:
    make.user()
    provider.sign_in(client)

    page = client.post("/sign-in/connect/", {"again-password": "canary battery staple"})

    assert b"not your password" in page.content
    assert b"canary" not in page.content
    assert (signed_in(client), Identity.objects.count()) == ("", 0)


def test_passwords_are_not_tried_without_end(client: Client, provider: Provider) -> None:
    make.user()
    provider.sign_in(client)
    for _ in range(proving_again.TRIES):
        client.post("/sign-in/connect/", {"again-password": "wrong"})

    assert client.post("/sign-in/connect/", AGAIN).status_code == 429
    assert signed_in(client) == ""


def test_there_is_nothing_to_connect_without_a_sign_in(client: Client, provider: Provider) -> None:
    make.user()

    assert client.post("/sign-in/connect/", AGAIN).status_code == 400
    assert signed_in(client) == ""


def test_connecting_waits_for_half_an_hour(client: Client, provider: Provider) -> None:
    make.user()
    provider.sign_in(client)

    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        assert client.post("/sign-in/connect/", AGAIN).status_code == 400


def test_an_account_of_another_sign_in_is_not_connected(client: Client, provider: Provider) -> None:
    provider.sign_in(Client())
    provider.person("ada", sub="another-sub")

    provider.sign_in(client)

    assert b"belongs to another sign-in" in client.get("/sign-in/connect/").content
    assert client.post("/sign-in/connect/", {"again-password": "anything"}).status_code == 200
    assert signed_in(client) == ""


def test_an_address_that_is_being_changed_to_is_nobodys_yet(client: Client, provider: Provider) -> None:
    bob = make.user("bob@example.com")
    wish = {"old_email": bob.email, "new_email": "ada@example.com", "status": "CONFIRMED", "ip_address": "203.0.113.7"}
    EmailChange.objects.create(user=bob, **wish)

    assert provider.sign_in(client).status_code == 403

    assert not User.objects.filter(email="ada@example.com").exists()


def test_the_story_of_a_person_says_how_they_came(client: Client, provider: Provider) -> None:
    ada = make.user()
    application = make.application(ada)
    provider.sign_in(client)
    client.post("/sign-in/connect/", AGAIN)

    told = [row[1] for row in person_story.everything(application).rows]

    assert "Connected to the sign-in provider" in told


# --- Who may not ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("proven", [False, "false", "no", None, 1])
def test_an_unproven_address_makes_nobody(client: Client, provider: Provider, proven: object) -> None:
    provider.lies(person={"email_verified": proven})

    answer = provider.sign_in(client)

    assert answer.status_code == 403
    assert "e-mail address that is confirmed" in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "ada@exam\0ple.com", "a@b.c\r\nBcc: x@y.z", f"{'a' * 250}@example.com", 5, ["a@b.cd"]]
)
def test_what_is_no_address_makes_nobody(client: Client, provider: Provider, email: object) -> None:
    provider.lies(person={"email": email})

    assert provider.sign_in(client).status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize("proven", [True, "true", "True"])
def test_a_proven_address_may_be_told_in_a_text(client: Client, provider: Provider, proven: object) -> None:
    provider.lies(person={"email_verified": proven})

    provider.sign_in(client)

    assert signed_in(client)


def test_who_is_stopped_is_refused_and_signed_out_at_once(client: Client, provider: Provider) -> None:
    provider.sign_in(client)
    User.objects.update(is_active=False)

    assert client.get("/apply/")["Location"].startswith("/sign-in/")
    answer = provider.sign_in(client)

    assert answer.status_code == 403
    assert "can’t be signed in to" in answer.content.decode()
    assert client.get("/apply/").status_code == 302


def test_who_is_stopped_connects_nothing(client: Client, provider: Provider) -> None:
    ada = make.user(is_active=False)
    assert provider.sign_in(client).status_code == 403

    User.objects.update(is_active=True)
    provider.sign_in(client)
    User.objects.update(is_active=False)

    assert client.post("/sign-in/connect/", AGAIN).status_code == 403
    assert not ada.identities.exists()
