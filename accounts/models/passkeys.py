"""Keys that a person's own device holds, by which they sign in without a password (WebAuthn, "passkeys").

What rests here is public: the secret half never leaves the device. A key that is taken away keeps its row.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class PasskeyQuerySet(models.QuerySet["Passkey"]):
    """Questions about many passkeys."""

    def in_use(self) -> "PasskeyQuerySet":
        return self.filter(removed_at=None)


class Passkey(models.Model):
    """One key of one person, from when until when it let them in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="passkeys")
    name = models.CharField(max_length=60)
    # Base64url without padding; a credential id has 1,023 bytes at the most (WebAuthn §6.1.1).
    credential_id = models.CharField(max_length=1400, unique=True)
    public_key = models.CharField(max_length=2000)  # COSE, base64url
    # How often the device says it was used; many say 0 for ever. One that goes back was copied.
    sign_count = models.BigIntegerField(default=0)
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = PasskeyQuerySet.as_manager()

    class Meta:
        ordering = ["added_at", "id"]
        indexes = [models.Index(fields=["user"], name="passkey_in_use", condition=Q(removed_at=None))]

    def __str__(self) -> str:
        return f"Passkey {str(self.pk)[:8]}"
