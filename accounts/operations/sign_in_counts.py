"""How many sign-ins failed, hour by hour: a count, since who was meant, and what was typed, is nobody's to keep.

Called by the view; the worker has the audit told of each hour once it is over.
"""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import ActionCount
from accounts.operations import audit

KEY = "sign-ins that failed"
HOUR = timedelta(hours=1)
KEPT = timedelta(days=7)  # should no worker be there to tell of it


def count_failure(*, now: datetime | None = None) -> None:
    """Count one that failed."""
    began_at = (now or timezone.now()).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    window = {"key": KEY, "begins_at": began_at, "ends_at": began_at + KEPT}
    with transaction.atomic():
        ActionCount.objects.bulk_create([ActionCount(**window)], ignore_conflicts=True)
        ActionCount.objects.filter(**window).update(count=F("count") + 1)


def tell_of_past_hours(*, by: str, now: datetime | None = None) -> int:
    """Have the audit keep the count of each hour that is over; return how many hours."""
    over = ActionCount.objects.filter(key=KEY, begins_at__lte=(now or timezone.now()) - HOUR)
    told = 0
    for pk in list(over.order_by("begins_at").values_list("pk", flat=True)):
        with transaction.atomic():
            row = ActionCount.objects.select_for_update().filter(pk=pk).first()
            if row is not None:
                row.delete()
                audit.record(
                    audit.Deed.SIGN_INS_FAILED, actor=by, hour=f"{row.begins_at:%Y-%m-%dT%H:00Z}", count=row.count
                )
                told += 1
    return told
