"""What readiness asks of our tables: whether what is sealed there opens, and how the workers are.

Called by views.health and gauges; calls brokerage.health.
"""

from datetime import datetime

from django.db.models import Max, Min

from brokerage import health
from brokerage.encryption import CannotDecrypt
from funding.models import PlaidItem, Worker

LOOKED_AT = 20


def stored_secrets() -> str:
    """Open one of the tokens that are kept: the keys may be whole, and not those that this database needs."""
    for item in PlaidItem.objects.order_by("pk").only("pk", "access_token")[:LOOKED_AT]:
        try:
            if item.access_token:
                return ""
        except CannotDecrypt:
            return "FIELD_KEYS does not open what is stored"
    return ""


def keys() -> str:
    return health.keys() or stored_secrets()


CHECKS = health.Checks(
    {"database": health.database, "migrations": health.migrations, "keys": keys, "settings": health.settings}
)


def worker_seen_at() -> datetime | None:
    """Return when a worker was last heard of that has not been stopped."""
    seen_at: datetime | None = Worker.objects.filter(stopped_at=None).aggregate(last=Max("beat_at"))["last"]
    return seen_at


def rounds_at() -> datetime | None:
    """Return when the worker that is the farthest behind, of those at work, got a round done, or began."""
    return min((worker.got_round_at for worker in Worker.objects.alive()), default=None)


def stuck_since() -> datetime | None:
    """Return since when a thread of a worker does not get on."""
    first: datetime | None = Worker.objects.stuck().aggregate(first=Min("stuck_since"))["first"]
    return first


def stuck() -> str:
    """Name the threads that do not get on."""
    return ", ".join(sorted({worker.stuck for worker in Worker.objects.stuck()}))
