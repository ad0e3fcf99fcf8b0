"""How far the broker's news has been read, what of it could not be applied, and who is reading."""

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone

from brokerage.encryption import EncryptedTextField


class StreamCursor(models.Model):
    """How far one of the broker's event streams has been read; never ahead of what has been applied."""

    name = models.CharField(max_length=40, primary_key=True)
    ulid = models.CharField(max_length=26)
    reading_since = models.DateTimeField(default=timezone.now)  # what was said before this was never read here
    read_until = models.DateTimeField()  # everything the broker said from then to this has been applied

    def __str__(self) -> str:
        return f"{self.name} up to {self.read_until:%Y-%m-%d %H:%M:%S} UTC"

    @classmethod
    def has_read(cls, name: str, *, since: datetime, until: datetime) -> bool:
        """Say whether a stream has been read, without a gap, from before `since` to beyond `until`."""
        return cls.objects.filter(name=name, reading_since__lte=since, read_until__gt=until).exists()

    def move_on(self, *, ulid: str, read_until: datetime) -> bool:
        """Move to `ulid`, unless another reader has moved the cursor since this row was read; return whether it did.

        Both readers have applied all that lies before where they move it, so either place is right.
        """
        moved = type(self).objects.filter(pk=self.pk, ulid=self.ulid).update(ulid=ulid, read_until=read_until)
        if moved:
            self.ulid, self.read_until = ulid, read_until
        return bool(moved)


class ParkedEvent(models.Model):
    """One event of a stream that we could not apply, or whose kind we do not know: kept, while the others go on."""

    TRYING, PARKED, UNFAMILIAR = "TRYING", "PARKED", "UNFAMILIAR"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.CharField(max_length=40)
    event_id = models.CharField(max_length=64)  # the broker's; a digest of the body where it names none
    account_id = models.CharField("broker’s account id", max_length=64, blank=True)
    state = models.CharField(max_length=20, default=TRYING)
    tries = models.PositiveSmallIntegerField(default=0)
    why = models.CharField(max_length=200, blank=True)  # a kind of error, or the names of fields; never a value
    # JSON as the broker sent it, whose prose may tell of a person; empty when it is not kept any longer.
    body = EncryptedTextField(blank=True)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-first_at"]
        constraints = [models.UniqueConstraint(fields=["stream", "event_id"], name="one_parking_place_per_event")]
        indexes = [
            models.Index(fields=["event_id"], name="parked_event_of_id"),
            models.Index(fields=["account_id"], name="parked_event_of_account"),
        ]

    def __str__(self) -> str:
        return f"Event {self.event_id[-8:]} of {self.stream}"


class Lease(models.Model):
    """Who does what only one process may do at a time, and until when it is theirs unless they renew it."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=80)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder} until {self.until:%Y-%m-%d %H:%M:%S} UTC"
