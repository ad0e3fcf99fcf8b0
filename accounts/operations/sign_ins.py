"""Where somebody is signed in, and ending that elsewhere.

Called by views, and by the operations that end somebody's sessions. A row that is gone signs its browser out with its
next question.
"""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Session, User
from accounts.operations import audit

log = logging.getLogger(__name__)


def standing(*, user: User, idle_limit: timedelta) -> QuerySet[Session]:
    """Return the sessions that are good for something still, the one seen last first."""
    now = timezone.now()
    return Session.objects.filter(user=user, ends_at__gt=now, last_seen_at__gt=now - idle_limit)


def end(*, user: User, session_id: UUID) -> int:
    """End one of somebody's sessions; return how many that were: one, or none that is theirs."""
    return _end(user, Session.objects.filter(user=user, pk=session_id))


def end_others(*, user: User, but: Any) -> int:
    """End all of somebody's sessions but the one with this id; return how many."""
    return _end(user, Session.objects.filter(user=user).exclude(pk=but))


def end_all(*, user: User) -> int:
    """End all of somebody's sessions; return how many."""
    return _end(user, Session.objects.filter(user=user))


def _end(user: User, rows: QuerySet[Session]) -> int:
    with transaction.atomic():
        count, _ = rows.delete()
        if count:
            audit.record(audit.Deed.SESSIONS_ENDED, actor=audit.name_of(user), about=audit.subject(user), count=count)
    log.info("user %s: %s sessions ended", user.pk, count)
    return count
