"""Sessions: who is signed in, with what, since when; and the browsers that somebody has signed in with before.

A cookie's key is kept as a digest alone, so that whoever reads a copy of the database can sign in as nobody.
"""

import hashlib
import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone


def digest(key: str) -> str:
    """Return what is kept of a cookie's key; it is random and long, so that no salt and no slow digest is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


class Session(models.Model):
    """One browser's session; without a user it is that of somebody who has not signed in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key_hash = models.CharField(max_length=64, unique=True)
    session_data = models.TextField()  # signed by Django
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="sessions")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(default=timezone.now, editable=False)  # to the minute
    ends_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=60, blank=True)  # in words of ours (see rules.browsers)

    class Meta:
        ordering = ["-last_seen_at", "id"]
        indexes = [models.Index(fields=["ends_at"], name="session_over")]

    def __str__(self) -> str:
        return f"Session {str(self.pk)[:8]}"

    def is_over(self, *, now: datetime) -> bool:
        """Say whether it has lasted as long as any may."""
        return self.ends_at <= now


class KnownBrowser(models.Model):
    """A browser that somebody has signed in with, known again by a cookie of its own; of several people, a row each."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_browsers")
    key_hash = models.CharField(max_length=64)
    first_used_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["first_used_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["key_hash", "user"], name="one_row_per_browser_and_person"),
        ]
        indexes = [models.Index(fields=["last_used_at"], name="known_browser_used")]

    def __str__(self) -> str:
        return f"Browser {str(self.pk)[:8]}"
