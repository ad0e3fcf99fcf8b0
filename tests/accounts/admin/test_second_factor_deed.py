"""Taking the second factor from somebody who has lost it: by an admin, with a reason, and never from oneself."""

from typing import Any

import pytest

from accounts.models import Notice, SecondFactorChange, User
from accounts.operations import second_factor
from brokerage.desk import OWN
from brokerage.roles import ADMIN, COMPLIANCE
from tests import make
from tests.accounts.second_factors import set_up
from tests.funding.admin.ops import of_role, page

pytestmark = pytest.mark.django_db

WHY: dict[str, Any] = {"because": "Lost the phone; called back on the number that we had."}


@pytest.fixture
def ada() -> User:
    set_up(ada := make.account(make.user()).user)
    return ada


def test_an_admin_removes_it_and_the_person_is_told(ada: User) -> None:
    desk = of_role(ADMIN)

    said = desk.press(page(ada, "second-factor"), **WHY)

    assert "password alone now" in said
    assert not second_factor.is_on(ada)
    assert Notice.objects.filter(user=ada, kind="SECOND_FACTOR_REMOVED").count() == 1
    change = SecondFactorChange.objects.get(what="REMOVED")
    assert (change.by, change.because) == (desk.user, WHY["because"])
    assert WHY["because"] in desk.read(page(ada))


def test_without_a_reason_it_stays(ada: User) -> None:
    of_role(ADMIN).press(page(ada, "second-factor"), because="")

    assert second_factor.is_on(ada)


def test_nobody_removes_their_own(ada: User) -> None:
    desk = of_role(ADMIN)
    set_up(desk.user)

    assert OWN in desk.press(page(desk.user, "second-factor"), status=409, **WHY)
    assert second_factor.is_on(desk.user)


def test_no_other_role_does(ada: User) -> None:
    of_role(COMPLIANCE).press(page(ada, "second-factor"), status=403, **WHY)

    assert second_factor.is_on(ada)


def test_who_has_none_keeps_none() -> None:
    assert "no second factor" in of_role(ADMIN).read(page(make.user("eve@example.com"), "second-factor"))


def test_somebody_of_ops_signs_in_at_the_desk_with_a_code(ada: User) -> None:
    desk = of_role(ADMIN)
    app, _codes = set_up(desk.user)
    desk.client.logout()

    assert desk.client.get("/admin/login/")["Location"] == "/sign-in/?next=/admin/"
    step = desk.client.post("/sign-in/", {"username": desk.user.email, "password": make.PASSWORD, "next": "/admin/"})

    assert step["Location"] == "/sign-in/code/?next=%2Fadmin%2F"
    assert desk.client.get("/admin/").status_code == 302
    assert desk.client.post("/sign-in/code/", {"code": app.code(), "next": "/admin/"})["Location"] == "/admin/"
    desk.read("/admin/")
