"""The way to the desk: the sign-in that everybody uses, where tries are counted."""

from typing import Any

import pytest
from django.test import Client

from tests import make
from tests.accounts.views.test_signing import ELSEWHERE

pytestmark = pytest.mark.django_db

PASSWORD = {"username": "ops@example.com", "password": make.PASSWORD}


def ask(client: Client, url: str, **more: Any) -> tuple[int, str]:
    answer = client.get(url, **more)
    return answer.status_code, answer.get("Location", "")


def test_a_person_of_ops_signs_in_where_everybody_does_and_comes_back(client: Client) -> None:
    make.user("ops@example.com", is_staff=True)
    page = "/admin/funding/transfer/?q=50"

    at_the_door = client.get(page, follow=True)
    assert at_the_door.redirect_chain[-1][0].startswith("/sign-in/?next=/admin/funding/transfer/")
    answer = client.post(at_the_door.redirect_chain[-1][0], PASSWORD)

    assert answer["Location"] == page
    assert ask(client, "/admin/login/?next=/admin/funding/") == (302, "/admin/funding/")


def test_no_password_is_taken_at_the_desk_itself(client: Client) -> None:
    make.user("ops@example.com", is_staff=True)

    answer = client.post("/admin/login/", PASSWORD)

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/admin/")
    assert "_auth_user_id" not in client.session


def test_a_customer_is_told_that_this_is_not_theirs(client: Client) -> None:
    client.force_login(make.user())

    assert ask(client, "/admin/login/")[0] == 403
    assert client.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("url", ELSEWHERE)
def test_nobody_is_led_to_a_foreign_host(client: Client, url: str) -> None:
    client.force_login(make.user("ops@example.com", is_staff=True))

    assert ask(client, "/admin/login/", data={"next": url}) == (302, "/admin/")


def test_a_password_is_changed_where_everybody_changes_theirs(client: Client) -> None:
    client.force_login(make.user("ops@example.com", is_staff=True))

    assert ask(client, "/admin/password_change/") == (302, "/settings/password/")
    assert client.get("/settings/password/").status_code == 200
