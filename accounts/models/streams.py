"""The broker's news: how far it was read, what was said, what came of it, and who is reading.

An event is kept as it came before anybody acts on it, and acted on once:

    RECEIVED ──► DONE         acted on, or of nothing that is ours
     │  ▲  ├───► UNFAMILIAR   of a kind that we do not know: kept, reported, and nothing done
     │  │  ├───► PARKED       five tries came to grief; the others go on
     │  │  └───► STRANGER     about something that we do not know yet: tried again, for an hour ──► DONE …
     │  └─────── any of them, when a person wants it to be acted on again
     └ PARKED, UNFAMILIAR ──► SET_ASIDE   a person has looked: nothing of it is missing here
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.utils import timezone

from brokerage.append_only import AppendOnly
from brokerage.encryption import EncryptedTextField
from brokerage.status import StatusChange, move

RECEIVED, STRANGER, DONE = "RECEIVED", "STRANGER", "DONE"
UNFAMILIAR, PARKED, SET_ASIDE = "UNFAMILIAR", "PARKED", "SET_ASIDE"

EVENT_MOVES: Mapping[str, set[str]] = {
    RECEIVED: {DONE, UNFAMILIAR, PARKED, STRANGER},
    STRANGER: {DONE, UNFAMILIAR, PARKED, RECEIVED},
    PARKED: {RECEIVED, SET_ASIDE},
    UNFAMILIAR: {RECEIVED, SET_ASIDE},
    DONE: {RECEIVED},
    SET_ASIDE: {RECEIVED},
}
WAITING = (RECEIVED, STRANGER)
FOR_A_PERSON = (PARKED, UNFAMILIAR)
# What such an event says has not come to pass here, as far as we can tell.
NOT_APPLIED = (RECEIVED, PARKED, UNFAMILIAR)


class StreamEventQuerySet(models.QuerySet["StreamEvent"]):
    """Questions about many events."""

    def due(self, stream: str, *, now: datetime) -> "StreamEventQuerySet":
        """Return those to be acted on now, in the order in which they came."""
        waiting = self.filter(stream=stream, state__in=WAITING).filter(Q(next_at=None) | Q(next_at__lte=now))
        return waiting.order_by("received_at", "event_id")

    def for_a_person(self) -> "StreamEventQuerySet":
        return self.filter(state__in=FOR_A_PERSON)

    def not_applied(self, stream: str, *, account_id: str) -> "StreamEventQuerySet":
        """Return those that may tell something of an account which we have not taken in; one may name no account."""
        return self.filter(stream=stream, state__in=NOT_APPLIED, account_id__in=["", account_id])


class StreamEvent(models.Model):
    """One event of one of the broker's streams. `event_id` tells it from any other, so that it is kept once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.CharField(max_length=40)
    event_id = models.CharField("broker’s event id", max_length=64)  # a digest of the body where it names none
    account_id = models.CharField("broker’s account id", max_length=64, blank=True)
    entity_id = models.CharField("broker’s id of what it is about", max_length=64, blank=True)
    # As it came, and its prose may tell of a person; empty when it is not kept any longer.
    body = EncryptedTextField(blank=True)
    # Those that came together are a microsecond apart, so that there is an order.
    received_at = models.DateTimeField(default=timezone.now, editable=False)

    state = models.CharField(max_length=20, default=RECEIVED)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)  # nobody tries it again before this
    why = models.CharField(
        max_length=200, blank=True
    )  # a kind of error, or of event, or names of fields; nothing that was said
    acted_at = models.DateTimeField(null=True)

    objects = StreamEventQuerySet.as_manager()

    append_only = AppendOnly(may_change=("body", "state", "tries", "next_at", "why", "acted_at"))

    class Meta:
        verbose_name = "event of the broker’s"
        verbose_name_plural = "events of the broker’s"
        ordering = ["-received_at", "-event_id"]
        constraints = [
            models.UniqueConstraint(fields=["event_id", "stream"], name="one_row_per_event"),
            models.CheckConstraint(
                condition=Q(state=DONE, acted_at__isnull=False) | (~Q(state=DONE) & Q(acted_at__isnull=True)),
                name="event_acted_on_when_done",
            ),
        ]
        indexes = [
            models.Index(fields=["stream", "received_at"], name="event_waiting", condition=Q(state__in=WAITING)),
            models.Index(fields=["account_id"], name="event_not_applied", condition=Q(state__in=NOT_APPLIED)),
            models.Index(fields=["account_id"], name="stream_event_of_account"),
            models.Index(fields=["entity_id"], name="stream_event_of_entity"),
            models.Index(fields=["state", "received_at"], name="event_state"),
            models.Index(fields=["-received_at", "-event_id"], name="event_newest_first"),
            models.Index(fields=["received_at"], name="event_body_kept", condition=~Q(body="")),
        ]

    def __str__(self) -> str:
        return f"Event {self.event_id[-8:]} of {self.stream}"

    def move_state(self, to: str, *, actor: str, because: str = "", **also: Any) -> None:
        """Move it, with a history row. Raises IllegalMove, LostRace."""
        also = {"next_at": None, "acted_at": None} | also
        move(self, field="state", to=to, moves=EVENT_MOVES, actor=actor, because=because, also=also)

    def done(self, *, tries: int, why: str = "") -> bool:
        """Say that it was acted on; return whether it still waited. `acted_at` is all the history that this needs."""
        still = type(self).objects.filter(pk=self.pk, state=self.state)
        return bool(still.update(state=DONE, acted_at=timezone.now(), next_at=None, tries=tries, why=why))

    def try_again(self, *, state: str, tries: int, next_at: datetime, why: str = "") -> bool:
        """Plan the next try; return whether it still waited."""
        still = type(self).objects.filter(pk=self.pk, state=self.state)
        return bool(still.update(state=state, tries=tries, next_at=next_at, why=why))


