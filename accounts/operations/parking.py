"""Events that we cannot apply, or do not understand: kept for ops, so that those behind them are heard.

Called by account_status. The body is sealed, since the broker's prose about KYC may tell of a person.
"""

import hashlib
import json
import logging
from collections.abc import Callable

from django.db import OperationalError, transaction
from django.utils import timezone

from accounts.models import ParkedEvent
from accounts.operations.account_changes import Change
from brokerage.gateways.broker_answers import AccountEvent

log = logging.getLogger(__name__)

TRIES = 5
# What the broker documents of an account event. https://docs.alpaca.markets/us/docs/sse-events
_IDS = {"account_id", "at", "event_ulid", "event_id"}
_OF_ACCOUNT = {"status_from", "status_to", "account_number", "kyc_results", "reason"}
_FLAGS = {
    "account_blocked",
    "trading_blocked",
    "transfers_blocked",
    "trade_suspended_by_user",
    "admin_configurations",
}
_NOT_USED_HERE = {"crypto_status_from", "crypto_status_to", "cash_interest", "options", "fpsl"}
DOCUMENTED = _IDS | _OF_ACCOUNT | _FLAGS | _NOT_USED_HERE


class NotApplied(Exception):
    """An event could not be applied, and is tried again; what it says is not told here, since it may be of a person."""


def apply_or_park(event: AccountEvent, *, stream: str, apply: Callable[[AccountEvent], list[Change]]) -> list[Change]:
    """Apply an event and return what it changed; where that fails, count the try, and at the fifth one park it.

    One that is parked changes nothing any more. Raises NotApplied at the first four tries.
    """
    kept = ParkedEvent.objects.filter(stream=stream, event_id=_key(event)).first()
    if kept and kept.state == ParkedEvent.PARKED:
        return []
    try:
        changes = apply(event)
    except OperationalError:
        raise  # the database is away or busy, which no event is to blame for
    except Exception as bug:
        why = type(bug).__name__
        if _count(event, stream=stream, why=why) < TRIES:
            raise NotApplied(f"event {event.event_id} of {stream}: {why}") from None
        log.error("event %s of %s: parked after %s tries (%s)", event.event_id, stream, TRIES, why)
        return []
    if kept and kept.state == ParkedEvent.TRYING:
        kept.delete()
    return changes


def is_unfamiliar(event: AccountEvent) -> bool:
    """Say whether an event tells nothing that we know, and something that the broker does not document."""
    tells = event.status or event.account_number or event.kyc_results or event.blocks or event.liquidation_only
    return not tells and bool(event.raw.keys() - DOCUMENTED)


def keep_unfamiliar(event: AccountEvent, *, stream: str) -> None:
    """Keep an event of a kind that we do not know, once, and report the names of its fields."""
    names = ", ".join(sorted(str(name)[:40] for name in event.raw.keys() - DOCUMENTED)) or "names no account"
    values = {"state": ParkedEvent.UNFAMILIAR, "why": names[:200], "tries": 1}
    if _keep(event, stream=stream, **values):
        log.warning("event %s of %s: of a kind that we do not know, kept (%s)", event.event_id, stream, names[:200])


def _count(event: AccountEvent, *, stream: str, why: str) -> int:
    """Note one more try that failed, and return how many there have been."""
    with transaction.atomic(durable=True):
        _keep(event, stream=stream)
        kept = ParkedEvent.objects.select_for_update().get(stream=stream, event_id=_key(event))
        kept.tries, kept.why, kept.last_at = kept.tries + 1, why, timezone.now()
        kept.state = ParkedEvent.PARKED if kept.tries >= TRIES else kept.state
        kept.save(update_fields=["tries", "why", "last_at", "state"])
    return kept.tries


def _keep(event: AccountEvent, *, stream: str, **values: object) -> bool:
    """Keep an event, and return whether it was not kept already."""
    first = {"account_id": event.account_id[:64], "body": json.dumps(event.raw), **values}
    _, is_new = ParkedEvent.objects.get_or_create(stream=stream, event_id=_key(event), defaults=first)
    return is_new


def _key(event: AccountEvent) -> str:
    """Return the event's id, or, where it has none, what tells its body from others."""
    return event.event_id or hashlib.sha256(json.dumps(event.raw, sort_keys=True).encode()).hexdigest()
