"""Steps of the customer's way through the site, by clicking and typing as a person does."""

from typing import TYPE_CHECKING, Any

from accounts.models import User
from tests import make
from tests.browser.conftest import Site
from tests.harness import mailbox

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Locator, Page

FIRST_PLATYPUS = "ins_109508"


def press(page: "Page", name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def heading(page: "Page", text: str) -> "Locator":
    """Wait for the page, or the news, with this heading."""
    found = page.get_by_role("heading", level=1, name=text)
    found.wait_for()
    return found


def status(page: "Page", word: str) -> None:
    """Wait until the page's status has this word; nobody loads the page again."""
    page.locator("main .status").filter(has_text=word).first.wait_for()


# --- Opening an account -----------------------------------------------------------------------------------------------


def sign_up(page: "Page", email: str = "ada@example.com") -> User:
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Open an account").click()
    page.get_by_label("E-mail").fill(email)
    press(page, "Send me the letter")
    heading(page, "Look in your mailbox")
    page.goto(mailbox.newest_link(email))
    page.get_by_label("Password").fill(make.PASSWORD)
    press(page, "Create my sign-in")
    heading(page, "What is your name?")
    return User.objects.get(email=email)


def answer(page: "Page", answers: dict[str, Any]) -> None:
    """Answer the fields of one page, each in the way of its kind."""
    for name, value in answers.items():
        field = page.locator(f"main form [name={name}]")
        if field.first.get_attribute("type") == "hidden":
            continue
        if field.first.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        elif field.first.get_attribute("type") in ("radio", "checkbox"):
            for each in value if isinstance(value, list) else [value]:
                page.locator(f"main form [name={name}]{'' if each == 'on' else f'[value={each}]'}").check()
        else:
            field.fill(value)


def apply(page: "Page", changes: dict[str, dict[str, Any]] | None = None) -> None:
    """Answer every page that comes, and send the application."""
    while "/apply/check/" not in page.url:
        left = page.url
        answer(page, answers_on(left.rstrip("/").rsplit("/", 1)[-1], changes))
        press(page, "Save and continue")
        page.wait_for_url(lambda url, left=left: url != left)  # type: ignore[misc]
    heading(page, "Check your answers")
    press(page, "Send my application")
    page.wait_for_url("**/apply/waiting/")


def answers_on(slug: str, changes: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return good answers to one page of an application."""
    return {**make.ANSWERS.get(slug, {}), **make.MORE_ANSWERS.get(slug, {}), **(changes or {}).get(slug, {})}


def open_account(site: Site) -> None:
    """Let the broker say yes."""
    for word in ("APPROVED", "ACTIVE"):
        site.broker("accounts", status=word)


# --- Linking a bank ---------------------------------------------------------------------------------------------------


def link_frame(page: "Page") -> "FrameLocator":
    return page.frame_locator("iframe[id^=plaid-link-iframe]")


def open_link(page: "Page") -> "FrameLocator":
    """Go from the page about the bank to Plaid's first pane."""
    press(page, "Link a bank")
    frame = link_frame(page)
    frame.get_by_test_id("link-continue").wait_for()
    return frame


def sign_in_at_bank(frame: "FrameLocator", username: str) -> None:
    frame.get_by_test_id("link-continue").click()
    frame.get_by_test_id(f"link-bank-{FIRST_PLATYPUS}").click()
    frame.get_by_test_id("link-username").fill(username)
    frame.get_by_test_id("link-password").fill("pass_good")
    frame.get_by_test_id("link-submit").click()


def share_accounts(page: "Page", *masks: str) -> None:
    """Pass through Plaid Link and share the accounts with these last digits."""
    frame = open_link(page)
    sign_in_at_bank(frame, "user_saver" if len(masks) > 1 else "user_single")
    for mask in masks:
        frame.get_by_test_id(f"link-account-{mask}").check()
    frame.get_by_test_id("link-finish").click()


# --- Moving money -----------------------------------------------------------------------------------------------------


def review(page: "Page", kind: str, amount: str) -> None:
    """Type an amount for a "deposit" or a "withdrawal", and go to the page to check it."""
    page.goto("/deposit/" if kind == "deposit" else "/withdraw/")
    page.get_by_label(f"Amount to {'deposit' if kind == 'deposit' else 'withdraw'}").fill(amount)
    press(page, f"Check this {kind}")
    heading(page, f"Check your {kind}")


def confirm(page: "Page", kind: str, amount: str) -> None:
    """Confirm what is on the page, and wait for the transfer's own."""
    press(page, f"{'Deposit' if kind == 'deposit' else 'Withdraw'} {amount}")
    heading(page, f"{kind.capitalize()} of {amount}")
