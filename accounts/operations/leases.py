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
# For work that looks up every second, and that another has to take over within a minute of its death.
SHORT = timedelta(seconds=45)


class HeldByAnother(Exception):
    """Another process does this already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: another process does this already")


class Held:
    """A lease that is ours until we let go or fail to renew it."""

    def __init__(self, name: str, holder: str, lasts: timedelta = LASTS) -> None:
        self.name, self.holder, self._lasts, self._renewed_at = name, holder, lasts, timezone.now()

    def renew(self) -> None:
        """Prolong it, when about a fifth of it is over. Raises HeldByAnother where we were too slow."""
        now = timezone.now()
        if now - self._renewed_at < self._lasts / 5:
            return
        if not Lease.objects.filter(pk=self.name, holder=self.holder).update(until=now + self._lasts):
            raise HeldByAnother(self.name)
        self._renewed_at = now


def is_held(name: str) -> bool:
    """Say whether somebody holds a lease that has not ended."""
    return Lease.objects.filter(pk=name, until__gte=timezone.now()).exists()


@contextmanager
def held(name: str, *, holder: str, lasts: timedelta = LASTS) -> Iterator[Held]:
    """Hold a lease while the block runs; `holder` names this process alone. Raises HeldByAnother."""
    _take(name, holder, lasts)
    try:
        yield Held(name, holder, lasts)
    finally:
        Lease.objects.filter(pk=name, holder=holder).delete()


def _take(name: str, holder: str, lasts: timedelta) -> None:
    now = timezone.now()
    if Lease.objects.filter(pk=name, until__lt=now).update(holder=holder, until=now + lasts):
        return
    try:
        with transaction.atomic(durable=True):
            Lease.objects.create(name=name, holder=holder, until=now + lasts)
    except IntegrityError:
        raise HeldByAnother(name) from None


def let_go(*, holder: str) -> None:
    """Give up whatever a process that is about to end still holds, so that another one takes over at once."""
    Lease.objects.filter(holder=holder).delete()
