"""What every call of the Broker API goes through: this thread's client, alarms about refused reads, and whether an
answer is about what was asked for.

Imported by the gateways that speak to the broker, and by nobody else.
"""

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings

from brokerage.gateways.errors import OutcomeUnknown, Refused, VendorError

if TYPE_CHECKING:
    from brokerage.gateways.broker_client import TamedClient

log = logging.getLogger(__name__)

# A thousand accounts with names and addresses do not fit into the one MiB that is enough for everything else.
LONG_ANSWER = 8 * 1024 * 1024

_local = threading.local()


def client() -> "TamedClient":
    """Return this thread's client for the present credentials."""
    from brokerage.gateways.broker_client import TamedClient

    key = (settings.BROKER_BASE_URL, settings.BROKER_API_KEY, settings.BROKER_API_SECRET, settings.BROKER_CREDENTIALS)
    if getattr(_local, "key", None) != key:
        _local.client, _local.key = TamedClient(), key
    made: TamedClient = _local.client
    return made


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Alarm where a read is refused, since only our keys or our code can be wrong; report an answer without sense."""
    try:
        yield
    except VendorError as fault:
        if isinstance(fault, Refused) or fault.http_status in (401, 403):
            log.error("%s: %s; check our keys, then our code", what, fault)
        elif fault.http_status == 200:
            log.warning("%s: %s; what we have stays", what, fault)
        raise


def of(entity_id: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return an answer that is about what was asked for; one about another is an alarm, and no answer."""
    if row["id"] != entity_id:
        log.error("asked for %s, and was told of another", entity_id)
        raise OutcomeUnknown("the answer is about another", http_status=200)
    return row


def of_account(account_id: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return an account’s rows as they came; one that names another account is an alarm, and the caller judges."""
    for row in rows:
        if row.get("account_id") not in (None, "", account_id):
            log.error("the list of account %s holds %s of another account", account_id, row.get("id"))
    return rows


def only_of_account(account_id: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows as they came, of which none names another account; where one does, they are no answer."""
    if any(row.get("account_id") not in (None, "", account_id) for row in of_account(account_id, rows)):
        raise OutcomeUnknown("the answer is about another", http_status=200)
    return rows


def about(entity_id: str, account_id: str, answer: Any) -> None:
    """Return where a deletion is answered as documented, with nothing, or speaks of what was to be deleted."""
    if isinstance(answer, dict) and "id" in answer:
        of(entity_id, answer)
        of_account(account_id, [answer])


@contextmanager
def hiding(*secrets: str) -> Iterator[None]:
    """Take what must not come to rest anywhere out of the vendor's prose, which may repeat what it was sent."""
    try:
        yield
    except VendorError as fault:
        for secret in filter(None, secrets):
            spelled = r"\W{0,3}".join(map(re.escape, re.sub(r"\W", "", secret)))
            fault.reason = re.sub(spelled, "…", fault.reason, flags=re.IGNORECASE)
        raise
