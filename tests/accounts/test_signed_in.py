"""What a sign-in is made of, in the settings of a site that is served by HTTPS."""

import pytest

from tests.test_settings import PRODUCTION, read_settings


def test_by_https_no_other_host_can_plant_the_cookie() -> None:
    """A browser takes a name that begins so for this host, by HTTPS and for all paths alone."""
    (settings,) = read_settings(PRODUCTION)

    assert settings["BROWSER_COOKIE_NAME"] == "__Host-browser"
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["STAFF_SECOND_FACTOR"] is True


@pytest.mark.parametrize(
    "name", ["SESSION_IDLE_MINUTES", "SESSION_IDLE_MINUTES_STAFF", "SESSION_HOURS", "FRESH_SIGN_IN_MINUTES"]
)
def test_a_limit_of_nothing_is_refused_by_name(name: str) -> None:
    (answer,) = read_settings({name: "0"})

    assert name in answer["refused"]
