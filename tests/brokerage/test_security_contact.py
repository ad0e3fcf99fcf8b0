"""/.well-known/security.txt, as RFC 9116 wants it."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from tests.test_settings import read_settings

URL = "/.well-known/security.txt"


@time_machine.travel("2026-03-02T15:00Z", tick=False)
def test_it_names_the_contact_and_its_end(client: Client, settings: Settings) -> None:
    settings.SECURITY_CONTACT, settings.SITE_URL = "mailto:security@invest.example.com", "https://invest.example.com"

    came = client.get(URL)

    assert came["Content-Type"] == "text/plain; charset=utf-8"
    assert came.content.decode().splitlines() == [
        "Contact: mailto:security@invest.example.com",
        "Expires: 2026-08-29T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: https://invest.example.com{URL}",
    ]
    assert not came.cookies


def test_it_never_says_a_day_that_is_over(client: Client) -> None:
    [expires] = [line for line in client.get(URL).content.decode().splitlines() if line.startswith("Expires: ")]

    assert datetime.fromisoformat(expires.removeprefix("Expires: ")) > datetime.now(UTC)


def test_it_is_only_read(client: Client) -> None:
    assert client.post(URL).status_code == 405


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, "mailto:help@example.com"),
        ({"SUPPORT_EMAIL": "us@firm.example"}, "mailto:us@firm.example"),
        ({"SECURITY_CONTACT": "https://firm.example/security"}, "https://firm.example/security"),
    ],
)
def test_an_address_becomes_a_uri(given: dict[str, str], shown: str) -> None:
    (settings,) = read_settings(given)

    assert settings["SECURITY_CONTACT"] == shown
