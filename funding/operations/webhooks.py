"""Plaid's webhooks: verified, written down and answered at once; acted on afterwards, once each.

`receive` is called by the view, `act_on_due` and `forget_old` by the worker, `act_again` by admin; calls
gateways.plaid_signature, webhook_keys for what verifies it, and item_health with what it says.

A message of Plaid's is a hint: what it is about is read again, so one that is late, early or said twice does no harm.
https://plaid.com/docs/api/webhooks/
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from brokerage import stopping
from brokerage.gateways import plaid_signature
from brokerage.gateways.errors import Refused, VendorError
from brokerage.gateways.plaid_signature import BadSignature
from brokerage.status import LEASE, IllegalMove, LostRace, note
from funding import verbatim
from funding.models import PlaidItem, PlaidWebhook
from funding.models.webhooks import DONE, GIVEN_UP, IGNORED, PARKED, RECEIVED, UNFAMILIAR, UNMATCHED
from funding.operations import item_health, webhook_keys
from funding.operations.webhook_keys import KeysAway, NotAKey
from funding.webhook_words import LeadsTo, leads_to

__all__ = ["Forged", "KeysAway", "NotParked", "TooLarge", "act_again", "act_on_due", "forget_old", "receive"]

log = logging.getLogger(__name__)

LARGEST = 256 * 1024  # bytes

# An item that we have not heard of may be one whose exchange is under way.
LOOK_FOR_ITEM_EVERY, GIVE_UP_AFTER = timedelta(minutes=1), timedelta(days=30)
# After each try that failed for the vendor's sake, how long until the next; then always the last one.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))
FAULTS = 5
AFTER_FAULT = timedelta(minutes=1)
BATCH = 50
# Seconds after which a round of the worker goes on to other things: this must not hold up money.
LONGEST_BATCH = 15

_NO_MESSAGE, _NO_ITEM, _DIED = "not a message", "names no item", "died while acting"

Hear = Callable[..., None]


class Forged(Exception):
    """Nothing shows that this is Plaid's; nothing was written."""


class TooLarge(Exception):
    """Longer than anything that Plaid says."""


class NotParked(Exception):
    """The webhook does not wait for a person any more; read it again."""


# --- Taking them in ---------------------------------------------------------------------------------------------------


def receive(*, header: str, body: bytes) -> None:
    """Write down one message, if Plaid has signed it; `header` is its Plaid-Verification, `body` its very bytes.

    One that came before is the same row. Raises Forged, KeysAway, TooLarge.
    """
    if len(body) > LARGEST:
        log.warning("webhook refused: too large, %s bytes", len(body))
        raise TooLarge
    try:
        signature = plaid_signature.read(header, body, now=timezone.now())
        key = webhook_keys.find(signature.key_id)
        plaid_signature.verify(signature, key.jwk)
    except (BadSignature, NotAKey) as refusal:
        log.warning("webhook refused: %s, %s bytes", refusal.reason, len(body))
        raise Forged(refusal.reason) from None
    webhook_keys.keep(key)
    _write_down(_made_of(body, signature.signed_hash))


def _made_of(body: bytes, signed_hash: str) -> PlaidWebhook:
    """Return a row for a message. What is none waits for a person from the start."""
    text = body.decode(errors="backslashreplace")
    message = _message(text)
    kind, code = (_word(message, name, 60) for name in ("webhook_type", "webhook_code"))
    made = PlaidWebhook(
        kind=kind[:40],
        code=code,
        plaid_item_id=_word(message, "item_id", 64),
        body=text,
        body_hash=hashlib.sha256(body).hexdigest(),
        signed_hash=signed_hash,
    )
    if not (kind and code):
        made.status, made.due_at, made.error = PARKED, None, _NO_MESSAGE
    return made


