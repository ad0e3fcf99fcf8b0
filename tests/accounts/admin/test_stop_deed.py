"""Stopping people of operations, and whoever has not applied yet, from signing in: with a reason, and at once."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import EmailChange, Session, SignInChange, User
from accounts.operations import email_change
from brokerage.roles import ADMIN, COMPLIANCE
from tests import make
from tests.funding.admin.ops import AtTheDesk, of_role, page, person

pytestmark = pytest.mark.django_db

WHY: dict[str, Any] = {"because": "Left the company"}


@pytest.fixture
def clerk() -> User:
    return make.user("clerk@ops.example", is_staff=True)


def test_who_is_stopped_is_signed_out_for_good(clerk: User, client: Client) -> None:
    client.force_login(clerk)
    email_change.ask(user=clerk, new_email="new@ops.example", visit=make.VISIT)
    desk = of_role(ADMIN)

    assert "can’t sign in any more" in desk.press(page(clerk, "stop"), **WHY)

    assert not Session.objects.filter(user=clerk).exists()
    assert EmailChange.objects.get().status == "CANCELED"
    assert not client.login(username=clerk.email, password=make.PASSWORD)
    assert WHY["because"] in desk.read(page(clerk))
    assert "can’t sign in already" in desk.press(page(clerk, "stop"), status=409, **WHY)


def test_who_is_let_in_again_has_to_sign_in(clerk: User, client: Client) -> None:
    client.force_login(clerk)
    desk = of_role(ADMIN)

    desk.press(page(clerk, "stop"), **WHY)
    assert "can sign in again" in desk.press(page(clerk, "allow"), **WHY)

    assert client.get("/settings/").status_code == 302
    assert client.login(username=clerk.email, password=make.PASSWORD)
    assert [each.allowed for each in SignInChange.objects.all()] == [False, True]
    assert "can sign in already" in desk.press(page(clerk, "allow"), status=409, **WHY)


def test_whoever_has_not_applied_yet_is_stopped_there_too() -> None:
    newcomer = make.user()

    of_role(ADMIN).press(page(newcomer, "stop"), **WHY)

    newcomer.refresh_from_db()
    assert not newcomer.is_active


def test_a_customer_is_stopped_on_the_page_of_their_application() -> None:
    customer = make.application(make.user()).user

    assert "page of their application" in of_role(ADMIN).press(page(customer, "stop"), status=409, **WHY)

    customer.refresh_from_db()
    assert customer.is_active


def test_a_superuser_is_stopped_by_a_superuser_alone() -> None:
    root, admin = person("root@ops.example"), of_role(ADMIN)

    assert "by a superuser alone" in admin.press(page(root, "stop"), status=409, **WHY)
    root.refresh_from_db()
    assert root.is_active

    AtTheDesk(person("other@ops.example")).press(page(root, "stop"), **WHY)
    root.refresh_from_db()
    assert not root.is_active


def test_who_gives_no_roles_stops_nobody_of_operations(clerk: User) -> None:
    of_role(COMPLIANCE).press(page(clerk, "stop"), status=403, **WHY)

    clerk.refresh_from_db()
    assert clerk.is_active


def test_without_a_reason_nothing_happens(clerk: User) -> None:
    of_role(ADMIN).press(page(clerk, "stop"), because="")

    clerk.refresh_from_db()
    assert clerk.is_active
