"""Documents that a customer sends to the broker: that they were sent, and what came of it. Never the file itself."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from accounts import states
from accounts.models.brokerage import BrokerageAccount
from brokerage.append_only import AppendOnly
from brokerage.status import StatusChange, move, note

# A file of ten megabytes over a slow line takes its sender two minutes at the most (see gateways.broker_documents).
DEAD_AFTER = timedelta(minutes=3)


class UploadQuerySet(models.QuerySet["DocumentUpload"]):
    """Questions about many uploads."""

    def left_behind(self) -> "UploadQuerySet":
        """Return those whose sender must be dead by now."""
        return self.filter(status__in=[states.RESERVED, states.SENDING], status_at__lt=timezone.now() - DEAD_AFTER)


class DocumentUpload(models.Model):
    """One file that one customer chose once. See states.py for `status`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(BrokerageAccount, on_delete=models.PROTECT, related_name="uploads")
    form_key = models.UUIDField()  # of the page that it was chosen on, so that a double click sends once
    asked_for = models.CharField(max_length=40, blank=True)  # the broker's code; empty for something else
    kind = models.CharField(max_length=40)  # the broker's words: "identity_verification"
    sub_kind = models.CharField(max_length=40, blank=True)  # "passport"
    # Of what is sent: pictures are drawn anew, without what a camera writes into them.
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField()  # bytes
    content_type = models.CharField(max_length=40)
    actor = models.CharField(max_length=80)
    status = models.CharField(max_length=20, default=states.RESERVED, editable=False)
    refusal = models.CharField(max_length=500, blank=True, editable=False)  # the broker's prose, for ops
    # The broker refuses us and not the file: its answer was about our keys, or about our address of theirs.
    our_fault = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    status_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = "document sent to the broker"
        verbose_name_plural = "documents sent to the broker"
        constraints = [models.UniqueConstraint(fields=["account", "form_key"], name="one_upload_per_form")]
        indexes = [
            models.Index(
                fields=["status_at"],
                name="upload_under_way",
                condition=models.Q(status__in=[states.RESERVED, states.SENDING]),
            ),
            models.Index(fields=["account", "-created_at"], name="upload_of_account"),
            models.Index(fields=["sha256"], name="upload_of_digest"),
        ]

    def __str__(self) -> str:
        return f"Document {str(self.pk)[:8]}"

    def begin_history(self) -> None:
        """Write the first history row."""
        note(self, field="status", after=self.status, actor=self.actor, because="chosen by the customer")

    def move(self, to: str, *, actor: str, because: str = "", evidence: Any = None, **also: Any) -> None:
        """Move to another status. Raises IllegalMove, LostRace."""
        also["status_at"] = timezone.now()
        move(
            self,
            field="status",
            to=to,
            moves=states.UPLOAD_MOVES,
            actor=actor,
            because=because,
            evidence=evidence,
            also=also,
        )


class UploadEvent(StatusChange):
    """One change of an upload's status."""

    row = models.ForeignKey(DocumentUpload, on_delete=models.PROTECT, related_name="events")

    append_only = AppendOnly(may_empty={"evidence": {}})