def _message(text: str) -> dict[str, Any]:
    """Return the object that a body holds; an empty one where it holds anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _word(message: Mapping[str, Any], name: str, length: int) -> str:
    found = message.get(name)
    return verbatim.text(found, length) if isinstance(found, str) else ""


def _write_down(webhook: PlaidWebhook) -> None:
    """Keep a message once: one that is replayed, or that Plaid repeats before it was acted on, is counted with it.

    One that nobody has begun to act on tells the same as its repetition. After that, the same words are news again.
    """
    same_words = PlaidWebhook.objects.filter(body_hash=webhook.body_hash, due_at__isnull=False)
    waiting = same_words.unclaimed(now=timezone.now())
    # Read first, since in a storm of news changing no row at all would keep everybody from SQLite's one lock.
    if waiting.exists() and waiting.count_delivery():
        return
    try:
        with transaction.atomic(durable=True):
            webhook.save(force_insert=True)
    except IntegrityError:  # the very same one
        PlaidWebhook.objects.filter(signed_hash=webhook.signed_hash).count_delivery()


# --- Acting on them ---------------------------------------------------------------------------------------------------


def act_on_due(*, sender: str, now: datetime | None = None, hear: Hear = item_health.hear) -> int:
    """Act on what waits, longest first, for a while; return how many are over with.

    `hear` is given item, kind, code and news, with no transaction open.
    """
    stop_at = time.monotonic() + LONGEST_BATCH
    over = 0
    due = PlaidWebhook.objects.due(now=now or timezone.now()).defer("body").order_by("due_at", "received_at")
    for webhook in stopping.while_wanted(due[:BATCH]):
        if time.monotonic() > stop_at:
            break
        try:
            over += _act(webhook, sender=sender, now=now or timezone.now(), hear=hear)
        except (IllegalMove, LostRace):
            continue  # someone else was first
        except VendorError:
            break  # Plaid is away: whatever else waits can wait, too
    return over


def _act(webhook: PlaidWebhook, *, sender: str, now: datetime, hear: Hear) -> bool:
    """Do what a message leads to; return whether it is over with. Raises IllegalMove, LostRace, VendorError."""
    if not (webhook.kind and webhook.code):
        return _park(webhook, _NO_MESSAGE, sender)
    what = leads_to(webhook.kind, webhook.code)
    if what is not LeadsTo.READING_THE_ITEM:
        return _leave(webhook, what, sender)
    if not webhook.plaid_item_id:
        return _park(webhook, _NO_ITEM, sender)
    item = PlaidItem.objects.filter(plaid_item_id=webhook.plaid_item_id).first()
    if item is None:
        return _wait_for_item(webhook, sender, now)
    if not _claim(webhook, item, sender, now):
        return False
    return _hear(webhook, item, sender, now, hear)


def _leave(webhook: PlaidWebhook, what: LeadsTo, sender: str) -> bool:
    """Put away what we do nothing about, or do not understand."""
    unfamiliar = what is LeadsTo.A_REPORT
    if unfamiliar:
        log.warning("webhook %s: unfamiliar words %r %r", webhook.pk, webhook.kind, webhook.code)
    webhook.move_status(UNFAMILIAR if unfamiliar else IGNORED, actor=sender, because=what.value)
    return True


def _wait_for_item(webhook: PlaidWebhook, sender: str, now: datetime) -> bool:
    """Try again in a minute what is about an item that we have not heard of; for good it is given up after a month."""
    if webhook.status == RECEIVED:
        because = "we have not heard of its item"
        webhook.move_status(UNMATCHED, actor=sender, because=because, due_at=now + LOOK_FOR_ITEM_EVERY)
    elif webhook.received_at < now - GIVE_UP_AFTER:
        webhook.move_status(GIVEN_UP, actor=sender, because="its item never became known")
        log.warning("webhook %s: given up, its item never became known", webhook.pk)
        return True
    else:
        PlaidWebhook.objects.due(now=now).filter(pk=webhook.pk).update(due_at=now + LOOK_FOR_ITEM_EVERY)
    return False


def _claim(webhook: PlaidWebhook, item: PlaidItem, sender: str, now: datetime) -> bool:
    """Take up one message, committed before anybody is asked about it; False where someone else has."""
    if webhook.status == UNMATCHED:
        webhook.move_status(RECEIVED, actor=sender, because="its item is known now")
    died = int(webhook.claimed_until is not None)  # whoever had it before gave it back neither done nor failed
    with transaction.atomic(durable=True):
        mine = PlaidWebhook.objects.due(now=now).filter(pk=webhook.pk, tries=webhook.tries)
        claim = {"item": item, "claimed_until": now + LEASE, "tries": F("tries") + 1, "faults": F("faults") + died}
        claimed = mine.update(**claim)
    webhook.tries += claimed
    webhook.faults += died
    if claimed and died and webhook.faults >= FAULTS:
        _park(webhook, _DIED, sender)
        return False
    return bool(claimed)


def _hear(webhook: PlaidWebhook, item: PlaidItem, sender: str, now: datetime, hear: Hear) -> bool:
    """Have the item read again, and record what came of it. Raises VendorError where nobody answers."""
    try:
        hear(item=item, kind=webhook.kind, code=webhook.code, news=_message(webhook.body))
    except VendorError as fault:
        pause = PAUSES[min(webhook.tries, len(PAUSES)) - 1]
        _try_again(webhook, type(fault).__name__, sender, at=now + pause)
        log.warning("webhook %s: try %s failed (%s)", webhook.pk, webhook.tries, fault)
        if not isinstance(fault, Refused):
            raise
        return False
    except Exception as bug:
        log.exception("webhook %s: acting on it failed", webhook.pk)
        webhook.faults += 1
        if webhook.faults >= FAULTS:
            return _park(webhook, type(bug).__name__, sender)
        _try_again(webhook, type(bug).__name__, sender, at=now + AFTER_FAULT)
        return False
    webhook.move_status(DONE, actor=sender, error="", acted_at=timezone.now())
    return True


def _try_again(webhook: PlaidWebhook, error: str, sender: str, *, at: datetime) -> None:
    """Plan the next try, unless this one was taken for dead and someone else has tried since."""
    with transaction.atomic(durable=True):
        mine = PlaidWebhook.objects.filter(pk=webhook.pk, status=RECEIVED, tries=webhook.tries)
        if mine.update(due_at=at, claimed_until=None, error=error[:60], faults=webhook.faults):
            note(webhook, field="try", after=f"{webhook.tries} failed", actor=sender, because=error)


def _park(webhook: PlaidWebhook, error: str, sender: str) -> bool:
    """Leave it to a person, so that the others go on."""
    webhook.move_status(PARKED, actor=sender, because=error, error=error[:60], faults=webhook.faults)
    log.error("webhook %s: parked (%s)", webhook.pk, error)
    return False


# --- A person, and time -----------------------------------------------------------------------------------------------


def act_again(*, webhook: PlaidWebhook, because: str, person: User) -> None:
    """Let a parked message be acted on once more, with tries anew. Raises NotParked."""
    if webhook.status != PARKED:
        raise NotParked
    anew = {"due_at": timezone.now(), "faults": 0, "error": ""}
    try:
        webhook.move_status(RECEIVED, actor=f"ops {person.pk}", because=because, **anew)
    except LostRace:
        raise NotParked from None


def forget_old(*, now: datetime | None = None) -> int:
    """Drop the words of messages that are over and old; the rows stay. Return how many."""
    before = (now or timezone.now()) - timedelta(days=settings.WEBHOOK_KEEP_DAYS)
    return PlaidWebhook.objects.to_forget(before=before).update(body="")
