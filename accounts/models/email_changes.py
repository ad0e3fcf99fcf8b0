"""A customer's wish to sign in with another e-mail address, and the letters that go to both addresses.

A letter's link carries a signed token that is made when the letter is sent: nothing that opens anything rests here.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts import states
from brokerage.append_only import AppendOnly
from brokerage.status import StatusChange, move

GOOD_FOR = timedelta(hours=24)


def _a_day_from_now() -> datetime:
    return timezone.now() + GOOD_FOR


class EmailChange(models.Model):
    """One wish for another address; one of a person is open at a time. See states.py for `status`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="email_changes")
    old_email = models.EmailField()
    new_email = models.EmailField()
    # Somebody else signs in with it: they were told, and got no link, so that it can only expire.
    is_taken = models.BooleanField(default=False)
    status = models.CharField(max_length=20, default=states.ASKED)
    status_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(default=_a_day_from_now)
    old_confirmed_at = models.DateTimeField(null=True)
    new_confirmed_at = models.DateTimeField(null=True)
    ip_address = models.GenericIPAddressField()
    user_agent = models.CharField(max_length=300, blank=True)
    # What carries it to the broker, where there is an account.
    details_change = models.OneToOneField(
        "DetailsChange", on_delete=models.PROTECT, null=True, related_name="email_change"
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status__in=sorted(states.OPEN_EMAIL_CHANGE)),
                name="one_open_email_change_per_user",
            ),
            models.UniqueConstraint(
                fields=["new_email"], condition=Q(status=states.CONFIRMED), name="one_confirmed_claim_per_email"
            ),
        ]
        # The class lets PostgreSQL find an address by how it begins; SQLite does so without.
        indexes = [
            models.Index(fields=[column], name=f"email_change_{name}", opclasses=["varchar_pattern_ops"])
            for column, name in (("old_email", "from"), ("new_email", "to"))
        ]

    def __str__(self) -> str:
        return f"E-mail change {str(self.pk)[:8]}"

    @property
    def is_over(self) -> bool:
        """Say whether its links lead nowhere any more."""
        return self.status != states.ASKED or self.expires_at <= timezone.now()

    def move(self, to: str, *, actor: str, because: str = "", **also: Any) -> None:
        """Move to another status. Raises IllegalMove, LostRace."""
        also["status_at"] = timezone.now()
        move(self, field="status", to=to, moves=states.EMAIL_MOVES, actor=actor, because=because, also=also)


class EmailChangeEvent(StatusChange):
    """One change of the status of a wish for another address."""

    row = models.ForeignKey(EmailChange, on_delete=models.PROTECT, related_name="events")

    append_only = AppendOnly()


class LetterQuerySet(models.QuerySet["Letter"]):
    """Questions about many letters."""

    def to_post(self, *, now: datetime) -> "LetterQuerySet":
        """Return those that are due, and which nobody is sending."""
        waiting = self.filter(emailed_at=None, given_up_at=None)
        return waiting.filter(Q(claimed_until=None) | Q(claimed_until__lte=now))


class Letter(models.Model):
    """One e-mail to one address of a wish for another one; most are no notices, since that address is nobody's yet."""

    class Kind(models.TextChoices):
        CONFIRM_OLD = "CONFIRM_OLD", "Asks the old address"
        CONFIRM_NEW = "CONFIRM_NEW", "Asks the new address"
        ADDRESS_WANTED = "ADDRESS_WANTED", "Tells the owner of an address that somebody asked for it"
        CHANGED = "CHANGED", "Tells the old address that it is done"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    change = models.ForeignKey(EmailChange, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=20, choices=Kind)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # As of a notice: nobody else takes it up before `claimed_until`.
    claimed_until = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    email_error = models.CharField(max_length=60, blank=True, editable=False)  # what kind of fault; never an address
    emailed_at = models.DateTimeField("e-mailed at", null=True, editable=False)
    given_up_at = models.DateTimeField(null=True, editable=False)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["change", "kind"], name="one_letter_of_a_kind_per_email_change")]
        indexes = [
            models.Index(fields=["created_at"], name="letter_to_post", condition=Q(emailed_at=None, given_up_at=None))
        ]

    def __str__(self) -> str:
        return f"Letter {str(self.pk)[:8]}"

    @property
    def to(self) -> str:
        """Return the address that it goes to."""
        to_new = self.kind in (self.Kind.CONFIRM_NEW, self.Kind.ADDRESS_WANTED)
        return self.change.new_email if to_new else self.change.old_email
