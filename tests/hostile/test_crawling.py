"""Whoever follows every link and sends every form that only asks changes nothing, and meets no page that breaks."""

import re
from collections import deque
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from django.http import HttpResponseBase
from django.urls import Resolver404, resolve

from tests.access.addresses import TABLE
from tests.access.test_customers import ALWAYS, written
from tests.access.world import World
from tests.hostile.markup import Attributes

pytestmark = pytest.mark.django_db

STARTS = {
    "anonymous": "/",
    **dict.fromkeys(("owner", "frozen", "applicant", "asked", "unlinked"), "/overview/"),
    **dict.fromkeys(("viewer", "operator", "compliance", "admin"), "/admin/"),
}
# Who looked at somebody's page at the desk, or at a list, or took one away, is written down before they see it.
KEPT_OF_DESK = frozenset({"accounts_auditentry", "accounts_audithead"})
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
MOST = 150  # pages of one persona; the desk's are all of a few kinds by then
# A vendor is away in these tests, and pages may say so.
GOOD = {200, 302, 404, 503}


class _Ways(HTMLParser):
    """Gathers where a page's links and its forms that only ask lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_one = False
        self._asking: list[tuple[str, dict[str, str]]] = []
        self.feed(page)
        self.found += [f"{action}?{urlencode(fields)}" for action, fields in self._asking]

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        said = {name: value or "" for name, value in attrs}
        self.found += [said[name] for name in ("href", "hx-get") if name in said and tag != "link"]
        if tag == "form":
            self._in_one = said.get("method", "get").lower() == "get"
            self._asking += [(said.get("action", ""), {})] if self._in_one else []
        elif tag in ("input", "select") and self._in_one and said.get("name"):
            self._asking[-1][1][said["name"]] = said.get("value") or "x"

    def handle_endtag(self, tag: str) -> None:
        self._in_one = self._in_one and tag != "form"


def kind_of(url: str) -> str:
    """Return an address without its ids and values: two of a kind are one page to this test."""
    parts = urlsplit(url)
    return (
        _IDS.sub("*", parts.path) + "?" + "&".join(sorted({part.partition("=")[0] for part in parts.query.split("&")}))
    )


@pytest.mark.parametrize("persona", STARTS)
def test_reading_changes_nothing(world: World, persona: str) -> None:
    waiting, seen, wrong, opened = deque([STARTS[persona]]), {kind_of(STARTS[persona])}, [], 0
    while waiting and opened < MOST:
        url = waiting.popleft()
        with written() as tables:
            answer = world.browsers[persona].get(url)
            page = _text(answer)
        opened += answer.status_code == 200
        if answer.status_code not in GOOD or tables - ALWAYS - _keeps(url):
            wrong.append((url, answer.status_code, tables))
        for way in [*_Ways(page).found, answer.headers.get("Location", "")]:
            found = urljoin(url, way).partition("#")[0]
            if found.startswith("/") and not found.startswith("//") and kind_of(found) not in seen:
                seen.add(kind_of(found))
                waiting.append(found)

    assert not wrong
    assert opened >= 3


def _keeps(url: str) -> frozenset[str]:
    try:
        name = resolve(urlsplit(url).path).view_name
    except Resolver404:
        return frozenset()
    if name.startswith("admin:"):
        return KEPT_OF_DESK
    return TABLE[name].keeps if name in TABLE else frozenset()


def _text(answer: HttpResponseBase) -> str:
    if answer.streaming:
        b"".join(answer)  # a list as CSV is read to its end
        return ""
    return answer.content.decode() if answer.headers.get("Content-Type", "").startswith("text/html") else ""  # type: ignore[attr-defined]  # the test client's own answer
