"""Questions about many relationships, in words that read as English; see banks for the rows themselves."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone

from brokerage.status import LEASE
from funding import states

if TYPE_CHECKING:
    from funding.models.banks import ACHRelationship  # noqa: F401 - named in the annotations


class RelationshipQuerySet(models.QuerySet["ACHRelationship"]):
    """Questions about many relationships."""

    def living(self) -> "RelationshipQuerySet":
        return self.filter(ended_at=None)

    def active(self) -> "RelationshipQuerySet":
        """Return those that are their account's bank; one an account."""
        return self.living().exclude(sending__in=states.CANDIDATE)

    def candidates(self) -> "RelationshipQuerySet":
        """Return those that are to become their account's bank; one an account."""
        return self.living().filter(sending__in=states.CANDIDATE)

    def waiting_to_be_sent(self, *, since: datetime) -> "RelationshipQuerySet":
        return self.active().filter(sending=states.RESERVED, ending_at=None, sending_at__lt=since)

    def left_behind(self) -> "RelationshipQuerySet":
        return self.active().filter(sending=states.SENDING, sending_at__lt=timezone.now() - LEASE)

    def unknown(self) -> "RelationshipQuerySet":
        return self.active().filter(sending=states.UNKNOWN)

    def open_at_the_broker(self) -> "RelationshipQuerySet":
        return self.active().filter(sending__in=[states.ACCEPTED, states.REVIEW])

    def being_ended(self, *, now: datetime) -> "RelationshipQuerySet":
        """Return those that are to be removed at the broker, and whose next try is due."""
        due = Q(ending_next_at=None) | Q(ending_next_at__lte=now)
        return self.living().exclude(ending_at=None).filter(due)
