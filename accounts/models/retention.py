"""What keeps a person's data from being purged, and the proof of what was.

See operations.retention_rules for what is kept for how long.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from brokerage.append_only import AppendOnly


class LegalHold(models.Model):
    """An order to keep everything of one person; while one stands, no rule purges anything of theirs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="legal_holds")
    because = models.CharField(max_length=300)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now, editable=False)
    lifted_at = models.DateTimeField(null=True, editable=False)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lift_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["placed_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(lifted_at=None), name="one_standing_hold_per_person")
        ]

    def __str__(self) -> str:
        return f"Legal hold {str(self.pk)[:8]}"

    @classmethod
    def on(cls, path: str) -> Exists:
        """Return the condition that a hold stands on the person whose id is at `path` of a row."""
        return Exists(cls.objects.filter(person=OuterRef(path), lifted_at=None))


class PurgeRecord(models.Model):
    """That one batch was purged, by which rule: how many rows and which, but nothing of what they said.

    `digest` is the SHA-256 over the sorted ids of the rows, one a line: whoever holds an id can show that it was among
    them, and nobody can read from it who was.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rule = models.CharField(max_length=20)
    cutoff = models.DateTimeField()  # what was over before this
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    by = models.CharField(max_length=80)  # "worker …", "purge (command)"
    at = models.DateTimeField(default=timezone.now, editable=False)

    append_only = AppendOnly()

    class Meta:
        ordering = ["-at", "id"]
        indexes = [models.Index(fields=["-at"], name="purge_record_at")]

    def __str__(self) -> str:
        return f"Purge {str(self.pk)[:8]}"
