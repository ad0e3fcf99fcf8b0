"""The live part of a page, asked for by a window that outlives its session."""

import uuid

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Session
from tests import make

pytestmark = pytest.mark.django_db

TRANSFER = uuid.UUID("6f1c90ae-2b47-4c11-9d0e-5a1d7c3b8f42")
PAGES = {
    "/apply/waiting/": ("waiting-status", "h1"),
    "/bank/": ("bank-status", "h2"),
    f"/transfers/{TRANSFER}/": ("transfer-status", "h1"),
}


@pytest.mark.parametrize("provider", ["", "https://idp.example.com"])
@pytest.mark.parametrize("page", PAGES)
def test_it_says_that_one_was_signed_out_and_asks_no_more(
    client: Client, settings: Settings, page: str, provider: str
) -> None:
    settings.OIDC_ISSUER = provider
    element, heading = PAGES[page]

    answer = client.get(f"{page}status/", headers={"HX-Request": "true"})

    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    part = answer.content.decode()
    assert part.strip().startswith(f'<div id="{element}"')
    assert f"<{heading} data-announce>You have been signed out</{heading}>" in part
    assert f'href="/sign-in/?next={page}"' in part
    assert "hx-" not in part
    assert not Session.objects.exists()
    assert not answer.cookies


@pytest.mark.parametrize("page", PAGES)
def test_who_follows_its_address_goes_to_the_sign_in(client: Client, page: str) -> None:
    answer = client.get(f"{page}status/")

    assert answer["Location"] == f"/sign-in/?next={page}status/"


def test_who_is_signed_in_gets_news(client: Client) -> None:
    client.force_login(make.account(make.user(), status="SUBMITTED").user)

    answer = client.get("/apply/waiting/status/", headers={"HX-Request": "true"})

    assert "The broker is checking your application" in answer.content.decode()
