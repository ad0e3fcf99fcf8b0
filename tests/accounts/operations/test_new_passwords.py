"""Another password, by letter or with the present one: who is signed out, and who is told."""

import pytest
from django.test import Client

from accounts.models import Notice, User
from accounts.operations import new_passwords, sign_in_letters
from tests import make
from tests.accounts.operations.test_sign_in_letters import ask_for_password
from tests.funding.standing import at_once

pytestmark = pytest.mark.django_db

NEW = "another one altogether"


@pytest.fixture
def ada() -> User:
    return make.user(email_verified_at=None)


def test_a_letter_sets_the_password_and_ends_every_session(ada: User, client: Client) -> None:
    client.force_login(ada)

    new_passwords.set_by_letter(letter=ask_for_password(), password=NEW)

    ada.refresh_from_db()
    assert (ada.check_password(NEW), ada.email_verified_at is not None) == (True, True)
    assert client.get("/settings/").status_code == 302


def test_a_letter_is_good_once(ada: User) -> None:
    letter = ask_for_password()
    new_passwords.set_by_letter(letter=letter, password=NEW)

    with pytest.raises(sign_in_letters.LinkIsOver):
        new_passwords.set_by_letter(letter=letter, password="a third one altogether")

    ada.refresh_from_db()
    assert ada.check_password(NEW)


def test_nobody_is_let_in_again_by_a_letter(ada: User) -> None:
    letter = ask_for_password()
    User.objects.filter(pk=ada.pk).update(is_active=False)

    with pytest.raises(sign_in_letters.LinkIsOver):
        new_passwords.set_by_letter(letter=letter, password=NEW)


def test_the_person_is_told_once_and_reads_no_password(ada: User) -> None:
    new_passwords.set_by_letter(letter=ask_for_password(), password=NEW)
    ada.refresh_from_db()
    new_passwords.change(user=ada, password="a third one altogether")

    assert list(Notice.objects.values_list("title", flat=True)) == ["Your password was changed"] * 2
    assert not Notice.objects.filter(body__contains="altogether").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_one_letter_at_once_one_does(ada: User) -> None:
    letter = ask_for_password()

    def use(password: str) -> str:
        try:
            new_passwords.set_by_letter(letter=letter, password=password)
        except sign_in_letters.LinkIsOver:
            return ""
        return password

    outcomes = at_once(lambda: use(NEW), lambda: use("a third one altogether"))

    assert "" in outcomes
    ada.refresh_from_db()
    assert ada.check_password(max(outcomes))
