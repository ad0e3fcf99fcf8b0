"""The desk's view of what people were told: to read, to find what went undelivered, to try it again."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Notice, User
from tests import make
from tests.funding.admin.ops import queue_on

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/notice/"


@pytest.fixture
def ada(client: Client) -> User:
    client.force_login(make.user("ops@example.com", is_staff=True, is_superuser=True))
    return make.user()


def undelivered(to: User, title: str = "Never arrived") -> Notice:
    return make.notice(to, title, tries=1, email_error="address refused 550", given_up_at=timezone.now())


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ("", ["Arrived", "Never arrived", "On its way"]),
        ("?email=not-delivered", ["Never arrived"]),
        ("?email=waiting", ["On its way"]),
        ("?email=bogus", ["Arrived", "Never arrived", "On its way"]),
    ],
)
def test_what_was_not_delivered_can_be_found(client: Client, ada: User, chosen: str, shown: list[str]) -> None:
    make.notice(ada, "Arrived", emailed_at=timezone.now())
    make.notice(ada, "On its way")
    undelivered(ada)

    page = client.get(f"{LIST}{chosen}")

    assert sorted(notice.title for notice in page.context["cl"].result_list) == shown


def test_an_e_mail_can_be_tried_again(client: Client, ada: User) -> None:
    notice, delivered = undelivered(ada), make.notice(ada, emailed_at=timezone.now(), tries=3)

    page = client.post(
        LIST, {"action": "try_again", "_selected_action": [notice.pk, delivered.pk]}, follow=True
    ).content.decode()

    notice.refresh_from_db()
    delivered.refresh_from_db()
    assert "1 to be sent within seconds." in page
    assert (notice.given_up_at, notice.tries, notice.email_error) == (None, 0, "")
    assert (delivered.emailed_at is not None, delivered.tries) == (True, 3)


@pytest.mark.parametrize("way", ["add/", "{pk}/delete/"])
def test_nobody_adds_or_deletes_one_by_hand(client: Client, ada: User, way: str) -> None:
    notice = undelivered(ada)

    assert client.post(f"{LIST}{way.format(pk=notice.pk)}", {"post": "yes"}).status_code == 403
    assert Notice.objects.count() == 1


def test_nobody_changes_one_by_hand(client: Client, ada: User) -> None:
    notice = undelivered(ada)

    assert client.post(f"{LIST}{notice.pk}/change/", {"title": "Other words"}).status_code == 403
    assert Notice.objects.get().title == "Never arrived"


def test_the_desk_counts_what_was_not_delivered(client: Client, ada: User) -> None:
    undelivered(ada)

    page = client.get("/admin/")

    queue = queue_on(page, "E-mails not delivered")
    assert (queue.count, queue.url) == (1, f"{LIST}?email=not-delivered")
