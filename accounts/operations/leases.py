"""What only one process may do at a time: a row with an end, on any database.

Called by operations that follow a stream or go through all accounts. A holder that dies holds it until the row's end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Lease

# Longer than a request to the broker, or the wait before the next, may take.
LASTS = timedelta(minutes=3)
RENEW_EVERY = timedelta(seconds=30)


class HeldByAnother(Exception):
    """Another process does this already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: another process does this already")


class Held:
    """A lease that is ours until we let go or fail to renew it."""

    def __init__(self, name: str, holder: str) -> None:
        self.name, self.holder, self._renewed_at = name, holder, timezone.now()

    def renew(self) -> None:
        """Prolong it, at most every 30 seconds. Raises HeldByAnother where we were too slow."""
        now = timezone.now()
        if now - self._renewed_at < RENEW_EVERY:
            return
        if not Lease.objects.filter(pk=self.name, holder=self.holder).update(until=now + LASTS):
            raise HeldByAnother(self.name)
        self._renewed_at = now


@contextmanager
def held(name: str, *, holder: str) -> Iterator[Held]:
    """Hold a lease while the block runs; `holder` names this process alone. Raises HeldByAnother."""
    _take(name, holder)
    try:
        yield Held(name, holder)
    finally:
        Lease.objects.filter(pk=name, holder=holder).delete()


def _take(name: str, holder: str) -> None:
    now = timezone.now()
    if Lease.objects.filter(pk=name, until__lt=now).update(holder=holder, until=now + LASTS):
        return
    try:
        with transaction.atomic(durable=True):
            Lease.objects.create(name=name, holder=holder, until=now + LASTS)
    except IntegrityError:
        raise HeldByAnother(name) from None


def is_held(name: str) -> bool:
    """Say whether some process does this now."""
    return Lease.objects.filter(pk=name, until__gte=timezone.now()).exists()


def let_go(*, holder: str) -> None:
    """Give up whatever a process that is about to end still holds, so that another one takes over at once."""
    Lease.objects.filter(holder=holder).delete()
