"""Every address of the desk × persona: customers, and staff without a role, get nothing; no role writes a row by hand.

What each role may do otherwise stands in tests/funding/admin/test_roles.py, deed by deed.
"""

import uuid
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from brokerage.roles import ROLES
from tests.access.addresses import addresses
from tests.access.test_customers import written
from tests.access.world import World
from tests.accounts.second_factors import set_up

pytestmark = pytest.mark.django_db

# What whoever has no business here may ask all the same: to sign in and out, and the words of Django's own script.
OPEN = {"admin:login", "admin:logout", "admin:jsi18n"}
# Without a name: Django's old address of a page, which leads to the new one, and the one that leads anywhere else.
LEADING = "admin:None"
SET_UP = "/settings/second-factor/"
OWN_PAGES = {"admin:index", "admin:password_change", "admin:password_change_done", "admin:search"}
LETTERS: dict[str, Any] = {"pk": uuid.uuid4(), "object_id": uuid.uuid4(), "content_type_id": "1", "id": uuid.uuid4()}


def urls(*, of: Any = None) -> list[tuple[str, str]]:
    """Return the desk's addresses, each by its name, with ids of nothing."""
    found = [address for address in addresses() if address.name.startswith("admin:") and address.name != LEADING]
    return [(address.name, _reverse(address.name, address.route)) for address in found if of is None or of(address)]


def _reverse(name: str, route: str) -> str:
    given = {word: value for word, value in LETTERS.items() if f":{word}>" in route or f"<{word}>" in route}
    given |= {"pk": 999999} if "<int:pk>" in route else {}
    given |= {"app_label": "funding"} if "<app_label>" in route else {}
    return reverse(name, kwargs=given)


def test_there_are_hundreds_of_them() -> None:
    assert len(urls()) > 200


@pytest.mark.parametrize(
    ("persona", "method"),
    [
        ("anonymous", "GET"),
        ("anonymous", "POST"),
        ("owner", "GET"),
        ("owner", "POST"),
        ("stopped", "GET"),
        ("half in", "GET"),
    ],
)
def test_customers_are_asked_to_sign_in_as_somebody_else(world: World, persona: str, method: str) -> None:
    browser = world.browsers[persona]
    for name, url in urls():
        if name in OPEN:
            continue
        with written() as tables:
            answer = browser.generic(method, url)
        assert answer.status_code == 302, (name, answer.status_code)
        assert answer["Location"].startswith("/admin/login/"), (name, answer["Location"])
        assert tables <= {"accounts_session"}, (name, tables)


def test_staff_without_a_role_get_nothing(world: World) -> None:
    """A row that is not there and one that may not be seen answer alike."""
    browser = world.browsers["staff without a role"]
    rows = [world.own["transfer"], world.own["account"], world.own["document"]]
    pages = [
        (str(row), reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])) for row in rows
    ]
    for name, url in [*urls(), *pages]:
        if name in OPEN | OWN_PAGES:
            continue
        for method in ("GET", "POST"):
            with written() as tables:
                status = browser.generic(method, url).status_code
            assert status in (302, 403, 404, 405), (name, method, status)
            assert status != 302 or _leads_nowhere(browser, url), (name, url)
            assert tables <= {"accounts_session"}, (name, tables)


def test_staff_without_second_factor_are_led_to_setting_it_up(world: World, settings: Settings) -> None:
    """Where the desk demands one: whatever their role, they reach no page of it, and their second factor's."""
    settings.STAFF_SECOND_FACTOR = True
    browser = world.browsers["staff without second factor"]
    for name, url in urls():
        if name in OPEN - {"admin:jsi18n"}:
            continue
        for method in ("GET", "POST"):
            with written() as tables:
                answer = browser.generic(method, url)
            assert (answer.status_code, answer["Location"]) == (302, SET_UP), (name, method)
            assert tables <= {"accounts_session"}, (name, tables)
    assert browser.get(SET_UP).status_code == 200
    assert browser.post("/admin/logout/")["Location"] == "/"


def test_with_one_they_reach_the_desk(world: World, settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = True
    set_up(User.objects.get(email="bare@ops.example"))

    assert world.browsers["staff without second factor"].get("/admin/").status_code == 200


def _leads_nowhere(browser: Client, url: str) -> bool:
    return browser.get(url)["Location"] == "/admin/"


@pytest.mark.parametrize("role", ROLES)
def test_no_role_adds_changes_or_deletes_a_row_by_hand(world: World, role: str) -> None:
    browser = world.browsers[role]
    rows: dict[Any, Any] = {type(thing): thing for thing in world.own.values()}
    for model in admin.site._registry:
        label = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = rows.get(model)
        key = row.pk if row else LETTERS["pk"]
        for url in (reverse(f"{label}_add"), reverse(f"{label}_delete", args=[key])):
            for method in ("get", "post"):
                status = getattr(browser, method)(url, {"post": "yes"}).status_code
                assert status == 403 or (row is None and status == 302), (model, url, method, status)
        if row:
            with written() as tables:
                status = browser.post(reverse(f"{label}_change", args=[key]), {"amount": "9999.00"}).status_code
            assert status in (302, 403, 405), (model, status)
            assert tables <= {"accounts_session"}, (model, tables)


def test_nobody_looks_people_up_while_they_type(world: World) -> None:
    """Django's own address for that answers with addresses of people, and leaves no trace."""
    asked = {"app_label": "accounts", "model_name": "application", "field_name": "user", "term": "ada"}

    for role in ROLES:
        answer = world.browsers[role].get(reverse("admin:autocomplete"), asked)
        assert answer.status_code == 404, role
        assert b"ada@example.com" not in answer.content
