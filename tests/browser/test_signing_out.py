"""What signing out leaves in a browser: the mark by which it is known, and nothing else."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests import make
from tests.browser.conftest import Site, keep_session

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_pages_kept_in_a_tab_or_on_the_disk_is_gone(phone: "Page", site: Site, client: Client) -> None:
    client.force_login(make.user())
    keep_session(phone, site, client)
    phone.context.add_cookies([{"name": "browser", "value": "a-mark", "url": site.url}])
    phone.goto("/overview/")
    phone.evaluate("localStorage.kept = sessionStorage.kept = 'something'")

    phone.locator("form[action='/sign-out/'] button").first.dispatch_event("click")

    expect(phone).to_have_url(f"{site.url}/")
    assert phone.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert [each["value"] for each in phone.context.cookies() if each["name"] == "browser"] == ["a-mark"]
