"""So many times in so much time, over all processes together.

Called by other operations before what costs something: a look-up at a vendor, a token, a try. `forget_old` is called by
the worker.
"""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import ActionCount

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class TooMany(Exception):
    """It was done as often as it may be; `retry_at` is when it may be done again."""

    customer_message = "You have tried this too often. Please wait a moment and try again."

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(f"until {retry_at:%Y-%m-%d %H:%M:%S} UTC")
        self.retry_at = retry_at


def take(*, key: str, limit: int, per: timedelta, now: datetime | None = None) -> None:
    """Count one of `key`, of which `limit` are let through in each window as long as `per`. Raises TooMany.

    Windows stand side by side on the clock, so that all processes see the same one. What is refused is not counted, and
    makes nobody wait longer.
    """
    now = now or timezone.now()
    begins_at = now - (now - _BEGINNING) % per
    window = {"key": key, "begins_at": begins_at, "ends_at": begins_at + per}
    counts = ActionCount.objects.filter(**window)
    if counts.filter(count__gte=limit).exists():  # a flood costs a read each, and no write
        raise TooMany(retry_at=begins_at + per)
    with transaction.atomic(durable=True):
        ActionCount.objects.bulk_create([ActionCount(**window)], ignore_conflicts=True)
        taken = counts.filter(count__lt=limit).update(count=F("count") + 1)
    if not taken:
        raise TooMany(retry_at=begins_at + per)


def forget_old(*, now: datetime | None = None) -> int:
    """Delete the counts of windows that are over; return how many."""
    deleted, _ = ActionCount.objects.filter(ends_at__lte=now or timezone.now()).delete()
    return deleted
