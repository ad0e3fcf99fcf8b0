"""The second factor of a sign-in: an app that makes codes, and recovery codes for when it is lost."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from brokerage.append_only import AppendOnly
from brokerage.encryption import EncryptedTextField


class SecondFactor(models.Model):
    """A person's app; it counts from when they have shown that it makes the right codes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor")
    secret = EncryptedTextField()
    # Which half minute since 1970 the last code that was taken belonged to: none is taken twice.
    last_counter = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    on_since = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"Second factor {str(self.pk)[:8]}"


class RecoveryCode(models.Model):
    """A code that is good once, in the app's place; only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["factor", "code_hash"], name="one_row_per_recovery_code")]

    def __str__(self) -> str:
        return f"Recovery code {str(self.pk)[:8]}"


class SecondFactorChange(models.Model):
    """What became of somebody's second factor, and by whom where that was not themselves; only ever added to."""

    class What(models.TextChoices):
        ON = "ON", "turned on"
        OFF = "OFF", "turned off"
        REMOVED = "REMOVED", "removed for them"
        NEW_CODES = "NEW_CODES", "new recovery codes"
        CODE_USED = "CODE_USED", "a recovery code was used"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="second_factor_changes")
    what = models.CharField(max_length=20, choices=What)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    because = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)

    append_only = AppendOnly()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"Second factor: {self.get_what_display()}"
