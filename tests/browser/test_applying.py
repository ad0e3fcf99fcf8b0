"""The whole application: by keyboard alone, without JavaScript, and cut off at each page and gone on with elsewhere."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from accounts import states
from accounts.models import Application
from tests import make
from tests.browser import clicks
from tests.browser.conftest import Site, keep_session
from tests.browser.test_keyboard import tab_to
from tests.funding.standing import read_anew

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Somebody who sees every page: on a visa, each disclosure a yes, with a trusted contact.
EVERYTHING: dict[str, dict[str, Any]] = {
    "birth": {"residency": "visa", "country_of_birth": "VNM"},
    "disclosures": dict.fromkeys(make.ANSWERS["disclosures"], "True"),
    "trusted-contact": make.TRUSTED_CONTACT,
}


def test_without_javascript(visitor: "Callable[..., Page]", site: Site) -> None:
    plain = visitor(java_script_enabled=False)
    clicks.sign_up(plain)

    clicks.apply(plain, EVERYTHING)

    application = Application.objects.get()
    assert application.status == states.ACCEPTED
    assert application.contexts.count() == 3
    assert application.trusted_contact.given_name == "Chidi"


def test_by_keyboard_alone(phone: "Page", site: Site) -> None:
    clicks.sign_up(phone)

    while "/apply/check/" not in phone.url:
        slug = phone.url.rstrip("/").rsplit("/", 1)[-1]
        for name, value in clicks.answers_on(slug, EVERYTHING).items():
            for each in value if isinstance(value, list) else [value]:
                type_answer(phone, name, each)
        tab_to(phone, "Save and continue")
        left = phone.url
        phone.keyboard.press("Enter")
        phone.wait_for_url(lambda url, left=left: url != left)  # type: ignore[misc]
    clicks.heading(phone, "Check your answers")
    tab_to(phone, "Send my application", most=80)
    phone.keyboard.press("Enter")

    phone.wait_for_url("**/apply/waiting/")
    assert Application.objects.get().status == states.ACCEPTED


def type_answer(page: "Page", name: str, value: str) -> None:
    """Go to a field by Tab, and answer it in the way of its kind without a pointer."""
    field = page.locator(f"main form [name={name}]")
    kind = field.first.get_attribute("type")
    if kind == "hidden" or value == "":
        return
    if kind == "radio":
        tab_into(page, name)
        while not page.locator(f"main form [name={name}][value='{value}']").is_checked():
            page.keyboard.press("ArrowDown")
    elif kind == "checkbox":
        tab_into(page, name, "" if value == "on" else value)
        page.keyboard.press("Space")
    elif field.evaluate("field => field.tagName") == "SELECT":
        tab_into(page, name)
        page.keyboard.type(field.locator(f"option[value='{value}']").inner_text())
        assert field.input_value() == value
    elif kind == "date":
        tab_into(page, name)
        year, month, day = value.split("-")
        page.keyboard.type(f"{month}{day}{year}")
        assert field.input_value() == value
    else:
        tab_into(page, name)
        page.keyboard.type(value)


def tab_into(page: "Page", name: str, value: str = "") -> None:
    """Press Tab until the field of that name, and of that value where one is told, has the focus, and it shows."""
    for _ in range(40):
        page.keyboard.press("Tab")
        told = page.evaluate("() => [document.activeElement.name || '', document.activeElement.value || '']")
        if told[0] == name and value in ("", told[1]):
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"the focus cannot be seen on {name}"
            return
    raise AssertionError(f"Tab never came to {name} {value}")


def test_a_session_that_is_cut_at_each_page_goes_on_there(
    visitor: "Callable[..., Page]", site: Site, client: Client
) -> None:
    user = clicks.sign_up(visitor())
    place = "/apply/name/"

    while place != "/apply/check/":
        device = visitor()  # another browser, which knows nothing of the one before
        client.force_login(user)
        keep_session(device, site, client)
        device.goto("/apply/")
        device.wait_for_url(f"**{place}")
        slug = place.rstrip("/").rsplit("/", 1)[-1]
        clicks.answer(device, clicks.answers_on(slug, EVERYTHING))
        clicks.press(device, "Save and continue")
        device.wait_for_url(lambda url, left=place: left not in url)  # type: ignore[misc]
        place = device.url.removeprefix(site.url)
        client.logout()
        device.goto("/apply/")
        device.wait_for_url("**/sign-in/**")
        device.context.close()

    assert set(Application.objects.get().page_saves) == {*make.ANSWERS, *make.MORE_ANSWERS}


def test_two_windows_lose_nothing(phone: "Page", site: Site) -> None:
    clicks.sign_up(phone)
    other = phone.context.new_page()
    other.goto("/apply/name/")
    clicks.answer(phone, make.ANSWERS["name"])
    clicks.press(phone, "Save and continue")
    clicks.heading(phone, "How can the broker reach you?")

    clicks.answer(other, {**make.ANSWERS["name"], "given_name": "Adaeze"})
    clicks.press(other, "Save and continue")

    other.get_by_text("You have answered this page somewhere else").wait_for()
    assert other.get_by_label("First name").input_value() == "Adaeze"
    assert Application.objects.get().given_name == "Ada"
    clicks.press(other, "Save and continue")
    clicks.heading(other, "How can the broker reach you?")
    assert read_anew(Application.objects.get()).given_name == "Adaeze"
