"""What one may do at a time: held while it is renewed, and taken over soon after its holder has died."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Lease
from accounts.operations import leases

pytestmark = pytest.mark.django_db
STREAM = "funding/status"


def take(holder: str) -> bool:
    """Say whether someone gets it at once."""
    try:
        with leases.held(STREAM, holder=holder, lasts=leases.SHORT):
            return True
    except leases.HeldByAnother:
        return False


def dies_holding() -> None:
    Lease.objects.create(name=STREAM, holder="dead", until=timezone.now() + leases.SHORT)


def test_a_dead_follower_is_taken_over_within_a_minute() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        dies_holding()
        assert not take("heir")
        assert leases.is_held(STREAM)

        clock.shift(timedelta(seconds=59))

        assert not leases.is_held(STREAM)
        assert take("heir")


def test_a_living_one_keeps_it_by_looking_up() -> None:
    with (
        time_machine.travel(timezone.now(), tick=False) as clock,
        leases.held(STREAM, holder="us", lasts=leases.SHORT) as lease,
    ):
        for _ in range(30):
            clock.shift(timedelta(seconds=10))
            lease.renew()

        assert not take("another")


def test_a_long_run_keeps_its_longer_lease() -> None:
    with (
        time_machine.travel(timezone.now(), tick=False) as clock,
        leases.held("a reconciliation", holder="us") as lease,
    ):
        clock.shift(timedelta(minutes=2, seconds=50))
        lease.renew()
        clock.shift(timedelta(minutes=2, seconds=50))

        assert leases.is_held("a reconciliation")
