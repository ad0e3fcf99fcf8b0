"""The doors: signing up, in and out, and what a stranger sees."""

import re
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import states, steps
from accounts.models import Application, User
from tests import make

pytestmark = pytest.mark.django_db

STEPS = [reverse("apply-step", args=[step.slug]) for step in steps.QUESTIONS]
APPLYING = [*STEPS, "/apply/", "/apply/check/", "/apply/waiting/", "/apply/waiting/status/"]
OPEN = ["/", "/sign-up/", "/sign-in/", "/agreements/customer_agreement/"]


@pytest.fixture
def ada(client: Client) -> User:
    """Sign Ada in."""
    user = make.user()
    client.force_login(user)
    return user


# --- Strangers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", APPLYING)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_asked_to_sign_in(client: Client, url: str, method: str) -> None:
    answer = getattr(client, method)(url)

    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={quote(url)}")
    assert Application.objects.count() == 0


@pytest.mark.parametrize("url", OPEN)
def test_some_pages_are_everybodys(client: Client, url: str) -> None:
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("url", ["/apply/password/", "/apply/NAME/", "/apply/..%2Fadmin/", "/apply/check%00/"])
def test_a_step_that_does_not_exist_is_not_found(client: Client, ada: User, url: str) -> None:
    assert client.get(url).status_code == client.post(url).status_code == 404


