"""The keyboard alone: every step can be reached, focus can be seen, and it is never lost."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests import make
from tests.browser import clicks
from tests.browser.conftest import Site, keep_session
from tests.journeys import people

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What a person hears of the element with the focus, and whether they see that it has it.
FOCUSED = """() => {
    const it = document.activeElement;
    const label = it.labels?.[0] ?? it;
    const style = getComputedStyle(it);
    return {
        name: label.textContent.replace(/\\s+/g, " ").trim(),
        // The button inside a date field draws a ring of its own, which a page cannot ask for.
        seen: it === document.body || it.tagName === "IFRAME" || it.type === "date" || style.outlineStyle !== "none",
    };
}"""


def tab_to(page: "Page", name: str, frame: "Frame | None" = None, *, most: int = 30) -> None:
    """Press Tab until the focus is on what is called `name`; at every stop it must be visible."""
    heard = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = (frame or page).evaluate(FOCUSED)
        assert focused["seen"], f"the focus cannot be seen on {focused['name']!r}"
        heard.append(focused["name"])
        if focused["name"].startswith(name):
            return
    raise AssertionError(f"Tab never came to {name!r}, only to {heard}")


def await_focus(page: "Page", name: str) -> None:
    """Wait until the focus is on what is called `name`: after a change the page puts it there as soon as it settles."""
    page.wait_for_function("name => document.activeElement.textContent.trim().startsWith(name)", arg=name)


def test_from_sign_in_to_a_deposit(phone: "Page", site: Site, client: Client) -> None:
    user = people.sign_up(client)
    people.apply(client)
    people.settle_account(user, site.sandbox)
    keys = phone.keyboard

    phone.goto("/sign-in/")
    tab_to(phone, "E-mail")
    keys.type(user.email)
    tab_to(phone, "Password")
    keys.type(make.PASSWORD)
    keys.press("Enter")
    clicks.heading(phone, "Account value")
    tab_to(phone, "Link your bank")
    keys.press("Enter")
    clicks.heading(phone, "Bank account")
    tab_to(phone, "Link a bank")
    keys.press("Space")
    frame = clicks.link_frame(phone)
    frame.get_by_test_id("link-continue").wait_for()
    inside = phone.frames[-1]
    tab_to(phone, "Continue", inside)
    keys.press("Enter")
    frame.get_by_test_id(f"link-bank-{clicks.FIRST_PLATYPUS}").wait_for()
    tab_to(phone, "First Platypus Bank", inside)
    keys.press("Enter")
    frame.get_by_test_id("link-username").wait_for()
    frame.get_by_test_id("link-username").focus()
    keys.type("user_good")
    keys.press("Tab")
    keys.type("pass_good")
    keys.press("Enter")
    frame.get_by_test_id("link-account-0000").wait_for()
    tab_to(phone, "Plaid Checking", inside)
    keys.press("Space")
    tab_to(phone, "Plaid Saving", inside)
    keys.press("Space")
    keys.press("Enter")

    clicks.heading(phone, "Which account at First Platypus Bank?")
    tab_to(phone, "Checking ••0000")
    keys.press("ArrowDown")
    keys.press("ArrowUp")
    assert phone.get_by_label("Checking ••0000").is_checked()
    keys.press("Enter")
    clicks.status(phone, "Being approved")
    site.broker("relationships", status="APPROVED")

    phone.goto("/overview/")
    tab_to(phone, "Deposit")
    keys.press("Enter")
    clicks.heading(phone, "How much do you want to deposit?")
    tab_to(phone, "Amount to deposit")
    keys.type("250")
    keys.press("Enter")
    clicks.heading(phone, "Check your deposit")
    tab_to(phone, "Deposit $250.00")
    keys.press("Enter")
    clicks.heading(phone, "Deposit of $250.00")


def test_the_first_stop_leads_past_the_menu(phone: "Page") -> None:
    phone.goto("/")

    tab_to(phone, "Skip to the page")
    phone.keyboard.press("Enter")

    assert phone.evaluate("document.activeElement.id") == "main"
    tab_to(phone, "Open an account")


def test_the_menu_of_a_phone_opens_with_the_space_bar(phone: "Page", site: Site, client: Client) -> None:
    user = make.user()
    make.account(user)
    client.force_login(user)
    keep_session(phone, site, client)
    phone.goto("/overview/")

    tab_to(phone, "Menu")
    phone.keyboard.press("Space")
    tab_to(phone, "Transfers")
    phone.keyboard.press("Enter")

    clicks.heading(phone, "Transfers")


def test_the_summary_of_what_is_wrong_takes_the_focus_and_leads_to_the_field(phone: "Page") -> None:
    phone.goto("/sign-up/")
    clicks.press(phone, "Send me the letter")

    phone.wait_for_function("document.activeElement.classList.contains('errors')")
    tab_to(phone, "Enter your e-mail address")
    phone.keyboard.press("Enter")
    assert phone.evaluate("document.activeElement.name") == "email"


def test_a_notification_is_followed_and_read(phone: "Page", site: Site, client: Client) -> None:
    user = make.user()
    make.notice(user, "Your deposit of $40.00 has settled", path="/overview/")
    client.force_login(user)
    keep_session(phone, site, client)

    phone.goto("/notifications/")
    tab_to(phone, "See it: Your deposit of $40.00 has settled")
    phone.keyboard.press("Enter")

    clicks.heading(phone, "Open your brokerage account")
    assert not user.notices.unread().exists()


def test_the_focus_stays_where_it_is_when_the_status_changes(phone: "Page", site: Site, client: Client) -> None:
    people.customer_with_bank(client, site.sandbox)
    keep_session(phone, site, client)
    deposit = people.move(client, "deposit", "40.00")
    phone.goto(deposit.url)
    tab_to(phone, "Cancel this deposit")

    site.broker("transfers", status="SENT_TO_CLEARING", action="set")

    phone.get_by_text("From here it can no longer be canceled.").wait_for()
    await_focus(phone, "Deposit of")


def test_what_was_opened_stays_open_when_the_status_changes(phone: "Page", site: Site, client: Client) -> None:
    people.customer_with_bank(client, site.sandbox)
    keep_session(phone, site, client)
    deposit = people.move(client, "deposit", "40.00")
    phone.goto(deposit.url)
    tab_to(phone, "Your authorization")
    phone.keyboard.press("Enter")

    site.broker("transfers", action="settle")

    clicks.status(phone, "Settled")
    phone.get_by_text("I authorize").wait_for()
    await_focus(phone, "Your authorization")


def test_a_change_is_said_aloud(phone: "Page", site: Site, client: Client) -> None:
    people.customer_with_bank(client, site.sandbox)
    keep_session(phone, site, client)
    deposit = people.move(client, "deposit", "40.00")
    phone.goto(deposit.url)

    site.broker("transfers", action="settle")

    phone.get_by_role("status").filter(has_text="Settled").wait_for()
