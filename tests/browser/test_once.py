"""However often a person confirms, one transfer stands in the broker's books."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.browser import clicks
from tests.browser.conftest import Site, keep_session
from tests.journeys import people

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def customer(phone: "Page", site: Site, client: Client) -> "Page":
    """Bring a customer to the page where a deposit of $60 is confirmed."""
    people.customer_with_bank(client, site.sandbox)
    keep_session(phone, site, client)
    clicks.review(phone, "deposit", "60")
    return phone


def test_a_double_click(customer: "Page", site: Site) -> None:
    customer.get_by_role("button", name="Deposit $60.00").dblclick()

    clicks.heading(customer, "Deposit of $60.00")
    assert len(people.broker_transfers(site.sandbox)) == 1


def test_a_double_click_without_javascript(
    visitor: "Callable[..., Page]", customer: "Page", site: Site, client: Client
) -> None:
    without = visitor(java_script_enabled=False)
    keep_session(without, site, client)
    without.goto(customer.url)

    without.get_by_role("button", name="Deposit $60.00").dblclick()

    clicks.heading(without, "Deposit of $60.00")
    assert len(people.broker_transfers(site.sandbox)) == 1


def test_the_page_after_it_loaded_again(customer: "Page", site: Site) -> None:
    clicks.confirm(customer, "deposit", "$60.00")

    customer.reload()

    clicks.heading(customer, "Deposit of $60.00")
    assert len(people.broker_transfers(site.sandbox)) == 1


def test_back_and_confirmed_again(customer: "Page", site: Site) -> None:
    clicks.confirm(customer, "deposit", "$60.00")
    first = customer.url

    customer.go_back()
    clicks.confirm(customer, "deposit", "$60.00")

    assert customer.url == first
    assert len(people.broker_transfers(site.sandbox)) == 1


def test_two_tabs_of_one_page(customer: "Page", site: Site) -> None:
    other = customer.context.new_page()
    other.goto(customer.url)

    clicks.confirm(customer, "deposit", "$60.00")
    clicks.confirm(other, "deposit", "$60.00")

    assert other.url == customer.url
    assert len(people.broker_transfers(site.sandbox)) == 1
