"""So many times in so much time, however many ask at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import ActionCount
from accounts.operations import throttle
from tests.funding.standing import at_once

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def take(at: datetime = NOON, *, key: str = "looking up", limit: int = 3, per: timedelta = MINUTE) -> bool:
    """Say whether one more is let through."""
    try:
        throttle.take(key=key, limit=limit, per=per, now=at)
    except throttle.TooMany:
        return False
    return True


def seconds(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


@pytest.mark.django_db
def test_so_many_are_let_through_and_no_more() -> None:
    came = [take(seconds(number)) for number in range(5)]

    assert came == [True, True, True, False, False]


@pytest.mark.django_db
def test_who_is_refused_is_told_when_to_try_again() -> None:
    take(seconds(20), limit=1)

    with pytest.raises(throttle.TooMany) as refused:
        throttle.take(key="looking up", limit=1, per=MINUTE, now=seconds(50))

    assert refused.value.retry_at == seconds(60)
    assert take(refused.value.retry_at, limit=1)


@pytest.mark.django_db
def test_what_is_refused_is_not_counted_and_makes_nobody_wait_longer() -> None:
    for number in range(40):
        take(seconds(number))

    assert [row.count for row in ActionCount.objects.all()] == [3]
    assert not take(seconds(59.999999))
    assert take(seconds(60))


@pytest.mark.django_db
def test_what_is_refused_is_not_written() -> None:
    take(limit=1)

    with CaptureQueriesContext(connection) as queries:
        take(limit=1)

    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]


@pytest.mark.django_db
@pytest.mark.parametrize("other", [{"key": "looking in"}, {"per": DAY}], ids=str)
def test_each_key_and_each_length_is_counted_by_itself(other: dict[str, Any]) -> None:
    midnight = NOON.replace(hour=0)
    while take(midnight):
        pass

    assert take(midnight, **other)


@pytest.mark.django_db
def test_nothing_at_all_can_be_allowed() -> None:
    assert not take(limit=0)


@pytest.mark.django_db
def test_a_count_is_never_rolled_back_with_somebody_elses_work() -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        take()


@pytest.mark.django_db
def test_only_windows_that_are_over_are_forgotten() -> None:
    take(NOON)
    take(NOON, per=DAY)

    assert throttle.forget_old(now=seconds(59)) == 0
    assert throttle.forget_old(now=seconds(60)) == 1

    assert ActionCount.objects.get().ends_at > seconds(60)


@pytest.mark.django_db(transaction=True)
def test_a_crowd_at_one_moment_gets_exactly_so_many() -> None:
    came = at_once(*[lambda: take(limit=7)] * 24)

    assert sorted(came) == [False] * 17 + [True] * 7
    assert ActionCount.objects.get().count == 7
