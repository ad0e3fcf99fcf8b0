"""Groups at the provider give people of ops their role, change it and take it away, at each sign-in."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import RoleChange, User
from accounts.operations import roles
from brokerage.roles import ADMIN, COMPLIANCE, OPERATOR, VIEWER
from tests import make
from tests.harness.openid_provider import Provider
from tests.harness.roles_laid_down import lay_roles_down

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("provider", ["cognito", "plain"], indirect=True)


@pytest.fixture(autouse=True)
def mapped(settings: Settings) -> None:
    lay_roles_down()
    settings.OIDC_ROLES = {"desk-admins": ADMIN, "risk": COMPLIANCE, "desk": OPERATOR}


def after_signing_in(provider: Provider, groups: object, client: Client | None = None) -> tuple[str, bool]:
    """Let Ada sign in with these groups; return her role, and whether she is staff."""
    provider.person("ada", groups=groups)
    assert provider.sign_in(client or Client()).status_code == 302
    ada = User.objects.get(email="ada@example.com")
    return roles.role_of(ada), ada.is_staff


@BOTH
def test_groups_give_change_and_take_a_role(client: Client, provider: Provider) -> None:
    assert after_signing_in(provider, ["desk", "others"], client) == (OPERATOR, True)
    assert client.get("/admin/").status_code == 200
    assert after_signing_in(provider, ["desk"]) == (OPERATOR, True)
    assert after_signing_in(provider, ["risk"]) == (COMPLIANCE, True)
    assert after_signing_in(provider, []) == ("", False)

    assert client.get("/admin/").status_code == 302  # at once, in the session that stands as well
    changes = RoleChange.objects.values_list("before", "after", "by")
    assert list(changes) == [("", OPERATOR, None), (OPERATOR, COMPLIANCE, None), (COMPLIANCE, "", None)]


def test_of_several_groups_the_first_of_the_map_counts(provider: Provider) -> None:
    assert after_signing_in(provider, ["desk", "risk", "desk-admins"]) == (ADMIN, True)


@pytest.mark.parametrize("groups", ["desk", ["Desk"], {"desk": True}, [["desk"]], [5, None], "desk,risk"], ids=str)
def test_what_is_no_list_of_names_gives_nothing(provider: Provider, groups: object) -> None:
    expected = (OPERATOR, True) if groups == "desk" else ("", False)  # one name alone may come without its list

    assert after_signing_in(provider, groups) == expected


def test_groups_of_another_claim_give_nothing(provider: Provider) -> None:
    provider.lies(claims={"groups": ["desk-admins"], "custom:groups": ["desk-admins"], "role": "admin"})

    assert after_signing_in(provider, []) == ("", False)


def test_without_a_map_roles_are_given_at_the_desk(provider: Provider, settings: Settings) -> None:
    settings.OIDC_ROLES = {}
    assert after_signing_in(provider, ["desk-admins"]) == ("", False)
    ada, boss = User.objects.get(), make.user("boss@example.com")
    roles.give(to=ada, role=VIEWER, because="joined", person=boss)

    assert after_signing_in(provider, []) == (VIEWER, True)


def test_with_a_map_what_the_desk_gave_lasts_until_the_next_sign_in(provider: Provider) -> None:
    after_signing_in(provider, [])
    roles.give(to=User.objects.get(), role=ADMIN, because="by mistake", person=make.user("boss@example.com"))

    assert after_signing_in(provider, ["desk"]) == (OPERATOR, True)


def test_a_customer_stays_a_customer(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    after_signing_in(provider, [])
    make.application(User.objects.get())

    assert after_signing_in(provider, ["desk-admins"]) == ("", False)
    assert "which is not for them" in caplog.text


def test_a_superuser_stays_one(provider: Provider) -> None:
    after_signing_in(provider, [])
    User.objects.update(is_staff=True, is_superuser=True)

    assert after_signing_in(provider, []) == ("", True)


def test_a_role_comes_with_the_account_that_is_connected(client: Client, provider: Provider) -> None:
    ada = make.user()
    provider.person("ada", groups=["desk"])
    provider.sign_in(client)
    ada.refresh_from_db()
    assert not ada.is_staff

    client.post("/sign-in/connect/", {"again-password": make.PASSWORD})

    ada.refresh_from_db()
    assert (roles.role_of(ada), ada.is_staff) == (OPERATOR, True)


def test_the_desk_says_that_the_provider_gave_it(client: Client, provider: Provider) -> None:
    after_signing_in(provider, ["desk-admins"], client)
    provider.person("bob", groups=["desk"])
    provider.sign_in(Client())

    page = client.get(f"/admin/accounts/user/{User.objects.get(email='bob@example.com').pk}/change/").content.decode()

    assert "the provider" in page
    assert "by the groups at the sign-in provider" in page
    assert "sub-of-bob" in page
