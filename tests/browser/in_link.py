"""What a customer does inside Plaid Link, and at a bank that asks on pages of its own."""

from typing import TYPE_CHECKING

from tests.browser import clicks

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

FIRST_PLATYPUS, TARTAN, HOUNDSTOOTH, OAUTH = clicks.FIRST_PLATYPUS, "ins_109511", "ins_109512", "ins_127287"


class InLink:
    """Link's frame on a page, by the names that its parts have for tests."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.frame = clicks.link_frame(page)

    def __getitem__(self, name: str) -> "Locator":
        return self.frame.get_by_test_id(f"link-{name}")

    def choose(self, bank: str = FIRST_PLATYPUS) -> None:
        self["continue"].click()
        self[f"bank-{bank}"].click()

    def enter(self, username: str = "user_single", password: str = "pass_good") -> None:  # noqa: S107  everybody knows it
        self["username"].fill(username)
        self["password"].fill(password)
        self["submit"].click()

    def give(self, name: str, text: str) -> None:
        self[name].fill(text)
        self[f"{name}-submit"].click()

    def share(self, *masks: str) -> None:
        for mask in masks:
            self[f"account-{mask}"].check()
        self["finish"].click()

    def says(self, text: str) -> None:
        self.frame.get_by_role("alert").filter(has_text=text).wait_for()

    def leave(self) -> None:
        """Close Link, and mean it."""
        self["exit"].click()
        self["exit-confirm"].click()

    def go_to_bank(self) -> None:
        """Follow Link to a bank with pages of its own, with the whole page."""
        self.choose(OAUTH)
        self["oauth"].click()
        self.page.get_by_test_id("bank-approve").wait_for()

    def name_account(self, routing: str = "110000000", number: str = "1111222233330000") -> None:
        """Type the numbers of an account whose bank is not in the list."""
        self["continue"].click()
        self[f"bank-{FIRST_PLATYPUS}"].wait_for()  # while they are fetched, a click is in vain
        self["search"].fill("no such bank")
        self["by-number"].click()
        self["holder"].fill("Ada Okafor")
        self["routing"].fill(routing)
        self["account-number"].fill(number)
        self["numbers-submit"].click()

    def match(self, routing: str, number: str) -> None:
        """Type the numbers of an account that the bank shows without them."""
        self["match-routing"].fill(routing)
        self["match-account"].fill(number)
        self["match-submit"].click()


def link(page: "Page", button: str = "Link a bank") -> InLink:
    """Press the button that leads to Link, and wait for its first pane."""
    clicks.press(page, button)
    inside = InLink(page)
    inside["continue"].wait_for()
    return inside


def pick(page: "Page", account: str, bank: str = "First Platypus Bank", button: str = "Link this account") -> None:
    """Say on our own page which of the shared accounts it is to be."""
    clicks.heading(page, f"Which account at {bank}?")
    page.get_by_label(account).check()
    clicks.press(page, button)
