"""What people of ops do for one person: notes, who sees to it, what was looked at, who may sign in, and as what.

Rows are only ever added to. The person they tell of never sees them.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from brokerage.append_only import AppendOnly


class DeskNote(models.Model):
    """What someone of ops wrote down about a person; its words are emptied when they are no longer kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="desk_notes")
    text = models.TextField(max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    append_only = AppendOnly(may_empty={"text": ""})

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["at"], name="desk_note_kept", condition=~Q(text=""))]

    def __str__(self) -> str:
        return f"Note {str(self.pk)[:8]}"


class Assignment(models.Model):
    """Who sees to a person, from when until when; one at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assigned")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)
    because = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at=None), name="one_standing_assignment_per_person"
            )
        ]
        indexes = [models.Index(fields=["to"], name="assignment_standing", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"Assignment {str(self.pk)[:8]}"


class FieldReveal(models.Model):
    """That someone of ops was shown what the desk hides of a person; never what it was."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reveals")
    field = models.CharField(max_length=40)  # see operations.revealing
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    because = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now, editable=False)
    ip_address = models.GenericIPAddressField()

    append_only = AppendOnly(goes_after=("at", 366))

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["at"], name="field_reveal_at")]
        permissions = [("reveal_field", "Can be shown what the desk hides of a person")]

    def __str__(self) -> str:
        return f"Look {str(self.pk)[:8]}"


class SignInChange(models.Model):
    """That someone of ops stopped a person from signing in, or let them again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sign_in_changes")
    allowed = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    because = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now, editable=False)

    append_only = AppendOnly()

    class Meta:
        ordering = ["at", "id"]
        permissions = [("stop_sign_in", "Can stop people from signing in, and let them again")]

    def __str__(self) -> str:
        return "Sign-in allowed" if self.allowed else "Sign-in stopped"


class RoleChange(models.Model):
    """That someone of ops was given another role; an empty one is none."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="role_changes")
    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20, blank=True)
    # None: the sign-in provider, by somebody's groups there.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    because = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now, editable=False)

    append_only = AppendOnly()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.before or 'no role'} → {self.after or 'no role'}"
