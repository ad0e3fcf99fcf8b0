"""The processes that work, by their own word, and when what comes again and again was last done."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

BEAT_EVERY = timedelta(seconds=10)
# Four beats that did not come, and a moment: sooner than what a dead worker held is taken over.
SILENT_AFTER = timedelta(seconds=45)


class WorkerQuerySet(models.QuerySet["Worker"]):
    """Questions about many workers."""

    def alive(self) -> "WorkerQuerySet":
        """Return those that were heard of a moment ago."""
        return self.filter(stopped_at=None, beat_at__gte=timezone.now() - SILENT_AFTER)

    def stuck(self) -> "WorkerQuerySet":
        """Return those that live, and of which a thread has not come to its next step for too long."""
        return self.alive().exclude(stuck_since=None)

    def silent(self) -> "WorkerQuerySet":
        """Return those that fell silent without having been stopped: killed, stuck, or cut off from the database."""
        return self.filter(stopped_at=None, beat_at__lt=timezone.now() - SILENT_AFTER)


class Worker(models.Model):
    """One process that works, or has worked; by `beat_at` it says that it lives, also while it waits for a vendor.

    That it lives is said by a thread that does nothing else. What the threads that work get done is said by `round_at`,
    and by `stuck`: which of them have not come to their next step for longer than any step may take.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)  # as histories, attempts and leases know it
    host = models.CharField(max_length=80)
    pid = models.PositiveIntegerField("process")
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    beat_at = models.DateTimeField("last heard of", default=timezone.now)
    doing = models.CharField(max_length=200, blank=True)  # at the last beat, a part for each of its threads
    rounds = models.PositiveBigIntegerField("rounds done", default=0)
    round_at = models.DateTimeField("last round ended", null=True)
    stuck = models.CharField("stuck threads", max_length=100, blank=True, default="", db_default="")  # names
    stuck_since = models.DateTimeField(null=True)  # when the first of them took its last step
    error = models.CharField(
        "last error", max_length=100, blank=True
    )  # where, and what kind; nothing that anybody said
    error_at = models.DateTimeField("last error at", null=True)
    stopped_at = models.DateTimeField(null=True)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["beat_at"], name="worker_at_work", condition=models.Q(stopped_at=None))]

    def __str__(self) -> str:
        return self.name

    @property
    def is_alive(self) -> bool:
        return self.stopped_at is None and self.beat_at >= timezone.now() - SILENT_AFTER

    @property
    def got_round_at(self) -> datetime:
        """Return when its last round ended, or, where none has, when it began."""
        return self.round_at or self.started_at


class Schedule(models.Model):
    """One thing that is done again and again (see operations.duties): since when it is done, and who does it now.

    A claim is a guarded update of this row. It ends by itself where the holder's signs of life do not renew it.
    """

    name = models.CharField(max_length=40, primary_key=True)
    done_at = models.DateTimeField()  # when the last one that came to its end had begun
    began_at = models.DateTimeField(null=True)
    holder = models.CharField(max_length=80, blank=True)  # the worker that does it now
    held_until = models.DateTimeField(null=True)  # nobody else begins before
    error = models.CharField("last error", max_length=100, blank=True)  # what kind; empty once it came to its end

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
