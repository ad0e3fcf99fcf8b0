"""The keys that vouch for Plaid's webhooks: in this process, in the database for all processes, and at Plaid.

Called by webhooks; calls gateways.plaid. Anybody can send us ids of keys that do not exist, so what these cost is
bounded: look-ups a minute over all processes, seconds in each, and what a process remembers.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db.models import Max, QuerySet
from django.utils import timezone

from accounts.operations import throttle
from brokerage.gateways import plaid
from brokerage.gateways.errors import Refused, VendorError, patience
from funding.models import PlaidWebhookKey

log = logging.getLogger(__name__)

READ_AGAIN_AFTER = timedelta(hours=24)
# Look-ups a minute. A flood of ids that nobody has leaves some for the keys that we hold and have to read again.
FOR_STRANGERS, FOR_OURS = 8, 2
PER = timedelta(minutes=1)
# Seconds; all of it has to end before Plaid, who waits ten, calls a delivery failed.
PATIENCE, WAIT_FOR_ANOTHER = 5, 3
AWAY = timedelta(seconds=30)


class NotAKey(Exception):
    """No webhook can be believed for this key; `reason` is a word or two, for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeysAway(Exception):
    """Whether it is a key can't be found out before `retry_at`."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(f"until {retry_at:%Y-%m-%d %H:%M:%S} UTC")
        self.retry_at = retry_at


@dataclass(frozen=True)
class Key:
    """A public key that is good now; `fetched_at` is set until it is certain that the database has it."""

    key_id: str
    jwk: dict[str, Any]
    fetched_at: datetime | None = None


Value = TypeVar("Value")


class Memory(Generic[Value]):
    """What this process has learned of late: so many things at most, and each for so long."""

    def __init__(self, *, size: int, lasts: timedelta) -> None:
        self._size, self._lasts = size, lasts
        self._kept: dict[tuple[str, str], tuple[datetime, Value]] = {}
        self._lock = threading.Lock()

    def recall(self, key_id: str, now: datetime) -> Value | None:
        kept = self._kept.get(_place(key_id))
        return kept[1] if kept and kept[0] <= now < kept[0] + self._lasts else None

    def keep(self, key_id: str, value: Value, now: datetime) -> None:
        with self._lock:
            self._kept.pop(_place(key_id), None)
            while len(self._kept) >= self._size:
                del self._kept[next(iter(self._kept))]  # the one kept longest
            self._kept[_place(key_id)] = now, value


def _place(key_id: str) -> tuple[str, str]:
    return settings.PLAID_BASE_URL, key_id


# A key for a minute only, so that all processes hear soon when one of them has read that it is good no more.
_good: Memory[Key] = Memory(size=100, lasts=timedelta(minutes=1))
_bad: Memory[str] = Memory(size=1000, lasts=timedelta(minutes=5))
_doors = [threading.Lock() for _ in range(16)]


def find(key_id: str) -> Key:
    """Return the key of this id. Raises NotAKey, KeysAway.

    A new one is not written down before it has verified something: see `keep`.
    """
    now = timezone.now()
    known = _recall(key_id, now)
    if known is not None:
        return known
    with _one_at_a_time(key_id):
        return _recall(key_id, now) or _read(key_id, now)


def keep(key: Key) -> None:
    """Write down, for all processes, a new key by which a webhook was verified."""
    if key.fetched_at is None:
        return
    seen = {"jwk": key.jwk, "first_seen_at": key.fetched_at, "fetched_at": key.fetched_at}
    PlaidWebhookKey.objects.get_or_create(host=settings.PLAID_BASE_URL, key_id=key.key_id, defaults=seen)
    _good.keep(key.key_id, Key(key.key_id, key.jwk), timezone.now())


def _recall(key_id: str, now: datetime) -> Key | None:
    """Return what this process knows of a key, if anything. Raises NotAKey."""
    reason = _bad.recall(key_id, now)
    if reason is not None:
        raise NotAKey(reason)
    return _good.recall(key_id, now)


@contextmanager
def _one_at_a_time(key_id: str) -> Iterator[None]:
    """Let one thread ask about a key while others wait for what it learns, though not for long. Raises KeysAway."""
    door = _doors[hash(key_id) % len(_doors)]
    if not door.acquire(timeout=WAIT_FOR_ANOTHER):
        raise KeysAway(timezone.now() + AWAY)
    try:
        yield
    finally:
        door.release()


def _read(key_id: str, now: datetime) -> Key:
    """Read a key from the database, or from Plaid where that is to be believed no more. Raises NotAKey, KeysAway."""
    held = _held(key_id).first()
    if held is None:
        return _look_up(key_id, now, budget=("strangers", FOR_STRANGERS))
    if held.expired_at is not None:
        raise _bad_for(key_id, "expired key", now)
    if not _is_fresh(held, now):
        return _look_up(key_id, now, budget=("ours", FOR_OURS))
    key = Key(key_id, held.jwk)
    _good.keep(key_id, key, now)
    return key


def _is_fresh(held: PlaidWebhookKey, now: datetime) -> bool:
    """Say whether a key was read lately, and after each newer one was first seen: a new key may end an older one."""
    newest = PlaidWebhookKey.objects.filter(host=held.host).aggregate(at=Max("first_seen_at"))["at"]
    return held.fetched_at > now - READ_AGAIN_AFTER and held.fetched_at >= newest


def _look_up(key_id: str, now: datetime, *, budget: tuple[str, int]) -> Key:
    """Ask Plaid for a key. Raises NotAKey, KeysAway."""
    whose, limit = budget
    try:
        throttle.take(key=f"look-ups of webhook keys, {whose}", limit=limit, per=PER)
        with patience(PATIENCE):
            jwk = plaid.get_webhook_key(key_id)
    except throttle.TooMany as full:
        log.warning("webhook keys: looked up too often already")
        raise KeysAway(full.retry_at) from None
    except VendorError as fault:
        if isinstance(fault, Refused) and fault.code == plaid.NO_SUCH_WEBHOOK_KEY:
            _note_end(key_id, now)
            raise _bad_for(key_id, "unknown key", now) from None
        log.warning("webhook keys: no answer from Plaid (%s)", fault)
        raise KeysAway(now + AWAY) from None
    if jwk.get("expired_at") is not None:
        _note_end(key_id, now)
        raise _bad_for(key_id, "expired key", now)
    _held(key_id).update(jwk=jwk, fetched_at=now)
    key = Key(key_id, jwk, fetched_at=now)
    _good.keep(key_id, key, now)
    return key


def _held(key_id: str) -> QuerySet[PlaidWebhookKey]:
    return PlaidWebhookKey.objects.filter(host=settings.PLAID_BASE_URL, key_id=key_id)


def _note_end(key_id: str, now: datetime) -> None:
    """Note that a key of ours, if it is one, is good no more: Plaid has said so."""
    _held(key_id).filter(expired_at=None).update(expired_at=now, fetched_at=now)


def _bad_for(key_id: str, reason: str, now: datetime) -> NotAKey:
    """Remember for some minutes that a key is none, and return what says so."""
    _bad.keep(key_id, reason, now)
    return NotAKey(reason)
