"""A page on another origin that opens Link, as strict as the application's own, and a hand on what it shows."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from axe_playwright_python.base import AXE_SCRIPT

from tests.brokerage.sandbox.bench import Bench
from tests.harness.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Locator, Page

PAGE = """<!doctype html><html lang="en"><title>Host</title><link rel="icon" href="data:,">
<main><h1>Host</h1><button id="go">Link a bank</button><div id="place"></div></main>
<script src="{sandbox}/plaid/link/v2/stable/link-initialize.js"></script><script src="/page.js"></script></html>"""
SCRIPT = """window.told = [];
window.addEventListener("message", ({data}) => { if (data.type === "state") window.stands = data; });
const tell = (name) => (...values) => window.told.push([name, ...values]);
const token = new URLSearchParams(location.search).get("token") || sessionStorage.getItem("token");
sessionStorage.setItem("token", token);
const back = location.search.includes("oauth_state_id") ? location.href : null;
window.config = {token, onSuccess: tell("success"), onExit: tell("exit"), onEvent: tell("event"), onLoad: tell("load"),
  receivedRedirectUri: back};
const handler = location.search.includes("embed") ? Plaid.createEmbedded(config, document.getElementById("place"))
  : Plaid.create(config);
document.getElementById("go").addEventListener("click", () => handler.open());
if (back) handler.open();"""
ASKED = {"client_name": "Harbor", "language": "en", "country_codes": ["US"], "user": {"client_user_id": "1"}}


class Host:
    """The page's server."""

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

    @property
    def home(self) -> str:
        return f"http://localhost:{self.server.server_port}/"

    def token(self, **asked: Any) -> str:
        asked = {"products": ["auth"], **ASKED, **asked}
        answer = self.bench.plaid("link/token/create", **{name: value for name, value in asked.items() if value})
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["link_token"]
        return token

    def url(self, token: str | None = None, **asked: Any) -> str:
        return f"{self.home}?token={token or self.token(**asked)}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Link:
    """The frame, by the names its parts have for tests."""

    def __init__(self, page: "Page", url: str) -> None:
        page.goto(url)
        self.page = page
        self.frame: FrameLocator = page.frame_locator("#plaid-link-iframe-1")
        if "embed" not in url and "oauth_state_id" not in url:
            page.click("#go")

    def __getitem__(self, name: str) -> "Locator":
        return self.frame.get_by_test_id(f"link-{name}")

    def choose(self, institution_id: str = "ins_109508") -> None:
        self["continue"].click()
        self[f"bank-{institution_id}"].click()

    def sign_in(self, password: str = "pass_good", username: str = "user_good") -> None:  # noqa: S107  everybody knows it
        self.choose()
        self.enter(password, username)

    def enter(self, password: str = "pass_good", username: str = "user_good") -> None:  # noqa: S107
        self["username"].fill(username)
        self["password"].fill(password)
        self["submit"].click()

    def give(self, name: str, text: str) -> None:
        self[name].fill(text)
        self[f"{name}-submit"].click()

    def says(self, text: str) -> None:
        self.frame.get_by_role("alert").filter(has_text=text).wait_for()

    def shows(self, heading: str) -> None:
        self.frame.get_by_role("heading", name=heading).wait_for()

    def leave(self) -> Any:
        """Close and confirm; answer what onExit was told."""
        self["exit"].click()
        return self.confirm_leaving()

    def confirm_leaving(self) -> Any:
        self["exit-confirm"].click()
        return self.told("exit")

    def told(self, name: str) -> Any:
        """What the page was told last under this name, once it was."""
        eventually(lambda: any(row[0] == name for row in self.page.evaluate("window.told ?? []")))
        return [row[1:] for row in self.page.evaluate("told") if row[0] == name][-1]

    def story(self) -> list[str]:
        """The events so far, a view by its name and after >."""
        told = [row[1:] for row in self.page.evaluate("told") if row[0] == "event"]
        return [f"> {about['view_name']}" if name == "TRANSITION_VIEW" else name for name, about in told]

    def opened(self) -> None:
        """Wait until the page knows that Link is open."""
        eventually(lambda: "OPEN" in self.story())

    def violations(self) -> list[str]:
        """What axe finds in the frame, and whether it is wider than its window."""
        frame = next(frame for frame in self.page.frames if frame.url.endswith("link.html"))
        frame.evaluate(AXE_SCRIPT)
        found = frame.evaluate("axe.run(document).then(result => result.violations.map(v => v.id))")
        wide = frame.evaluate("document.documentElement.scrollWidth > innerWidth")
        return [*found, *(["too wide"] if wide else [])]
