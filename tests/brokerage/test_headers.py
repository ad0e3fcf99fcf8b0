"""What a browser is told with every page, and which cookies it gets where real customers are."""

from runpy import run_path

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from tests.harness.environment import ROOT
from tests.test_settings import PRODUCTION, read_settings

pytestmark = pytest.mark.django_db

PAGES = ["/", "/sign-in/", "/sign-up/", "/nowhere/", "/overview/", "/admin/", "/.well-known/security.txt"]


@pytest.mark.parametrize("url", PAGES)
def test_each_page_says_what_may_be_done_with_it(client: Client, url: str) -> None:
    came = client.get(url)

    policy = dict(part.strip().partition(" ")[::2] for part in came["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert came["X-Content-Type-Options"] == "nosniff"
    assert came["X-Frame-Options"] == "DENY"
    assert came["Referrer-Policy"] == "same-origin"
    assert came["Cross-Origin-Opener-Policy"] == "same-origin"
    assert not came.has_header("Access-Control-Allow-Origin")


def test_cookies_are_for_this_host_by_https_and_for_no_script() -> None:
    (settings,) = read_settings(PRODUCTION)

    for cookie in ("SESSION", "CSRF"):
        assert settings[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        assert settings[f"{cookie}_COOKIE_SECURE"] is True
        assert settings[f"{cookie}_COOKIE_HTTPONLY"] is True
    assert settings["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert django_settings.CSRF_COOKIE_SAMESITE == "Lax"  # Django's own, which ours leave alone


def test_browsers_insist_on_https_for_a_year_on_all_hosts() -> None:
    (settings,) = read_settings(PRODUCTION)

    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SECURE_HSTS_SECONDS"] >= 365 * 24 * 60 * 60
    assert settings["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True


def test_what_developers_look_at_is_on_their_own_machines_alone(settings: Settings) -> None:
    """Neither the style guide nor the demo and its people are there where customers are."""
    settings.LOCAL = False

    from_scratch = run_path(str(ROOT / "brokerage" / "urls.py"))
    assert not [each for each in from_scratch["urlpatterns"] if getattr(each, "name", "") == "styleguide"]
    for name in ("run_demo", "seed_demo"):
        with pytest.raises(CommandError, match="local"):
            call_command(name)


@pytest.mark.parametrize("url", ["/static/", "/static/css/", "/.git/config", "/.env", "/manage.py", "/admin/doc/"])
def test_no_folder_is_listed_and_no_file_of_ours_is_served(client: Client, url: str) -> None:
    came = client.get(url)

    assert came.status_code == 404 or came["Location"].startswith("/admin/login/")
