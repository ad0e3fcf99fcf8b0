"""Who somebody is at the sign-in provider."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class Identity(models.Model):
    """That a subject of an issuer is one of our users, for good; an e-mail address may change there, this does not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="identities")
    issuer = models.CharField(max_length=255)
    sub = models.CharField(max_length=255)
    # The user was here before, and gave their password for it; otherwise the user was made for it.
    was_connected = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "identities"
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["issuer", "sub"], name="one_user_per_issuer_and_subject")]

    def __str__(self) -> str:
        return f"Identity {str(self.pk)[:8]}"
