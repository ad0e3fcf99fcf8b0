"""Link in a browser: every pane, both ways out, and nothing on the console of a page that forbids all inline code."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.brokerage.sandbox.bench import Bench
from tests.harness.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Locator, Page

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><title>Host</title><link rel="icon" href="data:,">
<main><h1>Host</h1><button id="go">Link a bank</button></main>
<script src="{sandbox}/plaid/link/v2/stable/link-initialize.js"></script><script src="/page.js"></script></html>"""
SCRIPT = """window.told = [];
const tell = (name) => (...values) => window.told.push([name, ...values]);
const token = new URLSearchParams(location.search).get("token");
const handler = Plaid.create({token, onSuccess: tell("success"), onExit: tell("exit"), onEvent: tell("event")});
document.getElementById("go").addEventListener("click", () => handler.open());"""


class Host:
    """A page on another origin, as strict as the application's own."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        policy = f"default-src 'none'; script-src 'self' {bench.url}; frame-src {bench.url}; img-src data:"
        bodies = {"/page.js": ("text/javascript", SCRIPT), "/": ("text/html", PAGE.replace("{sandbox}", bench.url))}

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content_type, body = bodies[self.path.partition("?")[0]]
                self.send_response(200)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, token: str | None = None) -> str:
        asked = {"client_name": "Harbor", "language": "en", "country_codes": ["US"], "products": ["auth"]}
        made = self.bench.plaid("link/token/create", **asked, user={"client_user_id": "1"}).json()["link_token"]
        return f"http://localhost:{self.server.server_port}/?token={token or made}"


@pytest.fixture
def host(bench: Bench) -> Iterator[Host]:
    host = Host(bench)
    yield host
    host.server.shutdown()
    host.server.server_close()


@pytest.fixture
def complaints(page: "Page") -> list[str]:
    """What the browser has to say; it should be nothing."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


class Link:
    """The frame, by the names its parts have for tests."""

    def __init__(self, page: "Page", url: str) -> None:
        page.goto(url)
        page.click("#go")
        self.page = page
        self.frame: FrameLocator = page.frame_locator("#plaid-link-iframe-1")

    def __getitem__(self, name: str) -> "Locator":
        return self.frame.get_by_test_id(f"link-{name}")

    def sign_in(self, password: str = "pass_good", username: str = "user_good") -> None:  # noqa: S107  everybody knows it
        self["continue"].click()
        self["bank-ins_109508"].click()
        self["username"].fill(username)
        self["password"].fill(password)
        self["submit"].click()

    def told(self, name: str) -> Any:
        """What the page was told last under this name, once it was."""
        eventually(lambda: any(row[0] == name for row in self.page.evaluate("told")))
        return [row[1:] for row in self.page.evaluate("told") if row[0] == name][-1]

    def violations(self) -> list[str]:
        frame = self.page.frames[-1]
        frame.evaluate(AXE_SCRIPT)
        found = frame.evaluate("axe.run(document).then(result => result.violations.map(v => v.id))")
        return list(found)


def test_link_ends_in_a_public_token(page: "Page", host: Host, complaints: list[str]) -> None:
    link = Link(page, host.url())
    link.sign_in("mfa_device")
    link["code"].fill("1234")
    page.keyboard.press("Enter")
    link["account-0000"].check()
    link["finish"].click()

    public_token, metadata = link.told("success")

    assert public_token.startswith("public-sandbox-")
    assert [account["mask"] for account in metadata["accounts"]] == ["0000"]
    assert metadata["institution"]["name"] == "First Platypus Bank"
    assert page.locator("iframe").count() == 0
    assert page.evaluate("document.activeElement.id") == "go"
    assert page.evaluate("told.filter(row => row[0] === 'event').at(-1)[1]") == "HANDOFF"
    assert complaints == []


def test_a_single_account_is_chosen_already(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link.sign_in(username="user_single")
    link["finish"].click()

    assert len(link.told("success")[1]["accounts"]) == 1


def test_a_change_of_mind_is_asked_about_and_told(page: "Page", host: Host, complaints: list[str]) -> None:
    link = Link(page, host.url())
    link.sign_in("wrong")
    link.frame.get_by_role("alert").filter(has_text="not right").wait_for()
    page.keyboard.press("Escape")
    link["exit-cancel"].click()
    link["exit"].click()
    link["exit-confirm"].click()

    error, metadata = link.told("exit")

    assert error["error_code"] == "INVALID_CREDENTIALS"
    assert metadata["status"] == "requires_credentials"
    assert complaints == []


def test_an_expired_session_is_explained(page: "Page", host: Host, complaints: list[str]) -> None:
    link = Link(page, host.url("link-sandbox-of-yesterday"))
    link["error-close"].click()

    assert link.told("exit")[0]["error_code"] == "INVALID_LINK_TOKEN"
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pane_can_be_used_by_everybody(page: "Page", host: Host, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 640})
    link = Link(page, host.url())
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        link[name].wait_for()
        found[name] = link.violations()
        if page.frames[-1].evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[name].append("too wide")

    look("continue")
    link["continue"].click()
    look("bank-ins_109508")
    link["bank-ins_109508"].click()
    look("submit")
    link["username"].fill("user_good")
    link["password"].fill("mfa_device")
    link["submit"].click()
    look("code")
    link["code"].fill("1234")
    link["code-submit"].click()
    look("finish")
    link["exit"].click()
    look("exit-confirm")

    assert found == {name: [] for name in found}


def test_the_keyboard_stays_inside(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link["continue"].wait_for()

    seen = set()
    for _ in range(6):
        page.keyboard.press("Tab")
        seen.add(page.frames[-1].evaluate("document.activeElement.dataset.testid || ''"))

    assert seen == {"link-exit", "link-continue"}
    assert page.evaluate("document.querySelector('main').inert") is True


def test_the_desk_can_be_used_by_everybody(page: "Page", bench: Bench, account: str, complaints: list[str]) -> None:
    relationship_id = bench.link(account)
    bench.transfer(account, relationship_id, "12.00")
    page.goto(f"{bench.url}/control/")
    page.evaluate(AXE_SCRIPT)

    found = page.evaluate("axe.run(document).then(result => result.violations.map(v => v.id))")
    page.get_by_role("button", name="Settle: Deposit of $12.00").click()

    assert found == []
    assert bench.transfers(account)[0]["status"] == "COMPLETE"
    assert complaints == []
