"""So many times in so much time, over all processes together.

Called by other operations before what costs something: a look-up at a vendor, a token, a try. `forget_old` is called by
the worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import ActionCount

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class TooMany(Exception):
    """It was done as often as it may be; `retry_at` is when it may be done again."""

    customer_message = "You have tried this too often. Please wait a moment and try again."

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(f"until {retry_at:%Y-%m-%d %H:%M:%S} UTC")
        self.retry_at = retry_at


@dataclass(frozen=True)
class Limit:
    """So many of `key` in each window as long as `per`."""

    key: str
    most: int
    per: timedelta

    def window(self, now: datetime) -> dict[str, Any]:
        """Windows stand side by side on the clock, so that all processes see the same one."""
        begins_at = now - (now - _BEGINNING) % self.per
        return {"key": self.key, "begins_at": begins_at, "ends_at": begins_at + self.per}


def take(*, key: str, limit: int, per: timedelta, now: datetime | None = None) -> None:
    """Count one of `key`, of which `limit` are let through in each window as long as `per`. Raises TooMany.

    What is refused is not counted, and makes nobody wait longer.
    """
    take_all(limits=[Limit(key, limit, per)], now=now)


def take_all(*, limits: Sequence[Limit], now: datetime | None = None) -> None:
    """Count one under each limit, or none where any of them is reached. Raises TooMany.

    Whoever shares limits names those that many share last: their rows are locked for the shortest time, and in one
    order by all.
    """
    now = now or timezone.now()
    windows = [(each.window(now), each.most) for each in limits]
    full = [Q(**window, count__gte=most) for window, most in windows]
    until = ActionCount.objects.filter(reduce(or_, full)).aggregate(last=Max("ends_at"))["last"]
    if until is not None:  # a flood costs a read each, and no write
        raise TooMany(retry_at=until)
    with transaction.atomic(durable=True):
        ActionCount.objects.bulk_create([ActionCount(**window) for window, _ in windows], ignore_conflicts=True)
        for window, most in windows:
            if not ActionCount.objects.filter(**window, count__lt=most).update(count=F("count") + 1):
                raise TooMany(retry_at=window["ends_at"])


def unnamed(text: str) -> str:
    """Return a keyed digest to count somebody by of whom only a name or an address is known; it names nobody."""
    return salted_hmac("accounts.throttle", text, algorithm="sha256").hexdigest()[:40]


def forget_old(*, now: datetime | None = None) -> int:
    """Delete the counts of windows that are over; return how many."""
    deleted, _ = ActionCount.objects.filter(ends_at__lte=now or timezone.now()).delete()
    return deleted
