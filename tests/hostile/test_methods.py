"""HEAD answers as GET does, without a body; no other method than GET, HEAD and POST is taken anywhere."""

from typing import Any

import pytest
from django.test import Client

from tests.access.world import World
from tests.hostile.pages import everything, of_the_desk, of_the_site

pytestmark = pytest.mark.django_db

ALIKE = ("Content-Type", "Location", "Cache-Control", "Content-Security-Policy", "Content-Disposition")
# Who is signed in is led on from Django's own page by GET alone; it shows nothing of anybody.
UNLIKE = {"admin:login"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "QUERY"])
def test_other_methods_are_taken_nowhere(world: World, method: str) -> None:
    elsewhere = [("", url) for url in ("/nowhere/", "/static/css/theme.css", "/csp-reports/", "/healthz", "/admin/x")]
    for browser, addresses in (
        (world.browsers["owner"], [*of_the_site(world.own), *elsewhere]),
        (world.browsers["admin"], list(of_the_desk())),
    ):
        for _, url in addresses:
            answer = browser.generic(method, url, b"amount=1", "application/x-www-form-urlencoded")
            assert answer.status_code == 405, (url, answer.status_code)
            assert answer["Allow"], url
            assert answer["X-Content-Type-Options"] == "nosniff", url


def test_head_answers_as_get(world: World) -> None:
    wrong = []
    for page in (page for page in everything(world) if page.name not in UNLIKE):
        head = world.browsers[page.persona].head(page.url)
        same = {name: page.answer.headers.get(name) for name in ALIKE}
        found = {name: head.headers.get(name) for name in ALIKE}
        if (head.status_code, found) != (page.answer.status_code, same) or body_of(head):
            wrong.append((page.persona, page.url, page.answer.status_code, head.status_code))

    assert not wrong


def body_of(answer: Any) -> bytes:
    return b"".join(answer) if answer.streaming else bytes(answer.content)


def test_a_method_in_another_header_counts_for_nothing() -> None:
    answer = Client().post("/sign-in/", {"_method": "DELETE"}, headers={"X-HTTP-Method-Override": "DELETE"})

    assert answer.status_code == 200
