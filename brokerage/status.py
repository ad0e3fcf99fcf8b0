"""The one way a status may change: where the old one still stands, and with a history row beside it.

Models call `move`; nobody else writes a status. The history rows are only ever added to.
"""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

# A request to a vendor takes 23 seconds at the most (see gateways.errors), in a worker, too, and nobody holds a row for
# more than two of them: who does for longer than this is dead. Short enough that somebody else has taken the row over
# within a minute of the death.
LEASE = timedelta(seconds=50)

# Between two tries of what a vendor did not take, or tell of: ever longer, up to an hour.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)

Moves = Mapping[str, frozenset[str] | set[str]]


def pause(tries: int) -> timedelta:
    """Return how long to wait after so many tries came to nothing."""
    return min(FIRST_PAUSE * 2 ** min(tries, 12), LONGEST_PAUSE)


class IllegalMove(Exception):
    """That status may not follow this one."""


class LostRace(Exception):
    """Someone else moved the row first; read it again."""


class StatusChange(models.Model):
    """One change of one status of one row: who, when, from, to, because of what, and on what evidence.

    A child adds `row`, the foreign key to what changed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    actor = models.CharField(max_length=80)  # "customer 6f1c…", "ops 90ae…", "worker", "broker"
    field = models.CharField(max_length=20)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    because = models.CharField(max_length=300, blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    # The vendor's own id of the event that caused this; unique, so that one event acts at most once.
    vendor_event_id = models.CharField(max_length=64, null=True, blank=True, unique=True)

    class Meta:
        abstract = True
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.field}: {self.before or 'new'} → {self.after}"


def move(
    row: Any,
    *,
    field: str,
    to: str,
    moves: Moves,
    actor: str,
    because: str = "",
    evidence: Mapping[str, Any] | None = None,
    vendor_event_id: str | None = None,
    also: Mapping[str, Any] | None = None,
) -> None:
    """Move `row.field` to `to`, set the columns in `also`, and write the history row, all or nothing.

    Raises IllegalMove where `moves` does not allow it, LostRace where the row no longer stands where it did.
    """
    before: str = getattr(row, field)
    if to not in moves.get(before, ()):
        raise IllegalMove(f"{type(row).__name__} {row.pk}: {field} may not go from {before or 'new'} to {to}")
    changes = {field: to, **(also or {})}
    with transaction.atomic():
        changed = type(row).objects.filter(pk=row.pk, **{field: before}).update(**changes)
        if changed != 1:
            raise LostRace(f"{type(row).__name__} {row.pk} no longer stands at {before or 'new'}")
        note(
            row,
            field=field,
            before=before,
            after=to,
            actor=actor,
            because=because,
            evidence=evidence,
            vendor_event_id=vendor_event_id,
        )
    for name, value in changes.items():
        setattr(row, name, value)


def note(
    row: Any,
    *,
    field: str,
    before: str = "",
    after: str = "",
    actor: str,
    because: str = "",
    evidence: Mapping[str, Any] | None = None,
    vendor_event_id: str | None = None,
) -> None:
    """Append a history row; the first one of a row says how it began."""
    row.events.create(
        field=field,
        before=before,
        after=after,
        actor=actor,
        because=because[:300],
        evidence=dict(evidence or {}),
        vendor_event_id=vendor_event_id,
    )
