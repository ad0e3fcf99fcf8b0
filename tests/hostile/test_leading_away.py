"""Neither an address that is asked for nor a host that is made up leads anybody, or any letter, to another site."""

import re
from urllib.parse import quote, urljoin

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests import make
from tests.access.world import World
from tests.hostile import letters
from tests.hostile.pages import of_the_desk, of_the_site
from tests.hostile.strings import ADDRESSES

pytestmark = pytest.mark.django_db

EVIL = "evil.example"
AWAY = [
    *ADDRESSES,
    *(f"{begins}{EVIL}" for begins in ("//", "///", "////", "https://", "http:", "http:///", "https:/", "HTTPS://")),
    *(
        f"{begins}{EVIL}"
        for begins in ("\\\\", "/\\", "\\/", "/\t/", "/\n/", "\t//", " //", "\x00//", "/%09/", "//%2f")
    ),
    *(f"//{host}" for host in (f"testserver@{EVIL}", f"testserver:x@{EVIL}", f"{EVIL}:443", f"{EVIL}%00.testserver")),
    *(
        f"https://testserver.{EVIL}/",
        f"https://{EVIL}\\@testserver/",
        f"https://{EVIL}#@testserver/",
        f"//{EVIL}/%2f..",
    ),
    *(f"https://{EVIL}?testserver", "//\u0435vil.example", f"//{EVIL}\u3002", f"https:\\\\{EVIL}", f"ftp://{EVIL}/"),
]
NAMES = ("next", "redirect", "redirect_to", "return_to", "url", "continue", "path", "r", "back", "popup", "_to_field")
HOSTS = [
    {"host": EVIL},
    {"host": f"testserver@{EVIL}"},
    {"host": f"testserver:80@{EVIL}"},
    {"host": "testserver", "x-forwarded-host": EVIL},
    {"host": "testserver", "forwarded": f"host={EVIL}"},
    {"host": "testserver", "x-host": EVIL, "x-original-url": f"https://{EVIL}/", "x-rewrite-url": "/admin/"},
    {"host": "testserver", "x-forwarded-proto": "https", "x-forwarded-port": "99", "x-forwarded-server": EVIL},
]


def stays(url: str) -> bool:
    """Say whether a browser that is told this address stays on this site."""
    if set(url) & set("\t\n\r\\\x00"):
        return False
    return urljoin("https://testserver/a/", url).startswith("https://testserver/")


def test_there_are_many() -> None:
    assert len(set(AWAY)) >= 45


@pytest.mark.parametrize("away", AWAY, ids=ascii)
def test_signing_in_leads_nowhere_else(client: Client, away: str) -> None:
    user = make.user("ada@example.com")
    typed = {"username": user.email, "password": make.PASSWORD}

    answer = client.post(f"/sign-in/?next={quote(away)}", typed | {"next": away})
    again = client.get(f"/sign-in/?next={quote(away)}")  # who is signed in is led on at once

    assert stays(answer["Location"])
    assert stays(again["Location"])


def test_no_parameter_of_any_page_leads_away(world: World) -> None:
    wrong = []
    for number, (who, url) in enumerate(
        [("owner", url) for _, url in of_the_site(world.own)]
        + [("anonymous", url) for _, url in of_the_site(world.own)]
        + [("admin", url) for name, url in of_the_desk() if "add" not in name]
    ):
        for away in (AWAY[number % len(AWAY)], f"//{EVIL}/"):
            answer = world.browsers[who].get(url, dict.fromkeys(NAMES, away))
            if not stays(answer.headers.get("Location", "/")):
                wrong.append((who, url, away, answer["Location"]))

    assert not wrong


def test_no_form_leads_away(world: World) -> None:
    for url in ("/sign-out/", "/notifications/read/", "/bank/link/", "/settings/email/cancel/", "/settings/email/"):
        answer = world.browsers["owner"].post(url, dict.fromkeys(NAMES, f"//{EVIL}/"))
        assert stays(answer.headers.get("Location", "/")), url


def test_a_notice_leads_to_this_site_alone(world: World) -> None:
    owner = world.own["account"].user
    for away in (each for each in AWAY if "\0" not in each):
        notice = make.notice(owner, path=away[:200])
        answer = world.browsers["owner"].post(reverse("notification-open", args=[notice.pk]))
        assert stays(answer.headers.get("Location", "/")), away


# --- Who we are -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", HOSTS, ids=lambda headers: " ".join(f"{n}={v}" for n, v in headers.items()))
def test_a_host_that_is_made_up_is_on_no_page_and_in_no_redirect(world: World, headers: dict[str, str]) -> None:
    served = headers["host"] == "testserver"
    for who, url in (
        ("owner", "/overview/"),
        ("anonymous", "/sign-in/"),
        ("anonymous", "/bank/"),
        ("admin", "/admin/"),
    ):
        for answer in (
            world.browsers[who].get(url, headers=headers),
            world.browsers[who].post(url, headers=headers),
        ):
            told = str(answer.headers) + answer.content.decode()
            assert EVIL not in told, url
            assert (answer.status_code == 400) != served or answer.status_code in (403, 405), url


def test_an_address_that_names_a_host_counts_for_nothing(world: World) -> None:
    answer = world.browsers["owner"].get("/overview/", PATH_INFO=f"https://{EVIL}/overview/")

    assert answer.status_code in (400, 404)
    assert f"https://{EVIL}" not in answer.content.decode()


@pytest.mark.parametrize("headers", [{"x-forwarded-host": EVIL}, {"host": EVIL}])
def test_letters_lead_where_settings_say(world: World, settings: Settings, headers: dict[str, str]) -> None:
    settings.SITE_URL = "https://site.example"
    world.browsers["other"].post(
        "/settings/email/", {"email": "new@example.com", "password": make.PASSWORD}, headers=headers
    )

    for message in letters.everything(world.own["account"].user):
        said = letters.html(message) + str(message.body)
        assert set(re.findall(r"https?://([^/\s\"<]*)", said)) <= {"site.example"}
        assert EVIL not in said


def test_to_https_one_is_led_on_the_same_host(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True

    answer = Client().get("/sign-in/", headers={"host": "testserver", "x-forwarded-host": EVIL})

    assert answer["Location"] == "https://testserver/sign-in/"
