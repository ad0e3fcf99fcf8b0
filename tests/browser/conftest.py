"""The running site, and visitors whose browser tells of everything that goes wrong."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests import make
from tests.brokerage.sandbox.bench import Bench
from tests.funding.standing import Customer, open_customer
from tests.harness.sandbox import Sandbox

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

GOES_WRONG = {"/403/", "/403/csrf/", "/404/", "/429/", "/500/"}  # on purpose, see with_error_pages
PHONE = {"width": 390, "height": 844}
# axe sets inline styles of its own while it looks at a page, from a script without an address.
TELL = """document.addEventListener("securitypolicyviolation", (event) =>
    window.axe || console.error("content security policy", event.violatedDirective, event.blockedURI));"""


class Site:
    """The site and both vendors, moved by the test alone: nothing happens between two steps."""

    def __init__(self, url: str, sandbox: Sandbox) -> None:
        self.url = url
        self.sandbox = sandbox

    def hear(self) -> None:
        """Let the worker do one round: send what waits, and hear the broker's news."""
        call_command("run_worker", once=True)

    def broker(self, kind: str, number: int = -1, **change: Any) -> None:
        """Let the broker do something to one of its `accounts`, `relationships` or `transfers`, and hear of it."""
        row = self.sandbox.get("/control/state")[kind][number]
        self.sandbox.post(f"/control/{kind}/{row['id']}", **change)
        self.hear()


class Watch:
    """What the browser complained about, and every address it asked for."""

    def __init__(self, context: "BrowserContext", site: Site) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.own = {urlsplit(site.url).netloc, urlsplit(site.sandbox.url).netloc}
        context.add_init_script(TELL)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", self._asked)
        context.on("requestfailed", self._failed)

    def _said(self, message: Any) -> None:
        source = message.location["url"]
        of_axe = not source and message.text.startswith("Applying inline style")
        emptied = message.text.startswith("Clear-Site-Data") and "Cleared data types" in message.text  # at signing out
        if not of_axe and not emptied and urlsplit(source).path not in GOES_WRONG:
            self.complaints.append(f"{source}: {message.text}")

    def _asked(self, request: Any) -> None:
        self.requests.append(request.url)
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc not in self.own:
            self.complaints.append(f"asked a stranger: {request.url}")

    def _failed(self, request: Any) -> None:
        # A question after news is given up when the visitor goes to another page.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url} failed: {request.failure}")


def keep_session(page: "Page", site: Site, client: Client) -> None:
    """Sign the page in as whoever is signed in to Django's own test client."""
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}])


@pytest.fixture
def site(live_server: LiveServer, sandbox: Sandbox, settings: Settings) -> Site:
    settings.PLAID_REDIRECT_URI = f"{live_server.url}/bank/link/return/"
    return Site(live_server.url, sandbox)


@pytest.fixture
def visitor(chromium: "Browser", site: Site) -> "Iterator[Callable[..., Page]]":
    """Return a function that opens the site for somebody new; at the end no browser may have complained."""
    watches: list[Watch] = []
    with ExitStack() as until_the_end:

        def visit(viewport: Any = PHONE, **options: Any) -> "Page":
            made = chromium.new_context(viewport=viewport, base_url=site.url, reduced_motion="reduce", **options)
            context = until_the_end.enter_context(made)
            context.set_default_timeout(20_000)  # a busy machine
            watches.append(Watch(context, site))
            return context.new_page()

        yield visit
    assert [complaint for watch in watches for complaint in watch.complaints] == []


@pytest.fixture
def phone(visitor: "Callable[..., Page]") -> "Page":
    """Open the site on a screen of 390 × 844 pixels."""
    return visitor()


@pytest.fixture
def newcomer(phone: "Page", site: Site, client: Client) -> "Page":
    """Sign in somebody whose account is open and who has no bank; they look at the page of the bank account."""
    with closing((bench := Bench(site.sandbox.url)).session):
        account = make.account(make.user(), alpaca_id=bench.open_account())
    return _at_the_bank_page(phone, site, client, account.user)


@pytest.fixture
def ada(site: Site) -> Customer:
    """Open an account with an approved bank."""
    return open_customer(site.sandbox)


@pytest.fixture
def linked(phone: "Page", site: Site, client: Client, ada: Customer) -> "Page":
    """Sign Ada in; she looks at the page of her bank account."""
    return _at_the_bank_page(phone, site, client, ada.user)


def _at_the_bank_page(page: "Page", site: Site, client: Client, user: User) -> "Page":
    client.force_login(user)
    keep_session(page, site, client)
    page.goto("/bank/")
    return page
