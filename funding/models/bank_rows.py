"""Questions about many relationships, in words that read as English; see banks for the rows themselves."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from brokerage.status import LEASE
from funding import states

if TYPE_CHECKING:
    from funding.models.banks import ACHRelationship  # noqa: F401 - named in the annotations


# When a candidate whose bank could not be asked is looked at again, and one whose small deposits are on their way.
AGAIN_AFTER, SMALL_DEPOSITS_AGAIN_AFTER = timedelta(seconds=30), timedelta(hours=1)


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

    def to_carry_on(self, *, now: datetime) -> "RelationshipQuerySet":
        """Return the candidates that may go on now, and none that would only take their place in the row.

        Small deposits take days, a bank that could not be asked is left alone for a moment, and one that waits for the
        bank before it goes on when that has ended.
        """
        standing = self.model.objects.active().filter(brokerage_account=OuterRef("brokerage_account"))
        asked_long_ago = Q(checked_at=None)
        asked_long_ago |= Q(sending=states.UNVERIFIED, checked_at__lte=now - SMALL_DEPOSITS_AGAIN_AFTER)
        asked_long_ago |= Q(sending=states.CHECKING, checked_at__lte=now - AGAIN_AFTER)
        due = Q(sending__in=[states.UNVERIFIED, states.CHECKING]) & asked_long_ago
        return self.candidates().filter(due | Q(sending=states.WAITING) & ~Exists(standing))
