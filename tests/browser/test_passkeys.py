"""Signing in with a device's key, in a browser whose device is played by Chromium itself."""

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from playwright.sync_api import expect
from pytest_django import Settings

from accounts.models import EmailChange
from accounts.session_store import SessionStore
from accounts.sign_in_stamp import STAMP
from tests import make
from tests.browser import clicks
from tests.browser.conftest import Site, keep_session
from tests.browser.test_everybody import violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def with_device(page: "Page") -> None:
    """Plug in a phone that finds its owner present each time."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def add_phone(page: "Page") -> None:
    page.goto("/settings/passkeys/")
    page.get_by_label("Name of the device").fill("My phone")
    page.get_by_role("button", name="Add this device").click()
    expect(page.get_by_role("heading", name="My phone")).to_be_visible()


def grow_stale(page: "Page") -> None:
    """Let six minutes go by since the page's visitor showed who they are."""
    (key,) = [each["value"] for each in page.context.cookies() if each["name"] == "sessionid"]
    session = SessionStore(key)
    session[STAMP] -= 6 * 60
    session.save()


@pytest.fixture
def page(phone: "Page", site: Site, settings: Settings, client: Client) -> "Page":
    """Sign Ada in with a phone in her hand; she looks at her settings."""
    settings.PASSKEY_ORIGIN = site.url
    client.force_login(make.user())
    keep_session(phone, site, client)
    with_device(phone)
    phone.goto("/settings/")
    return phone


def test_a_phone_is_added_signs_in_and_is_removed(page: "Page") -> None:
    page.get_by_role("link", name="See your passkeys").click()
    expect(page.get_by_role("heading", name="Passkeys", exact=True)).to_be_visible()
    add_phone(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    page.context.clear_cookies()
    page.goto("/sign-in/?next=/settings/passkeys/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("Last used")).to_be_visible()

    page.get_by_role("button", name="Remove My phone").click()
    expect(page.get_by_text("You have none yet")).to_be_visible()


def test_a_device_that_has_no_key_leaves_the_password(page: "Page") -> None:
    page.context.clear_cookies()
    page.goto("/sign-in/")

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_text("Your device did not answer")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_visible()


def test_a_phone_shows_again_who_it_is_and_a_late_form_goes_on(page: "Page", site: Site, settings: Settings) -> None:
    settings.FRESH_SIGN_IN_MINUTES = 5
    add_phone(page)

    grow_stale(page)
    page.goto("/settings/email/")
    page.get_by_role("button", name="Go on with a passkey").click()
    expect(page).to_have_url(f"{site.url}/settings/email/")
    page.get_by_label("New e-mail address").fill("new@example.com")

    grow_stale(page)
    clicks.press(page, "Send both letters")
    expect(page.get_by_role("heading", name="Sign in again")).to_be_visible()
    page.evaluate(AXE_SCRIPT)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Go on with a passkey").click()
    expect(page.get_by_role("heading", name="Sign in again")).not_to_be_visible()
    assert EmailChange.objects.get().new_email == "new@example.com"


def test_whoever_is_signed_out_meanwhile_is_told_and_keeps_the_page(
    page: "Page", site: Site, settings: Settings
) -> None:
    settings.FRESH_SIGN_IN_MINUTES = 5
    add_phone(page)
    grow_stale(page)
    page.goto("/settings/email/")
    address = page.url
    expect(page.get_by_role("button", name="Go on with a passkey")).to_be_visible()

    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Go on with a passkey").click()

    expect(page.get_by_text("You have been signed out. Open the page again.")).to_be_visible()
    assert page.url == address
    expect(page.get_by_label("Your password")).to_be_visible()


def test_a_second_click_asks_nothing_while_the_first_waits(page: "Page") -> None:
    page.goto("/settings/passkeys/")
    page.get_by_label("Name of the device").fill("My phone")
    page.evaluate("""() => {
        const real = window.fetch;
        window.asked = 0;
        window.fetch = (...all) => { window.asked += 1; return real(...all); };
    }""")

    button = page.get_by_role("button", name="Add this device")
    asked = button.evaluate("button => { button.click(); button.click(); return window.asked; }")

    assert asked == 1
    expect(page.get_by_role("heading", name="My phone")).to_be_visible()


@pytest.mark.parametrize(
    "answer",
    [
        "Promise.reject(new TypeError('Failed to fetch'))",
        "Promise.resolve(new Response('<h1>Away</h1>', {status: 503}))",
    ],
    ids=["no network", "a fault of ours"],
)
def test_what_goes_wrong_on_the_way_is_said_in_our_words_and_tried_again(page: "Page", answer: str) -> None:
    page.goto("/settings/passkeys/")
    page.get_by_label("Name of the device").fill("My phone")
    page.evaluate(f"() => {{ window.real = window.fetch; window.fetch = () => {answer}; }}")

    page.get_by_role("button", name="Add this device").click()
    expect(page.get_by_text("This did not work, and nothing was changed.")).to_be_visible()
    page.evaluate("() => { window.fetch = window.real; }")
    page.get_by_role("button", name="Add this device").click()

    expect(page.get_by_role("heading", name="My phone")).to_be_visible()
