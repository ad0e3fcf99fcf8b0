"""Too much, too long, too deep, not text at all: a clear answer, never a 500, on both databases."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.access.world import World
from tests.hostile.pages import of_the_desk, of_the_site
from tests.hostile.test_strings import forms

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
NOT_TEXT = ["%00", "a%00b", "%ff%fe", "%c0%af", "%ed%a0%80", "%e2%80", "a" * 3000, "%0d%0aX:1", "%f0%9f%98%80", "%"]
ASKED = (
    *("q", "next", "status", "direction", "kind", "page", "p", "o", "e", "state", "key", "oauth_state_id", "sending"),
    *("status__exact", "id", "created_at__gte", "brokerage_account__id__exact", "health", "amount", "form_key"),
)
FOUND_BY_TEXT = [
    "/transfers/{}/",
    "/apply/{}/",
    "/apply/documents/{}/",
    "/agreements/{}/",
    "/settings/email/confirm/{}/",
    "/static/{}",
    "/admin/{}",
    "/admin/funding/transfer/{}/change/",
    "/admin/funding/worker/{}/change/",
    "/admin/accounts/streamcursor/{}/change/",
    "/admin/auth/group/{}/change/",
    "/admin/r/{}/1/",
    "/{}",
]


def broken(answer: Any) -> bool:
    """Say whether an answer is a fault of ours; 503 is a vendor that is away."""
    return answer.status_code >= 500 and answer.status_code != 503


def lists(world: World) -> Iterator[tuple[str, str]]:
    yield from (("owner", url) for _, url in of_the_site(world.own))
    yield from (("anonymous", url) for _, url in of_the_site(world.own, anyones=True))
    yield from (("admin", url) for name, url in of_the_desk() if name.endswith("_changelist") or name == "admin:search")


@pytest.mark.parametrize("nonsense", NOT_TEXT, ids=lambda text: text[:12])
def test_a_query_that_is_no_text(world: World, nonsense: str) -> None:
    query = "&".join(f"{name}={nonsense}" for name in ASKED)
    wrong = [url for who, url in lists(world) if broken(world.browsers[who].get(f"{url}?{query}"))]

    assert not wrong


@pytest.mark.parametrize("persona", ["owner", "admin"])
def test_a_path_that_is_no_text(world: World, persona: str) -> None:
    wrong = []
    for nonsense in NOT_TEXT:
        for url in FOUND_BY_TEXT:
            status = world.browsers[persona].get(url.format(nonsense)).status_code
            wrong += [(url, nonsense[:12], status)] if status not in (400, 404, 302, 410) else []

    assert not wrong


def test_a_field_that_is_no_text(world: World) -> None:
    """Each page of a form with one of these, the next page with the next one, and all of them at the two of money."""
    nonsense = [b"%00", b"a%00b", b"%ff%fe", b"%ed%a0%80", b"\xff", b"a" * 5000]
    for number, (persona, url, names) in enumerate(forms(world)):
        tried = nonsense if url in ("/deposit/", "/bank/numbers/") else [nonsense[number % len(nonsense)], b"%00"]
        for text in tried:
            body = b"&".join(name.encode() + b"=" + text for name in names)
            assert not broken(world.browsers[persona].post(url, body, content_type=FORM)), (url, text)


@pytest.mark.parametrize(
    "cookie",
    [
        *(
            "sessionid=\x00",
            "sessionid=%00",
            "sessionid=\xff\xfe",
            f"sessionid={'a' * 5000}",
            "sessionid=a;sessionid=b",
        ),
        *("csrftoken=\x00", "csrftoken=\xff", "messages=\x00", "messages=a:b:c", "=;=;;", "a" * 100, "\x00"),
    ],
)
def test_a_cookie_that_is_no_text(cookie: str) -> None:
    for url in ("/", "/overview/", "/sign-in/", "/admin/"):
        for method in ("GET", "POST"):
            answer = Client(raise_request_exception=False).generic(method, url, HTTP_COOKIE=cookie)
            assert not broken(answer), (method, url)


# --- Too much ---------------------------------------------------------------------------------------------------------


def test_a_form_of_more_than_a_quarter_of_a_mebibyte_is_too_much(client: Client) -> None:
    answer = client.post("/sign-in/", {"username": "a" * 256 * 1024})

    assert answer.status_code == 413
    assert "That was too much" in answer.content.decode()


@pytest.mark.parametrize("kind", ["form", "multipart"])
def test_a_form_of_hundreds_of_fields_is_not_understood(client: Client, kind: str) -> None:
    fields = {f"field{number}": "x" for number in range(201)}
    body = "&".join(f"{name}=x" for name in fields)

    answer = client.post("/sign-in/", fields) if kind == "multipart" else client.post("/sign-in/", body, FORM)

    assert answer.status_code == 400
    assert "We could not read that" in answer.content.decode()


def test_hundreds_of_files_are_not_understood(client: Client) -> None:
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="f{n}"; filename="f"\r\n\r\n\r\n' for n in range(101))

    answer = client.post("/sign-in/", f"{parts}--x--\r\n", content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "kind",
    [
        *("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "x" * 300),
        *("multipart/form-data; boundary=x", f"{FORM}; charset=utf-16", f"{FORM}; charset=nonsense", "a/b", ""),
    ],
)
def test_a_form_that_is_none_is_no_fault_of_ours(client: Client, kind: str) -> None:
    answer = Client(raise_request_exception=False).generic("POST", "/sign-in/", b"\x00\xff--x\r\n\r\n", kind)

    assert answer.status_code in (200, 400, 403, 415)


def test_an_error_page_needs_neither_session_nor_host(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True  # which asks for the host before anybody has a session

    answer = Client(raise_request_exception=False).get("/", headers={"host": "elsewhere.example"})

    assert answer.status_code == 400
    assert "We could not read that" in answer.content.decode()
    assert "elsewhere.example" not in answer.content.decode()


# --- The webhook ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"[" * 60_000, b'{"a":' * 40_000, b"\x00", b"\xff\xfe", json.dumps({"a": "\x00"}).encode(), b"1e999999", b"NaN"],
)
def test_a_message_that_is_deep_or_no_text_is_not_verified(body: bytes) -> None:
    answer = Client(raise_request_exception=False).post("/webhooks/plaid/", body, content_type="application/json")

    assert answer.status_code == 401


@pytest.mark.parametrize("header", ["a", "a.b.c", "\x00", "é", "." * 9000, "e30.e30.e30", "[" * 9000])
def test_nor_one_with_a_signature_of_nonsense(header: str) -> None:
    answer = Client(raise_request_exception=False).post(
        "/webhooks/plaid/", b"{}", content_type="application/json", HTTP_PLAID_VERIFICATION=header
    )

    assert answer.status_code == 401


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "text/plain", ""])
def test_what_a_message_calls_itself_does_not_matter(kind: str) -> None:
    answer = Client(raise_request_exception=False).generic("POST", "/webhooks/plaid/", b"a=1&a=2", kind)

    assert answer.status_code == 401
