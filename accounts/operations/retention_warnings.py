"""Telling customers beforehand that the answers of an application that they never sent, or never corrected, will go.

Called by retention and the worker. Nothing of the kind goes before its customer has known for RETENTION_WARNING_DAYS,
however late they were told.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import states
from accounts.models import Application, LegalHold
from accounts.operations import notices
from accounts.operations.retention_rules import WARNING, unsent, warned

log = logging.getLogger(__name__)

# The rules that wait for a warning.
RULES = frozenset({"drafts", "refused"})
_WHY = {
    states.DRAFT: "You began an application for a brokerage account and have not sent it.",
    states.REFUSED: "The broker could not take your application as it was, and it has not been sent again since.",
}


def tell_due(*, now: datetime | None = None) -> Iterator[int]:
    """Tell whose answers go in a month, as a rule, one customer for each step of the iteration; yield 1 for each."""
    now = now or timezone.now()
    for application in _to_warn(now):
        yield _told(application, now)


def warn_due(*, now: datetime | None = None) -> int:
    """Tell everybody whose answers go in a month, as a rule; return how many were told."""
    return sum(tell_due(now=now))


def _told(application: Application, now: datetime) -> int:
    """Tell one customer; one who can't be told is reported and must not keep the others waiting."""
    try:
        with transaction.atomic(durable=True):
            _tell(application, now)
    except Exception:
        log.exception("application %s: its customer could not be told that its answers go", application.pk)
        return 0
    return 1


def _to_warn(now: datetime) -> Iterator[Application]:
    """Yield the applications that are next to go, whose customer has not been told since the last touch."""
    for status, days in (
        (states.DRAFT, settings.RETENTION_DRAFT_DAYS),
        (states.REFUSED, settings.RETENTION_REFUSED_DAYS),
    ):
        since = now - timedelta(days=days - settings.RETENTION_WARNING_DAYS)
        rows = unsent(status, untouched_since=since).exclude(warned(before=now)).exclude(LegalHold.on("user"))
        yield from rows.select_related("user").order_by("pk").iterator(chunk_size=200)


def _tell(application: Application, now: datetime) -> None:
    goes_on = timezone.localdate(now + timedelta(days=settings.RETENTION_WARNING_DAYS))
    notices.tell(
        user=application.user,
        key=f"answers kept {application.pk} {now:%Y-%m-%d}",
        kind=WARNING,
        title=f"Your application is kept until {goes_on:%B} {goes_on.day}, {goes_on.year}",
        body=f"{_WHY[application.status]} After that day we remove your answers, your tax number included. "
        "Change an answer or send it before then, and it is kept. You can begin anew at any time.",
        path="/apply/",
    )
