"""A person of ops decides what is in review, from the start page on."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from funding import states
from tests import make
from tests.browser.conftest import Site, keep_session
from tests.browser.test_everybody import look
from tests.funding.operations.test_reviewing import doubled
from tests.funding.standing import open_customer, read_anew

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK = {"width": 1280, "height": 900}


def test_ops_find_compare_and_adopt(visitor: "Callable[..., Page]", site: Site, client: Client) -> None:
    transfer, really, _ = doubled(open_customer(site.sandbox, cash="1000.00"))
    page = visitor(DESK)
    client.force_login(make.user("ops@example.com", is_staff=True, is_superuser=True))
    keep_session(page, site, client)

    page.goto("/admin/")
    page.get_by_role("link", name="To review", exact=True).click()
    page.get_by_role("link", name=transfer.short_reference).click()
    page.get_by_role("link", name="Compare with the broker’s").click()
    page.get_by_role("row", name=really).wait_for()
    assert look(page) == []
    page.get_by_role("row", name=really).get_by_role("link", name="Adopt this one").click()
    page.get_by_label("Why").fill("made within the same second")
    assert look(page) == []
    page.get_by_role("button", name="Adopt this one").click()
    page.get_by_text(f"is the broker’s {really}").wait_for()

    assert (read_anew(transfer).sending, transfer.alpaca_id) == (states.ACCEPTED, really)


def test_ops_find_a_transfer_with_the_keyboard_alone(
    visitor: "Callable[..., Page]", site: Site, client: Client
) -> None:
    bank = make.relationship(make.account(make.user()))
    transfer = make.transfer(bank, sending=states.HELD)
    page = visitor(DESK)
    client.force_login(make.user("ops@example.com", is_staff=True, is_superuser=True))
    keep_session(page, site, client)
    page.goto("/admin/")

    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "desk-q":
            break
    page.keyboard.type(transfer.short_reference)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=f"Deposit {transfer.short_reference}").wait_for()

    assert page.url.endswith(f"/admin/funding/transfer/{transfer.pk}/change/")
