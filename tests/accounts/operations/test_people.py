"""Making someone who can sign in, from the letter that they opened."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from accounts.operations import people, sign_in_letters
from tests import make
from tests.funding.standing import at_once

pytestmark = pytest.mark.django_db


def test_whoever_opened_the_letter_has_a_confirmed_address() -> None:
    user = people.sign_up(letter=make.sign_up_letter("  Ada@Example.COM "), password=make.PASSWORD)

    user.refresh_from_db()
    assert (user.email, user.check_password(make.PASSWORD)) == ("ada@example.com", True)
    assert user.email_verified_at is not None
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)


def test_a_letter_makes_one_person() -> None:
    letter = make.sign_up_letter()
    people.sign_up(letter=letter, password=make.PASSWORD)

    with pytest.raises(sign_in_letters.LinkIsOver):
        people.sign_up(letter=letter, password=make.PASSWORD)

    assert User.objects.count() == 1


def test_a_letter_that_is_too_old_makes_nobody() -> None:
    letter = make.sign_up_letter()

    with time_machine.travel(timezone.now() + timedelta(hours=24)), pytest.raises(sign_in_letters.LinkIsOver):
        people.sign_up(letter=letter, password=make.PASSWORD)

    assert not User.objects.exists()


@pytest.mark.parametrize("taken", ["ada@example.com", "ADA@EXAMPLE.COM", " Ada@Example.com "])
def test_an_address_is_one_persons_however_it_is_typed(taken: str) -> None:
    letter = make.sign_up_letter()
    make.user(taken)

    with pytest.raises(people.EmailTaken):
        people.sign_up(letter=letter, password="another one altogether")

    assert User.objects.get().check_password(make.PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_sign_up_with_one_address_at_once_one_does() -> None:
    letters = [make.sign_up_letter(), make.sign_up_letter("Ada@Example.com")]

    def sign_up(number: int) -> bool:
        try:
            people.sign_up(letter=letters[number % 2], password=make.PASSWORD)
        except (people.EmailTaken, sign_in_letters.LinkIsOver):
            return False
        return True

    outcomes = at_once(*[lambda number=number: sign_up(number) for number in range(6)])

    assert sorted(outcomes) == [False] * 5 + [True]
    assert User.objects.count() == 1