# --- Harmless reading -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [*OPEN, *APPLYING])
@pytest.mark.parametrize("status", [None, *states.APPLICATION_MOVES])
def test_a_get_changes_nothing(client: Client, ada: User, url: str, status: str | None) -> None:
    if status:
        make.application(ada, status=status)
    before = list(Application.objects.values())

    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.get(url)

    assert answer.status_code in (200, 302, 404)
    assert list(Application.objects.values()) == before
    changing = [each["sql"] for each in queries if each["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert changing == []
    assert len(queries) <= 12


@pytest.mark.parametrize(
    "url", ["/apply/", "/apply/waiting/", "/apply/waiting/status/", "/agreements/customer_agreement/", "/"]
)
def test_a_page_to_read_takes_no_post(client: Client, ada: User, url: str) -> None:
    assert client.post(url).status_code == 405


@pytest.mark.parametrize("url", ["/sign-up/", "/sign-out/", "/apply/name/", "/apply/check/"])
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_a_page_takes_no_other_verb(client: Client, ada: User, url: str, method: str) -> None:
    assert getattr(client, method)(url).status_code == 405


@pytest.mark.parametrize("url", ["/sign-up/", "/sign-in/", "/sign-out/", "/apply/name/", "/apply/check/"])
def test_a_form_from_another_site_is_refused(ada: User, url: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)

    assert client.post(url, {"given_name": "Eve"}).status_code == 403


# --- Signing in and out -----------------------------------------------------------------------------------------------


def sign_in(client: Client, **answers: str) -> tuple[int, str]:
    answer = client.post("/sign-in/", {"username": "ada@example.com", "password": make.PASSWORD} | answers)
    return answer.status_code, answer.get("Location", "")


def test_the_address_may_be_typed_in_any_case(client: Client) -> None:
    make.user()

    assert sign_in(client, username=" ADA@Example.com ") == (302, "/overview/")


def test_a_wrong_password_and_an_unknown_address_read_the_same(client: Client) -> None:
    make.user()
    make.user("gone@example.com", is_active=False)

    pages = [
        client.post("/sign-in/", {"username": "same@example.com", "password": "x"}).content.decode(),
        *(
            client.post("/sign-in/", answers).content.decode().replace(answers["username"], "same@example.com")
            for answers in (
                {"username": "ada@example.com", "password": "x"},
                {"username": "gone@example.com", "password": make.PASSWORD},
                {"username": "nobody@example.com", "password": make.PASSWORD},
            )
        ),
    ]

    assert "don’t belong together" in pages[0]
    assert len({_without_token(page) for page in pages}) == 1
    assert make.PASSWORD not in pages[1]


def test_a_refusal_costs_the_same_statements_whoever_it_is(client: Client) -> None:
    make.user()
    make.user("gone@example.com", is_active=False)
    User.objects.create_user("elsewhere@example.com")
    counts = set()
    for email in ("ada@example.com", "gone@example.com", "elsewhere@example.com", "nobody@example.com"):
        with CaptureQueriesContext(connection) as queries:
            assert sign_in(client, username=email, password="x") == (200, "")
        counts.add(len(queries))

    assert len(counts) == 1


def _without_token(page: str) -> str:
    return "".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "////evil.example/%2f..",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\x00//evil.example",
    "http:///evil.example",
    "https:evil.example",
    "https:/evil.example",
    " //evil.example",
    "javascript:alert(1)//evil.example",
    "JaVaScRiPt:alert('evil.example')",
    "data:text/html,evil.example",
    "http://testserver@evil.example/",
    "http://testserver:pass@evil.example",
    "//testserver.evil.example",
    "http://[::1]evil.example",
    "/overview/\r\nLocation: https://evil.example/",
    "%2f%2fevil.example",
    "evil.example",
    "http://testserver\\@evil.example",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_nobody_is_sent_to_a_foreign_host(client: Client, url: str) -> None:
    make.user()

    assert b"evil.example" not in client.get("/sign-in/", {"next": url}).content
    assert sign_in(client, next=url) == (302, "/overview/")
    assert client.get("/sign-in/", {"next": url})["Location"] == "/overview/"


def test_a_line_break_in_an_address_does_not_become_a_header(client: Client) -> None:
    make.user()

    answer = client.post(
        "/sign-in/?next=%2Foverview%2F%0d%0aX-Evil:1", {"username": "ada@example.com", "password": make.PASSWORD}
    )

    assert answer["Location"] == "/overview/"
    assert "X-Evil" not in answer


def test_somebody_is_sent_where_they_wanted_to_go(client: Client) -> None:
    make.user()

    assert b'value="/apply/check/"' in client.get("/sign-in/?next=/apply/check/").content
    assert sign_in(client, next="/apply/check/") == (302, "/apply/check/")


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_who_tries_too_often_is_told_when_to_try_again(client: Client, email: str) -> None:
    make.user()
    with time_machine.travel(datetime(2026, 11, 24, 17, 1, 30, tzinfo=UTC), tick=False):
        for _ in range(5):
            assert sign_in(client, username=email, password="x") == (200, "")
        answer = client.post("/sign-in/", {"username": email, "password": make.PASSWORD})

    assert (answer.status_code, answer["Retry-After"]) == (429, "210")
    assert "Please wait a moment" in answer.content.decode()


def test_a_browser_that_was_let_in_is_known_and_strangers_do_not_keep_it_out(client: Client) -> None:
    make.user()
    sign_in(client)
    client.post("/sign-out/")
    mark = client.cookies["browser"]
    for number in range(101):
        sign_in(Client(REMOTE_ADDR=f"198.51.100.{number}"), password="x")

    assert sign_in(Client(REMOTE_ADDR="203.0.113.9")) == (429, "")
    assert sign_in(client) == (302, "/overview/")
    assert (mark["httponly"], mark["samesite"], mark["max-age"]) == (True, "Lax", 400 * 24 * 60 * 60)
    assert re.fullmatch(r"[\w-]{43}", mark.value)  # a random key, which names nobody


@pytest.mark.parametrize("mark", ["", "made.up", "a.b:c:d", "%00", "x" * 5000])
def test_a_made_up_mark_makes_no_browser_known(mark: str) -> None:
    make.user()
    for _ in range(5):
        sign_in(Client(), password="x")
    stranger = Client()
    stranger.cookies["browser"] = mark

    assert sign_in(stranger) == (429, "")


def test_ones_own_mark_is_no_mark_for_somebody_elses_name(client: Client) -> None:
    make.user()
    make.user("eve@example.com")
    sign_in(client, username="eve@example.com")
    client.post("/sign-out/")
    for _ in range(5):
        sign_in(client, password="x")

    assert sign_in(client) == (429, "")


def test_signing_out_takes_a_post(client: Client, ada: User) -> None:
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/apply/name/").status_code == 200

    assert client.post("/sign-out/")["Location"] == "/"
    assert client.get("/apply/name/").status_code == 302


@pytest.mark.parametrize("url", ["/sign-out/", "/admin/logout/"])
def test_signing_out_leaves_nothing_in_the_browser_but_its_mark(client: Client, url: str) -> None:
    make.user(is_staff=True)
    client.post("/sign-in/", {"username": "ada@example.com", "password": make.PASSWORD})

    answer = client.post(url)

    assert answer["Clear-Site-Data"] == '"storage"'
    assert client.cookies["browser"].value


@pytest.mark.parametrize("url", ["/", "/sign-up/", "/sign-in/"])
def test_someone_who_is_signed_in_goes_on(client: Client, ada: User, url: str) -> None:
    assert client.get(url)["Location"] == "/overview/"
