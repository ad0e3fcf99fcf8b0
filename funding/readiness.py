"""What readiness asks of our tables: whether what is sealed there opens, and whether a worker is there.

Called by views.health and gauges; calls brokerage.health.
"""

from datetime import datetime

from accounts.models import StreamCursor
from brokerage import health
from brokerage.encryption import CannotDecrypt
from funding.models import PlaidItem
from funding.operations import settlement

LOOKED_AT = 20


def stored_secrets() -> str:
    """Open one of the oldest tokens that are kept: the keys may be whole, and not those that this database needs."""
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
    """Return when a worker last did its round: each begins with the news of money."""
    cursor = StreamCursor.objects.filter(name=settlement.STREAM).first()
    return cursor.read_until if cursor else None
