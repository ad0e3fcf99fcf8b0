"""What a page costs: bytes on a first visit, strangers asked, and how much of it jumps when news comes in."""

import gzip
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from tests import make
from tests.browser import clicks
from tests.browser.conftest import Site, keep_session
from tests.journeys import people

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST = 100_000  # bytes, fonts included
SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shifted += entry.value; }))
    .observe({type: "layout-shift", buffered: true});"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
GOOD = 0.1  # https://web.dev/articles/cls


def weight(page: "Page", address: str) -> int:
    """Return the bytes of everything that a page loads, packed as the site's own server packs it."""
    bodies: list[Any] = []
    page.on("response", lambda response: bodies.append(response))
    page.goto(address, wait_until="networkidle")
    return sum(_packed(response) for response in bodies if response.url.startswith("http"))


def _packed(response: Any) -> int:
    text = response.headers.get("content-type", "").startswith(("text/", "application/", "image/svg"))
    body: bytes = response.body()
    return len(gzip.compress(body)) if text and "content-encoding" not in response.headers else len(body)


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/sign-up/",
        "/overview/",
        "/transfers/",
        "/deposit/",
        "/bank/",
        "/bank/replace/",
        "/bank/unlink/",
        "/apply/waiting/",
        "/notifications/",
        "/documents/",
        "/styleguide/",
    ],
)
def test_a_first_visit_is_light(address: str, phone: "Page", site: Site, client: Client) -> None:
    user = make.user()
    relationship = make.relationship(make.account(user, status="ACTIVE"))
    for day in range(25):
        make.transfer(relationship, f"{day + 1}.00")
        make.notice(user, f"Your deposit of ${day + 1}.00 is on its way")
    client.force_login(user)
    keep_session(phone, site, client)
    if address in ("/", "/sign-up/"):
        phone.context.clear_cookies()

    assert weight(phone, address) < MOST


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_jumps_when_news_comes_in(
    width: int, visitor: "Callable[..., Page]", site: Site, client: Client
) -> None:
    people.customer_with_bank(client, site.sandbox)
    page = visitor({"width": width, "height": 900})
    page.add_init_script(SHIFTS)
    keep_session(page, site, client)
    deposit = people.move(client, "deposit", "40.00")
    page.goto(deposit.url)
    clicks.status(page, "On its way")
    before = page.get_by_role("heading", level=1).bounding_box()

    site.broker("transfers", action="settle")
    clicks.status(page, "Settled")

    assert page.get_by_role("heading", level=1).bounding_box() == before
    page.evaluate(PAINTED)
    assert page.evaluate("shifted") < GOOD
