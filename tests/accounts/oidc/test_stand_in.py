"""The walk with the sandbox's stand-in, as `OIDC_ISSUER=sandbox make demo` shows it: over HTTP, and in a browser."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.oidc import provider as what_we_know
from accounts.operations import roles
from tests import make
from tests.browser.test_everybody import look
from tests.harness.openid_provider import Provider
from tests.harness.roles_laid_down import lay_roles_down
from tests.harness.sandbox import Sandbox

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def stand_in(sandbox: Sandbox, settings: Settings) -> Provider:
    """Sign people in by the stand-in, with the settings of the demo."""
    settings.OIDC_ISSUER, settings.OIDC_COGNITO = f"{sandbox.url}/identity", True
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = "local-client", "local-client-secret"
    settings.OIDC_LOGOUT, settings.OIDC_GROUPS_CLAIM = "cognito", "cognito:groups"
    settings.OIDC_ROLES = {"desk-admin": "admin", "desk-viewer": "viewer"}
    settings.OIDC_FORM_ORIGINS = [sandbox.url]
    settings.AUTHENTICATION_BACKENDS = ["accounts.oidc.backend.ProviderBackend"]
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"] | {"form-action": ["'self'", sandbox.url]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy}
    what_we_know.forget()
    return Provider(sandbox.url, "cognito")


@pytest.fixture
def client() -> Client:
    return Client(SERVER_NAME="127.0.0.1")


def choose(provider: Provider, address: str, **choice: str) -> str:
    """Open the provider's page and send its form; return the path of ours that it leads back to."""
    parts = urlsplit(address)
    status, page, _ = provider._ask_all("GET", f"{parts.path}?{parts.query}")
    assert status == 200, page
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    form = {name: unescape(value) for name, value in fields.items()} | {"decision": "enter"} | choice
    status, _, location = provider._ask_all("POST", parts.path, urlencode(form))
    assert status == 303
    back = urlsplit(location)
    return f"{back.path}?{back.query}"


@pytest.mark.django_db
def test_a_customer_signs_in_and_out(client: Client, stand_in: Provider) -> None:
    begun = client.get("/sign-in/?next=/apply/")["Location"]

    answer = client.get(choose(stand_in, begun, person="noor@example.com"))

    assert answer["Location"] == "/apply/"
    assert User.objects.get().email == "noor@example.com"
    out = client.post("/sign-out/")["Location"]
    assert out == f"{stand_in.url}/identity/logout?client_id=local-client&logout_uri=http%3A%2F%2F127.0.0.1%2F"
    assert client.get("/apply/")["Location"] == "/sign-in/?next=/apply/"


@pytest.mark.django_db
def test_someone_of_ops_has_the_role_of_their_group(client: Client, stand_in: Provider) -> None:
    lay_roles_down()
    begun = client.get("/sign-in/?next=/admin/")["Location"]

    client.get(choose(stand_in, begun, person="ops4@example.com"))

    assert roles.role_of(User.objects.get()) == "viewer"
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_who_does_not_sign_in_is_told_so(client: Client, stand_in: Provider) -> None:
    answer = client.get(choose(stand_in, client.get("/sign-in/")["Location"], decision="deny"))

    assert answer.status_code == 403


@pytest.mark.django_db
def test_its_misfortunes_are_pages(client: Client, stand_in: Provider, sandbox: Sandbox) -> None:
    begun = client.get("/sign-in/")["Location"]
    sandbox.post("/control/faults", route="POST /identity/oauth2/token", kind="server_error")

    answer = client.get(choose(stand_in, begun, person="noor@example.com"))

    assert answer.status_code == 503
    assert "does not answer right now" in answer.content.decode()


# --- In a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture
def visit(chromium: "Browser", live_server: LiveServer) -> "Iterator[Callable[[bool], Page]]":
    """Return a function that opens the site on a phone, with script or without; no policy may have been broken."""
    said: list[str] = []
    with ExitStack() as until_the_end:

        def opened(script: bool) -> "Page":
            made = chromium.new_context(
                viewport={"width": 390, "height": 844},
                base_url=live_server.url,
                java_script_enabled=script,
                reduced_motion="reduce",
            )
            context = until_the_end.enter_context(made)
            context.set_default_timeout(20_000)
            context.on("console", lambda message: said.append(message.text))
            return context.new_page()

        yield opened
    assert not [text for text in said if "Content Security Policy" in text]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_browser_is_let_through_to_the_provider_and_back(visit: "Callable[[bool], Page]", stand_in: Provider) -> None:
    make.user("maya@example.com")
    page = visit(False)
    page.goto("/")
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_text("maya@example.com").click()
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Connect your account").wait_for()
    page.get_by_label("Your password").fill(make.PASSWORD)
    page.get_by_role("button", name="Connect my account").click()
    page.wait_for_url("**/overview/")
    assert User.objects.get().identities.exists()

    page.locator("summary", has_text="Menu").click()
    page.get_by_role("button", name="Sign out").click()

    page.get_by_role("link", name="Open an account").wait_for()
    assert urlsplit(page.url).path == "/"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_its_pages_are_for_everybody(visit: "Callable[[bool], Page]", stand_in: Provider, settings: Settings) -> None:
    make.user("maya@example.com")
    page = visit(True)
    page.goto("/sign-in/")
    wrong = {"choose": look(page)}
    page.get_by_role("button", name="Do not sign in").click()
    page.get_by_text("The sign-in was not finished").wait_for()
    wrong["refused"] = look(page)
    page.get_by_role("link", name="Sign in again").click()
    page.get_by_text("maya@example.com").click()
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Connect my account").click()
    page.get_by_text("Enter your password").first.wait_for()
    wrong["connect"] = look(page)
    settings.OIDC_FORM_ORIGINS = []
    page.goto("/sign-in/return/")
    page.get_by_role("button", name="Sign out there first").click()
    page.get_by_role("link", name="Sign out there, too").wait_for()
    wrong["signed out here"] = look(page)

    assert not any(wrong.values()), wrong
