"""Which bank account has followed which, as ops read it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from funding import states
from funding.models import ACHRelationship
from funding.operations import succession
from tests import make

Ending = ACHRelationship.Ending


@pytest.fixture
def first(db: None) -> ACHRelationship:
    return linked(make.account(make.user()), 0)


def linked(account: Any, hours: int, **fields: Any) -> ACHRelationship:
    """Make a bank account that was chosen so many hours into the story."""
    return make.relationship(account, created_at=at(hours), **fields)


def at(hours: float) -> Any:
    return timezone.now() - timedelta(days=9) + timedelta(hours=hours)


def ended(link: ACHRelationship, because: str, asked: float, done: float | None) -> None:
    link.ending_because, link.ending_at = because, at(asked) if because else None
    link.ended_at = at(done) if done else None
    link.save()


def coming(first: ACHRelationship, hours: int) -> ACHRelationship:
    return linked(first.brokerage_account, hours, sending=states.WAITING, status="", alpaca_id=None)


def names(*links: ACHRelationship) -> list[tuple[Any, Any]]:
    """Return, of each, which ones stand before and after it, by their places in the list."""
    place = {link.pk: number for number, link in enumerate(links)} | {None: None}

    def of(found: ACHRelationship | None) -> Any:
        return place[found.pk if found else None]

    return [(of(succession.one_before(link)), of(succession.one_after(link))) for link in links]


def test_one_alone_follows_none(first: ACHRelationship) -> None:
    assert names(first) == [(None, None)]


@pytest.mark.parametrize("because", [Ending.REPLACED, Ending.RENEWED])
def test_one_that_is_to_come_follows_the_one_that_stands(first: ACHRelationship, because: str) -> None:
    next_one = coming(first, 5)
    assert names(first, next_one) == [(None, 1), (0, None)]

    ended(first, because, 6, None)

    assert names(first, next_one) == [(None, 1), (0, None)]


@pytest.mark.parametrize("because", [Ending.REPLACED, Ending.RENEWED])
def test_one_that_has_followed_another_still_does(first: ACHRelationship, because: str) -> None:
    ended(first, because, 6, 7)
    second = linked(first.brokerage_account, 5)

    assert names(first, second) == [(None, 1), (0, None)]


def test_one_that_was_linked_after_an_unlinking_follows_none(first: ACHRelationship) -> None:
    ended(first, Ending.UNLINKED, 6, 7)
    second = linked(first.brokerage_account, 8)

    assert names(first, second) == [(None, None), (None, None)]


def test_one_that_the_broker_ended_is_followed_by_none(first: ACHRelationship) -> None:
    ended(first, "", 0, 7)
    second = linked(first.brokerage_account, 8)

    assert names(first, second) == [(None, None), (None, None)]


def test_one_that_was_called_off_before_another_came_follows_none(first: ACHRelationship) -> None:
    ended(first, Ending.REPLACED, 6, 7)
    called_off = linked(first.brokerage_account, 2, sending=states.WITHDRAWN, status="", alpaca_id=None)
    ended(called_off, "", 0, 3)
    second = linked(first.brokerage_account, 5)

    assert names(first, called_off, second) == [(None, 2), (None, None), (0, None)]


def test_three_stand_in_a_row(first: ACHRelationship) -> None:
    ended(first, Ending.REPLACED, 6, 7)
    second = linked(first.brokerage_account, 5)
    ended(second, Ending.RENEWED, 21, 22)
    third = linked(first.brokerage_account, 20)

    assert names(first, second, third) == [(None, 1), (0, 2), (1, None)]


def test_another_customers_are_left_out(first: ACHRelationship) -> None:
    ended(first, Ending.REPLACED, 6, 7)
    linked(make.account(make.user("grace@example.com")), 5)

    assert names(first) == [(None, None)]
