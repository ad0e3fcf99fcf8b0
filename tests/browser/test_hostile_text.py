"""Hostile text in a real browser: it runs nothing, and the policy has nothing to complain about."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests import make
from tests.browser.conftest import Site, keep_session
from tests.hostile.strings import ADDRESSES, ATTRIBUTES, CLOSERS, ELEMENTS, TEMPLATES

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TWENTY = [*ELEMENTS[:8], *CLOSERS[:4], *ATTRIBUTES[:4], *ADDRESSES[:2], *TEMPLATES[:2]]
HEARS = "window.ran = 0; window.xq7 = () => { window.ran += 1; }; window.alert = window.xq7;"


def test_what_would_run_is_read(phone: "Page", site: Site, client: Client) -> None:
    bank = make.relationship(make.account(make.user()), name=TWENTY[5], mask="0000")
    for text in TWENTY:
        make.notice(bank.brokerage_account.user, title=text, body=text)
    client.force_login(bank.brokerage_account.user)
    keep_session(phone, site, client)
    phone.add_init_script(HEARS)

    for path in (
        "/notifications/",
        "/overview/",
        "/bank/",
        "/transfers/?status=%22%3E%3Cimg+src%3Dx+onerror%3Dxq7()%3E",
    ):
        phone.goto(f"{site.url}{path}")
        assert phone.evaluate("window.ran") == 0, path
        assert phone.locator("main script, main iframe, main img, main [onerror]").count() == 0, path

    phone.goto(f"{site.url}/notifications/")
    assert phone.get_by_text(TWENTY[0]).first.is_visible()