class StreamEventChange(StatusChange):
    """What became of an event besides being acted on: set aside by us, or taken up again by a person."""

    row = models.ForeignKey(StreamEvent, on_delete=models.PROTECT, related_name="events")

    append_only = AppendOnly()


class StreamCursorQuerySet(models.QuerySet["StreamCursor"]):
    """Questions about the streams."""

    def with_waiting(self) -> "StreamCursorQuerySet":
        """Add since when the oldest event waits that nobody has acted on, and how many do."""
        waiting = StreamEvent.objects.filter(stream=OuterRef("name"), state=RECEIVED).order_by().values("stream")
        oldest, count = waiting.annotate(oldest=Min("received_at")), waiting.annotate(count=Count("pk"))
        return self.annotate(waiting_since=Subquery(oldest.values("oldest")), waiting=Subquery(count.values("count")))

    def behind(self, *, since: datetime) -> "StreamCursorQuerySet":
        """Return those that were not read, or on whose news nobody has acted, since a moment."""
        return self.with_waiting().filter(Q(read_until__lt=since) | Q(waiting_since__lt=since))


class StreamCursor(models.Model):
    """How far one of the broker's event streams has been read, which is: kept. Acting on what was kept comes after."""

    name = models.CharField(max_length=40, primary_key=True)
    ulid = models.CharField(max_length=26)
    reading_since = models.DateTimeField(default=timezone.now)  # what was said before this was never read here
    read_until = models.DateTimeField()  # everything the broker said from then to this has been kept
    heard_at = models.DateTimeField(null=True)  # when the broker last gave a sign of life on it

    objects = StreamCursorQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} up to {self.read_until:%Y-%m-%d %H:%M:%S} UTC"

    @classmethod
    def has_read(cls, name: str, *, since: datetime, until: datetime, account_id: str) -> bool:
        """Say whether all that a stream told of an account, from before `since` to beyond `until`, was acted on.

        The cursor is asked first: an event is there by the time that the cursor stands behind it.
        """
        read = cls.objects.filter(name=name, reading_since__lte=since, read_until__gt=until).exists()
        left = StreamEvent.objects.not_applied(name, account_id=account_id).filter(received_at__gte=since)
        return read and not left.exists()

    def silence(self, *, now: datetime) -> timedelta:
        """Return how long ago the broker was heard last; where it never was, how long we have tried."""
        return now - (self.heard_at or self.reading_since)

    def _waiting_since(self) -> datetime | None:
        since: datetime | None = self.__dict__["waiting_since"]  # put there by `with_waiting`
        return since

    def backlog(self, *, now: datetime) -> timedelta:
        """Return how long the oldest event waits that nobody has acted on; of a row that was read `with_waiting`."""
        since = self._waiting_since()
        return now - since if since else timedelta()

    def applied_until(self) -> datetime:
        """Return until when everything the broker said was acted on; of a row that was read `with_waiting`."""
        since = self._waiting_since()
        return min(self.read_until, since) if since else self.read_until

    def move_on(self, *, ulid: str, read_until: datetime, heard_at: datetime | None = None) -> bool:
        """Move to `ulid`, unless another reader has moved the cursor since this row was read; return whether it did.

        Both readers have kept all that lies before where they move it, so either place is right.
        """
        values = {"ulid": ulid, "read_until": read_until} | ({"heard_at": heard_at} if heard_at else {})
        moved = type(self).objects.filter(pk=self.pk, ulid=self.ulid).update(**values)
        if moved:
            for name, value in values.items():
                setattr(self, name, value)
        return bool(moved)


class Lease(models.Model):
    """Who does what only one process may do at a time, and until when it is theirs unless they renew it."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=80)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder} until {self.until:%Y-%m-%d %H:%M:%S} UTC"
