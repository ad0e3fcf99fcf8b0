"""Hostile text in every column, field and query: on pages, at the desk, in letters and in CSV it stays text."""

import csv
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from accounts.models import Notice
from brokerage import desk_csv
from tests import make
from tests.access.world import World
from tests.hostile import letters, rows, stage
from tests.hostile.markup import MARK, Attributes, wrong_with
from tests.hostile.pages import Page, everything, of_the_desk
from tests.hostile.strings import EVERYTHING, FORMULAS, SHORT

pytestmark = pytest.mark.django_db

# What a spreadsheet takes for the beginning of a formula.
CALCULATED = re.compile("[\\s\ufeff\u200b]*[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r\n]")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def test_there_are_many_and_none_twice() -> None:
    assert len(EVERYTHING) == len(set(EVERYTHING)) >= 150
    assert len([text for text in EVERYTHING if wrong_with(f"<p>{text}</p>")]) > 60


@pytest.mark.parametrize(
    ("strings", "statuses"),
    [(SHORT, False), (EVERYTHING, False), ([*EVERYTHING[85:], *EVERYTHING[:85]], True)],
    ids=["short", "all", "all, and in the broker's statuses"],
)
def test_what_a_column_holds_is_text_on_every_page(world: World, strings: list[str], statuses: bool) -> None:
    rows.one_of_everything()
    ids = stage.ids_of(world)
    put = rows.fill(strings, statuses=statuses)
    stage.sign_in_again(world, ids)

    shown, wrong = set(), []
    for page in everything(world):
        text = page.text
        shown |= {(page.persona, page.name)} if MARK in text else set()
        wrong += [(page.persona, page.url, found) for found in _wrong(page, text)]

    assert not wrong
    assert put > 500
    assert len(shown) > 100  # else nothing was tried


def _wrong(page: Page, text: str) -> list[object]:
    if page.answer.status_code == 500:
        return ["it broke"]
    if page.is_html:
        return list(wrong_with(text))
    if page.answer.headers["Content-Type"].startswith("text/csv"):
        return list(calculated(text))
    return []


def calculated(text: str) -> Iterator[str]:
    """Yield the cells that a spreadsheet would calculate."""
    for row in csv.reader(io.StringIO(text.removeprefix(desk_csv.BOM), newline="")):
        yield from (cell for cell in row if CALCULATED.match(cell) and not NUMBER.fullmatch(cell))


@pytest.mark.parametrize("text", [*FORMULAS, *EVERYTHING])
def test_a_cell_is_text_to_a_spreadsheet(text: str) -> None:
    (line,) = desk_csv.lines([["before", text, "after"]])

    assert not list(calculated(line))
    assert [len(row) for row in csv.reader(io.StringIO(line, newline=""))] == [3]


# --- What is asked and typed ------------------------------------------------------------------------------------------


def test_what_is_searched_for_is_text(world: World) -> None:
    ops, wrong, shown = world.browsers["admin"], [], 0
    for text in EVERYTHING:
        answer = ops.get("/admin/search/", {"q": text})
        shown += MARK in answer.content.decode()
        wrong += [(text, found) for found in wrong_with(answer.content.decode())]

    assert not wrong
    assert shown > 100


@pytest.mark.parametrize("text", SHORT)
def test_what_an_address_asks_is_text(world: World, text: str) -> None:
    words = ("q", "next", "status", "direction", "kind", "page", "p", "o", "e", "state", "token", "_changelist_filters")
    asked = dict.fromkeys((*words, "all", "amount", "key", "oauth_state_id", "row", "status__exact"), text)
    lists = [url for name, url in of_the_desk() if name.endswith("_changelist")]
    theirs = ["/transfers/", "/documents/", "/notifications/", "/overview/", "/deposit/", "/deposit/check/", "/bank/"]
    wrong = []
    for persona, urls in (("admin", lists), ("owner", theirs), ("anonymous", ["/sign-in/", "/sign-up/", "/"])):
        for url in urls:
            answer = world.browsers[persona].get(url, asked)
            assert answer.status_code < 500, (url, answer.status_code)
            wrong += [(url, found) for found in wrong_with(answer.content.decode())]

    assert not wrong


class _Names(HTMLParser):
    """Gathers the names of a page's fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        name = dict(attrs).get("name")
        if tag in ("input", "select", "textarea") and name and name not in (*self.found, "csrfmiddlewaretoken"):
            self.found.append(name)


def forms(world: World) -> Iterator[tuple[str, str, list[str]]]:
    """Yield who fills in a page with a form, its address, and the names of its fields."""
    for page in everything(world):
        if page.is_html and page.answer.status_code == 200 and 'method="post"' in page.text:
            names = [name for name in _Names(page.text).found if name not in ("form_key", "action")]
            if names:
                yield page.persona, page.url, names


def test_what_is_typed_comes_back_as_text(world: World) -> None:
    wrong, shown, at = [], set(), 0
    for persona, url, names in list(forms(world)):
        for _ in range(4):
            typed: dict[str, Any] = {name: EVERYTHING[(at + n) % len(EVERYTHING)] for n, name in enumerate(names)}
            at += len(names) + 1
            answer = world.browsers[persona].post(url, typed)
            assert answer.status_code < 500 or answer.status_code == 503, (url, typed)
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                shown |= {url} if MARK in answer.content.decode() else set()
                wrong += [(url, found) for found in wrong_with(answer.content.decode())]

    assert not wrong
    assert len(shown) > 15


def test_what_is_chosen_in_a_list_is_a_row(world: World) -> None:
    url, ops = "/admin/accounts/brokerageaccount/", world.browsers["admin"]
    chosen = {"action": "read_from_broker", "index": "0", "_selected_action": SHORT[0]}
    for name in re.findall(r'<option value="([a-z_]+)">', ops.get(url).content.decode()) or ["read"]:
        answer = ops.post(url, chosen | {"action": name})
        assert answer.status_code == 302, name


@pytest.mark.parametrize("action", ["", "what is not there", *SHORT])
def test_what_a_list_does_not_offer_is_not_done(world: World, action: str) -> None:
    url, ops = "/admin/accounts/brokerageaccount/", world.browsers["admin"]
    row = f"{{{world.own['account'].pk}}}"  # another way to write a key, which is taken

    answer = ops.post(url, {"action": action, "index": "0", "_selected_action": row})

    assert answer.status_code == 302


# --- Letters ----------------------------------------------------------------------------------------------------------


def test_letters_say_it_as_text(world: World) -> None:
    user = world.own["account"].user
    for text in EVERYTHING:
        make.notice(user, title=text[:200], body=text, path="/transfers/")

    for message in letters.everything(user):
        assert not wrong_with(letters.html(message)), message.subject
    assert Notice.objects.filter(user=user).count() > len(EVERYTHING)
