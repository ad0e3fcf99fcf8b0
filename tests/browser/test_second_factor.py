"""On a phone: a second factor is set up, asked for, and gone round with a recovery code; sessions are ended."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pyotp
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.utils import timezone
from pytest_django import Settings

from accounts.models import EmailChange, User
from accounts.operations import second_factor
from accounts.session_store import SessionStore
from accounts.sign_in_stamp import STAMP
from tests import make
from tests.browser import clicks
from tests.browser.conftest import Site
from tests.browser.test_everybody import TOO_WIDE, violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plain(visitor: "Callable[..., Page]") -> "Page":
    """Open the site on a phone that runs no scripts."""
    return visitor(java_script_enabled=False)


def sign_in(page: "Page", user: User) -> None:
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(make.PASSWORD)
    clicks.press(page, "Sign in")


def enter(page: "Page", code: str, button: str) -> None:
    page.get_by_label("Code").fill(code)
    clicks.press(page, button)


def sign_out(page: "Page") -> None:
    page.goto("/settings/")
    page.locator("summary", has_text="Menu").click()
    clicks.press(page, "Sign out")


def is_narrow(page: "Page") -> None:
    """Look whether anything stands out to the side of the narrowest phone."""
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(TOO_WIDE) == []
    page.set_viewport_size({"width": 390, "height": 844})


def test_the_whole_life_of_a_second_factor(phone: "Page", visitor: "Callable[..., Page]", site: Site) -> None:
    user = make.user()
    sign_in(phone, user)
    phone.goto("/settings/")
    phone.get_by_role("link", name="Set up the second factor").click()
    clicks.press(phone, "Set it up")
    picture = phone.get_by_role("img", name="A picture for your app")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
    phone.evaluate(AXE_SCRIPT)
    assert violations(phone) == []
    is_narrow(phone)
    app = pyotp.TOTP(phone.locator("code.key").inner_text())

    enter(phone, "000000", "Turn it on")
    phone.get_by_text("This code is not good").first.wait_for()
    enter(phone, app.at(timezone.now()), "Turn it on")
    clicks.heading(phone, "Keep your recovery codes")
    codes = phone.locator(".recovery-codes code").all_inner_texts()
    phone.evaluate(AXE_SCRIPT)
    assert violations(phone) == []
    is_narrow(phone)
    sign_out(phone)

    sign_in(phone, user)
    clicks.heading(phone, "Enter your code")
    phone.evaluate(AXE_SCRIPT)
    assert violations(phone) == []
    is_narrow(phone)
    enter(phone, app.at(timezone.now() + timedelta(seconds=30)), "Sign in")  # that of now has been used
    phone.goto("/settings/")
    clicks.heading(phone, "Settings")

    other = visitor()
    sign_in(other, user)
    enter(other, codes[0], "Sign in")
    other.goto("/settings/sign-ins/")
    other.evaluate(AXE_SCRIPT)
    assert violations(other) == []
    is_narrow(other)
    clicks.press(other, "End all others")
    phone.goto("/settings/")
    clicks.heading(phone, "Sign in")


def test_without_scripts_it_works_as_well_and_a_late_form_is_kept(
    plain: "Page", site: Site, settings: Settings
) -> None:
    settings.FRESH_SIGN_IN_MINUTES = 5
    user = make.user()
    sign_in(plain, user)
    plain.goto("/settings/email/")
    plain.get_by_label("New e-mail address").fill("new@example.com")
    minutes_pass(plain)

    clicks.press(plain, "Send both letters")
    clicks.heading(plain, "Sign in again")
    plain.get_by_label("Your password").fill(make.PASSWORD)
    clicks.press(plain, "Go on")
    plain.get_by_text("new@example.com").first.wait_for()

    minutes_pass(plain)
    plain.goto("/settings/second-factor/")
    clicks.heading(plain, "Sign in again")
    plain.get_by_label("Your password").fill(make.PASSWORD)
    clicks.press(plain, "Go on")
    clicks.press(plain, "Set it up")
    app = pyotp.TOTP(plain.locator("code.key").inner_text())
    enter(plain, app.at(timezone.now()), "Turn it on")
    clicks.heading(plain, "Keep your recovery codes")
    assert second_factor.is_on(user)
    assert EmailChange.objects.get().new_email == "new@example.com"


def minutes_pass(page: "Page") -> None:
    """Let more time go by than a sign-in is fresh for."""
    (key,) = [kept["value"] for kept in page.context.cookies() if kept["name"] == "sessionid"]
    session = SessionStore(key)
    session[STAMP] -= 5 * 60 + 1
    session.save()
