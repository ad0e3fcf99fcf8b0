"""Signing out here ends the session at the provider, too."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.oidc import provider as what_we_know
from tests.harness.openid_provider import Provider

pytestmark = pytest.mark.django_db
HOME = "http%3A%2F%2Ftestserver%2F"


@pytest.mark.parametrize("address", ["/sign-out/", "/admin/logout/"])
def test_cognito_is_told_where_to_come_back_to(
    client: Client, provider: Provider, settings: Settings, address: str
) -> None:
    settings.OIDC_LOGOUT_ENDPOINT = f"{provider.url}/logout"
    provider.sign_in(client)
    User.objects.update(is_staff=True, is_superuser=True)

    answer = client.post(address)

    assert answer["Location"] == f"{provider.url}/logout?client_id=brokerage-under-test&logout_uri={HOME}"
    assert answer["Clear-Site-Data"] == '"storage"'
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("provider", ["plain"], indirect=True)
def test_others_say_themselves_where_a_session_ends(client: Client, provider: Provider) -> None:
    provider.sign_in(client)

    answer = client.post("/sign-out/")

    words = f"client_id=brokerage-under-test&post_logout_redirect_uri={HOME}"
    assert answer["Location"] == f"{provider.url}/logout/?{words}"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("address", ["/sign-out/", "/admin/logout/"])
def test_a_link_from_elsewhere_signs_nobody_out(client: Client, provider: Provider, address: str) -> None:
    provider.sign_in(client)

    assert client.get(address).status_code == (405 if address == "/sign-out/" else 302)
    assert "_auth_user_id" in client.session
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(address).status_code == 403


def test_the_session_there_may_be_left_alone(client: Client, provider: Provider, settings: Settings) -> None:
    settings.OIDC_LOGOUT = "local"
    provider.sign_in(client)

    assert client.post("/sign-out/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_ours_ends_though_the_provider_is_away(client: Client, provider: Provider) -> None:
    provider.sign_in(client)
    what_we_know.forget()
    provider.lies(document=500)

    assert client.post("/sign-out/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_where_no_form_may_lead_there_is_a_link(client: Client, provider: Provider, settings: Settings) -> None:
    settings.OIDC_LOGOUT_ENDPOINT = "https://login.example.com/logout?x=1"
    provider.sign_in(client)

    answer = client.post("/sign-out/")

    words = f"x=1&amp;client_id=brokerage-under-test&amp;logout_uri={HOME}"
    assert f'href="https://login.example.com/logout?{words}"' in answer.content.decode()
    assert answer["Clear-Site-Data"] == '"storage"'
    assert "_auth_user_id" not in client.session
