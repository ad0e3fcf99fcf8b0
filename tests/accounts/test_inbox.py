"""The inbox: everything once, newest first, one's own alone, and nothing is read by being looked at."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Notice, User
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    user = make.user()
    client.force_login(user)
    return user


def fill(user: User, count: int, **more: Any) -> list[Notice]:
    now = timezone.now()
    return [
        make.notice(
            user,
            f"Told the {n}th",
            "It is <b>there</b>.\nNo money moved.",
            **({"created_at": now - timedelta(minutes=n)} | more),
        )
        for n in range(count)
    ]


def shown(page: Any) -> list[str]:
    return re.findall(r"<h3[^>]*>\s*(Told the \d+th)", page.content.decode())


def test_it_says_what_will_be_there(client: Client, ada: User) -> None:
    page = client.get("/notifications/").content.decode()

    assert "Nothing to tell yet" in page
    assert "Mark all as read" not in page


@pytest.mark.parametrize("one_moment", [False, True])
def test_every_notice_is_on_one_page_newest_first(client: Client, ada: User, one_moment: bool) -> None:
    at = {"created_at": timezone.now()} if one_moment else {}
    made = fill(ada, 60, **at)
    seen: list[str] = []
    address: str | None = "/notifications/"

    while address:
        page = client.get(address)
        seen += shown(page)
        address = page.context["older_url"]

    newest_first = sorted(made, key=lambda notice: (notice.created_at, notice.pk), reverse=True)
    assert seen == [notice.title for notice in newest_first]


def test_its_words_are_shown_as_they_are(client: Client, ada: User) -> None:
    fill(ada, 1)

    page = client.get("/notifications/").content.decode()

    assert "It is &lt;b&gt;there&lt;/b&gt;.<br>No money moved." in page


def test_looking_at_it_reads_nothing(client: Client, ada: User) -> None:
    fill(ada, 2)

    for _ in range(2):
        page = client.get("/notifications/")

    assert Notice.objects.unread().count() == 2
    assert page.content.decode().count("New</span>") == 2


def test_following_one_reads_it_and_leads_to_what_it_tells_of(client: Client, ada: User) -> None:
    notice, other = fill(ada, 2)

    answer = client.post(f"/notifications/{notice.pk}/")

    assert answer["Location"] == "/transfers/"
    assert list(Notice.objects.unread()) == [other]
    assert 'href="/transfers/">See it' in " ".join(client.get("/notifications/").content.decode().split())


def test_all_can_be_marked_as_read(client: Client, ada: User) -> None:
    fill(ada, 30)
    page = client.get("/notifications/").content.decode()
    shown_at = re.search(r'name="shown_at" value="([^"]+)"', page)
    assert shown_at
    make.notice(ada, "Told since")

    answer = client.post("/notifications/read/", {"shown_at": shown_at[1]})

    assert answer["Location"] == "/notifications/"
    assert [notice.title for notice in Notice.objects.unread()] == ["Told since"]


@pytest.mark.parametrize(
    "moment", ["", "yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "\x00", "9" * 5000]
)
def test_a_moment_that_makes_no_sense_is_now(client: Client, ada: User, moment: str) -> None:
    fill(ada, 1)

    client.post("/notifications/read/", {"shown_at": moment})

    assert not Notice.objects.unread().exists()


def test_somebody_elses_cannot_be_seen_or_read(client: Client, ada: User) -> None:
    grace = make.user("grace@example.com")
    (theirs,) = fill(grace, 1)

    page = client.get("/notifications/")
    opened = client.post(f"/notifications/{theirs.pk}/")
    missing = client.post(f"/notifications/{ada.pk}/")
    client.post("/notifications/read/")

    assert shown(page) == []
    assert (opened.status_code, missing.status_code) == (404, 404)
    assert Notice.objects.unread().count() == 1


@pytest.mark.parametrize("path", ["/notifications/", "/notifications/read/", "/notifications/{pk}/"])
def test_a_stranger_is_asked_to_sign_in(client: Client, path: str) -> None:
    (notice,) = fill(make.user(), 1)

    for method in (client.get, client.post):
        assert method(path.format(pk=notice.pk))["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("path", ["/notifications/read/", "/notifications/{pk}/"])
def test_a_get_changes_nothing(client: Client, ada: User, path: str) -> None:
    (notice,) = fill(ada, 1)

    assert client.get(path.format(pk=notice.pk)).status_code == 405
    assert Notice.objects.unread().count() == 1


@pytest.mark.parametrize(("count", "said"), [(0, ""), (1, "1"), (99, "99"), (120, "99+")])
def test_the_menu_says_how_much_is_unread(client: Client, ada: User, count: int, said: str) -> None:
    fill(ada, count)

    page = client.get("/notifications/").content.decode()

    assert re.findall(r'<span class="unread">([^<]*)<', page) == ([said] * 2 if said else [])


def test_a_page_counts_once_and_only_where_it_shows_the_number(client: Client, ada: User) -> None:
    fill(ada, 40)

    with CaptureQueriesContext(connection) as asked:
        client.get("/notifications/")
    with CaptureQueriesContext(connection) as without:
        client.get("/apply/name/")

    counting = [query["sql"] for query in asked if "COUNT(" in query["sql"]]
    assert (len(counting), len(asked)) == (1, 4)  # session, user, one page, one number
    assert not [query for query in without if "accounts_notice" in query["sql"]]
