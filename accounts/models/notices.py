"""What people are told: one row is a line in their inbox and an e-mail.

Written in the transaction of the change it tells of, so that neither can be without the other. The words say what was
true then and are never changed.
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions about many notices."""

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

    def to_post(self, *, now: datetime) -> "NoticeQuerySet":
        """Return those whose e-mail is due, and which nobody is sending."""
        waiting = self.filter(emailed_at=None, given_up_at=None)
        return waiting.filter(Q(claimed_until=None) | Q(claimed_until__lte=now))

    def given_up(self) -> "NoticeQuerySet":
        return self.exclude(given_up_at=None)


class Notice(models.Model):
    """One thing that one person was told once; `key` names it, whoever tells it twice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    key = models.CharField(max_length=120, unique=True)  # "transfer 6f1c… SETTLED"
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=200)
    body = models.TextField()  # plain text, a few short sentences
    path = models.CharField(max_length=200)  # where on the site it leads
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    read_at = models.DateTimeField(null=True, editable=False)

    # The e-mail. Nobody else takes it up before `claimed_until`: while it is being sent, and between two tries.
    claimed_until = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    email_error = models.CharField(max_length=60, blank=True, editable=False)  # what kind of fault; never an address
    emailed_at = models.DateTimeField("e-mailed at", null=True, editable=False)
    given_up_at = models.DateTimeField(null=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notice_of_user"),
            models.Index(fields=["user"], name="notice_unread", condition=Q(read_at=None)),
            models.Index(fields=["created_at"], name="notice_to_post", condition=Q(emailed_at=None, given_up_at=None)),
            models.Index(fields=["created_at"], name="notice_kept", condition=~Q(body="")),
            models.Index(fields=["given_up_at"], name="notice_given_up", condition=Q(given_up_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Notice {str(self.pk)[:8]}"
