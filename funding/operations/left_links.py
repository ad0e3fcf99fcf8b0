"""Passes through Plaid Link that nobody came back from, or whose process died: closed by the worker."""

import logging
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from brokerage.status import LEASE
from funding.models import LinkSession

log = logging.getLogger(__name__)


def forget_expired() -> int:
    """Close passes through Link that nobody came back from, and drop their tokens; return how many."""
    open_ones = LinkSession.objects.filter(outcome="", claimed_at=None, expires_at__lt=timezone.now())
    return len(_end(open_ones, outcome="expired"))


def note_orphans() -> int:
    """Close passes whose process died while it traded the token, whatever Plaid made of it; return how many."""
    orphans = LinkSession.objects.filter(outcome="", claimed_at__lt=timezone.now() - LEASE)
    for pk in (ended := _end(orphans, outcome="orphan")):
        log.error("link session %s: who traded the token is dead; Plaid may hold an orphan item", pk)
    return len(ended)


def _end(sessions: QuerySet[LinkSession], *, outcome: str) -> list[UUID]:
    """Close those of the passes that still stand so, whoever else is at it; return which."""
    found = list(sessions.values_list("pk", flat=True)[:500])
    return [pk for pk in found if sessions.filter(pk=pk).update(outcome=outcome, link_token="")]
