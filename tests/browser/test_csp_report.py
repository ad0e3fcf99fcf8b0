"""A browser tells the running site what the content policy kept from loading, and nothing of a person is kept of it.

By HTTPS, as in production: Chromium reports to no other address.
"""

import json
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest
from pytest_django import Settings

from tests import make
from tests.harness.browser import FLAGS, find_chromium
from tests.harness.certificates import Certificate, own_certificate
from tests.harness.sandbox import Sandbox
from tests.harness.site import running_site, sessions
from tests.harness.waiting import eventually
from tests.secrecy import places
from tests.secrecy.canaries import Canary, Search

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TOKEN = "who-may-read-counts-9917-heron"
# Words that the redaction of the log takes for no secret: it is not to be what keeps them out.
ASKED, BLOCKED = "avocet-six", "ada-okafor"
HOST = "elsewhere.example"
# At once, and not once a minute, as browsers do to spare the network.
AT_ONCE = "--short-reporting-delay"
ADD = {
    f"img-src blocked https://{HOST}": f"""const added = new Image();
        added.src = "https://{HOST}/{BLOCKED}.png?who={BLOCKED}";
        document.body.append(added);""",
    "script-src-elem blocked inline": f"""const added = document.createElement("script");
        added.textContent = "window.ran = '{BLOCKED}'";
        document.body.append(added);""",
}


@dataclass(frozen=True)
class Site:
    """The site by HTTPS, and everything that it says."""

    url: str
    folder: Path
    certificate: Certificate

    @property
    def log(self) -> str:
        return (self.folder / "site.log").read_text()

    @property
    def reports(self) -> list[str]:
        """Return what it says that was reported."""
        lines = [json.loads(line) for line in self.log.splitlines() if "csp: " in line]
        return [str(line["event"]).removeprefix("csp: ") for line in lines]

    def counts(self) -> str:
        trusting = ssl.create_default_context(cafile=str(self.certificate.path))
        asked = Request(f"{self.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        with urlopen(asked, context=trusting, timeout=10) as answer:
            text: str = answer.read().decode()
        return text


@pytest.fixture
def site(sandbox: Sandbox, tmp_path: Path, settings: Settings) -> Iterator[Site]:
    settings.SECRET_KEY = "a-key-that-signs-sessions-0123456789-of-this-test-alone-godwit"
    certificate = own_certificate(tmp_path)
    (counts := tmp_path / "metrics").mkdir()
    given = {
        "GUNICORN_CMD_ARGS": f"--certfile {certificate.path} --keyfile {certificate.path}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "https://127.0.0.1:{port}",
        "TRUSTED_PROXIES": "0",
        "LOG_LEVEL": "DEBUG",
        "METRICS_TOKEN": TOKEN,
        "METRICS_DIR": str(counts),
    }
    with running_site(tmp_path, sandbox, **given) as port:
        yield Site(f"https://127.0.0.1:{port}", tmp_path, certificate)


@pytest.fixture
def trusting(chromium: "Browser", site: Site) -> "Iterator[Page]":
    """Open a browser of its own, to which the site's certificate is as good as any."""
    trust = f"--ignore-certificate-errors-spki-list={site.certificate.key_digest}"
    started = chromium.browser_type.launch(executable_path=find_chromium(), args=[*FLAGS, AT_ONCE, trust])
    try:
        yield started.new_page()
    finally:
        started.close()


def test_what_was_blocked_is_reported_and_nothing_of_who_saw_it(trusting: "Page", site: Site) -> None:
    ada = make.user("ada@example.com")
    (key,) = sessions(ada, 1)
    trusting.context.add_cookies([{"name": "__Host-sessionid", "value": key, "url": site.url}])
    trusting.goto(f"{site.url}/settings/?at={ASKED}")
    assert "ada@example.com" in trusting.content()

    for added in ADD.values():
        trusting.evaluate(f"() => {{ {added} }}")
    eventually(lambda: len(site.reports) >= len(ADD), 30, because="no report came")

    assert trusting.evaluate("window.ran") is None
    assert sorted(site.reports) == sorted(ADD)
    counts = site.counts()
    assert re.findall(r'^brokerage_csp_reports_total{directive="(.+)"} 1.0$', counts, re.MULTILINE) == [
        "img-src",
        "script-src-elem",
    ]
    personal = {"the page": ASKED, "what was blocked": BLOCKED, "session": key, "e-mail": ada.email}
    search = Search(Canary(name, value) for name, value in personal.items())
    for kept in (site.log, counts):
        assert search.names_in(kept) == set()
    for place, raw in places.columns():
        assert search.names_in(raw) <= ({"e-mail"} if place == "column accounts_user.email" else set()), place
    assert search.names_in(f"csp: img-src blocked https://{HOST}/{BLOCKED}.png") == {"what was blocked"}
