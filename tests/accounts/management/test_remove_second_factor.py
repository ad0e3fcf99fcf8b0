"""Taking a second factor on the server, for when nobody can at the desk."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Notice, SecondFactorChange, User
from accounts.operations import second_factor
from tests import make
from tests.accounts.second_factors import set_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    set_up(ada := make.user())
    return ada


def remove(*words: str) -> str:
    said = StringIO()
    call_command("remove_second_factor", *words, "--because=lost it", stdout=said)
    return said.getvalue()


def test_it_is_removed_and_told_of(ada: User) -> None:
    assert remove("ADA@example.com") == f"user {ada.pk}: second factor removed\n"

    assert not second_factor.is_on(ada)
    assert SecondFactorChange.objects.get(what="REMOVED").because == "lost it"
    assert Notice.objects.filter(kind="SECOND_FACTOR_REMOVED").exists()


def test_a_dry_run_writes_nothing(ada: User) -> None:
    assert json.loads(remove("ada@example.com", "--dry-run", "--json")) == {"user": str(ada.pk), "removed": False}

    assert second_factor.is_on(ada)


@pytest.mark.parametrize(("email", "code"), [("nobody@example.com", 2), ("bob@example.com", 1)])
def test_where_there_is_none_it_says_so(ada: User, email: str, code: int) -> None:
    make.user("bob@example.com")

    with pytest.raises(CommandError) as said:
        remove(email)

    assert said.value.returncode == code
    assert email not in str(said.value)
