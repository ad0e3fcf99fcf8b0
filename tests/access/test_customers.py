"""Every address of the site × method × persona × whose it is: nobody gets at another's, and no GET changes anything.

The addresses come from the resolver. One without a row in `addresses.TABLE` fails here: decide who may ask it.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from brokerage.roles import ROLES
from tests.access.addresses import ANYONE, CUSTOMER, TABLE, Row, addresses
from tests.access.world import PERSONAS, World

pytestmark = pytest.mark.django_db

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "CONNECT", "PROPFIND")
AWAY = 503  # no vendor is there
SIGN_IN = "/sign-in/?next="
OUTSIDE = ("anonymous", "stopped", "half in")
# What any page may write, whoever asks: a session that is seen.
ALWAYS = {"accounts_session"}
OF_CUSTOMERS = {name: row for name, row in TABLE.items() if row.who == CUSTOMER}
OF_SOMEBODY = {name: row for name, row in OF_CUSTOMERS.items() if row.own}
HTML_NOISE = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|[0-9a-f]{8}-[0-9a-f-]{27}')


def ask(browser: Client, method: str, url: str) -> Any:
    return browser.generic(method, url)


def key_of(row: Row, things: dict[str, Any]) -> Any:
    return things[row.own].pk if row.own else None


@contextmanager
def written() -> Iterator[set[str]]:
    """Gather the tables that are written to inside the block."""
    tables = set[str]()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := re.match(r'\s*(?:INSERT (?:OR IGNORE )?INTO|UPDATE|DELETE FROM)\s+"(\w+)"', sql):
            tables.add(found[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield tables


def test_every_address_has_a_row() -> None:
    known = {address.name for address in addresses() if not address.name.startswith("admin:")}

    assert known == set(TABLE), "an address without a row, or a row without an address: say in TABLE who may ask it"


def test_an_address_takes_its_methods_and_no_other(world: World) -> None:
    wrong = []
    for name, row in TABLE.items():
        visitor = world.browsers["owner" if row.who == CUSTOMER else "anonymous"]
        for method in METHODS:
            status = ask(visitor, method, row.url(name, key_of(row, world.own))).status_code
            taken = ("GET" if method == "HEAD" else method) in row.methods
            if (status == 405) == taken or (status >= 500 and status != AWAY):
                wrong.append((name, method, status))

    assert not wrong, wrong


def test_who_is_not_signed_in_is_sent_to_sign_in(world: World) -> None:
    for name, row in OF_CUSTOMERS.items():
        for things in (world.own, world.foreign):
            for method in ("GET", "HEAD", "POST"):
                for persona in OUTSIDE:
                    answer = ask(world.browsers[persona], method, row.url(name, key_of(row, things)))
                    where = (name, method, persona, answer.status_code)
                    assert answer.status_code == 302, where
                    assert answer["Location"].startswith(SIGN_IN), where


@pytest.mark.parametrize("persona", [persona for persona in PERSONAS if persona not in ("owner", *OUTSIDE)])
def test_what_is_not_ones_own_is_not_there(world: World, persona: str) -> None:
    """Foreign and missing answer alike, to each of the personas, and nothing is written."""
    browser = world.browsers[persona]
    things = world.own  # the owner's, asked for by somebody else
    for name, row in OF_SOMEBODY.items():
        for method in ("GET", "POST", "HEAD"):
            with written() as tables:
                foreign = ask(browser, method, row.url(name, key_of(row, things)))
                missing = ask(browser, method, row.url(name, uuid.uuid4()))
            assert foreign.status_code == missing.status_code, (name, method)
            assert foreign.status_code in (404, 405), (name, method, foreign.status_code)
            assert _bare(foreign) == _bare(missing), (name, method)
            assert tables <= ALWAYS, (name, method, tables)


def _bare(answer: HttpResponse) -> bytes:
    return HTML_NOISE.sub(b"", answer.content)


def test_the_owner_gets_it(world: World) -> None:
    for name, row in OF_SOMEBODY.items():
        if "GET" in row.methods:
            answer = ask(world.browsers["owner"], "GET", row.url(name, key_of(row, world.own)))
            assert answer.status_code not in (403, 404), (name, answer.status_code)


def test_no_get_changes_anything(world: World) -> None:
    for name, row in TABLE.items():
        for persona in ("owner", "frozen", "viewer", "anonymous"):
            if "GET" not in row.methods:
                continue
            with written() as tables:
                ask(world.browsers[persona], "GET", row.url(name, key_of(row, world.own)))
            assert tables <= ALWAYS | row.keeps, (name, persona, tables)


def test_one_address_alone_is_spared_the_token_of_forms(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = world.browsers["owner"].cookies
    spared = set()
    for name, row in TABLE.items():
        if "POST" in row.methods:
            answer = strict.post(row.url(name, key_of(row, world.own)))
            if answer.status_code != 403 or b"csrf" not in answer.content.lower():
                spared.add(name)

    assert spared == {"plaid-webhook"}


def test_the_personas_are_those_of_the_desk(world: World) -> None:
    assert set(ROLES) < set(world.browsers) == set(PERSONAS)
    assert {row.who for row in TABLE.values()} == {ANYONE, CUSTOMER}
