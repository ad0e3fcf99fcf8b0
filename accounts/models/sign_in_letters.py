"""Letters that lead in: to end a sign-up, and to set a new password; and those that say why there is no such link.

A letter's link carries a key of 256 random bits that is made when the letter is sent, and of which only the digest is
kept. So a copy of the database, even with all our secrets, opens nothing.
"""

import hashlib
import secrets
import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class SignInLetterQuerySet(models.QuerySet["SignInLetter"]):
    """Questions about many letters."""

    def to_post(self, *, now: datetime) -> "SignInLetterQuerySet":
        """Return those that are due, and which nobody is sending."""
        waiting = self.filter(emailed_at=None, given_up_at=None)
        return waiting.filter(Q(claimed_until=None) | Q(claimed_until__lte=now))

    def with_key(self, key: str) -> "SignInLetterQuerySet":
        return self.filter(keys__digest=_digest(key))


class SignInLetter(models.Model):
    """One e-mail to whoever reads a mailbox. Somebody asked for it who may be anybody."""

    class Kind(models.TextChoices):
        SIGN_UP = "SIGN_UP", "Leads to the end of a sign-up"
        HAS_SIGN_IN = "HAS_SIGN_IN", "Says that there is a sign-in with this address"
        PASSWORD = "PASSWORD", "Leads to a new password"
        NO_SIGN_IN = "NO_SIGN_IN", "Says that nobody signs in with this address"
        NO_PASSWORD = "NO_PASSWORD", "Says that this sign-in has no password"
        STOPPED = "STOPPED", "Says that this sign-in was stopped"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    email = models.EmailField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    # How the sign-in stood when it was asked for: once address or password have changed, the link is over.
    stood = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    # As of a notice: nobody else takes it up before `claimed_until`.
    claimed_until = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    email_error = models.CharField(max_length=60, blank=True, editable=False)  # what kind of fault; never an address
    emailed_at = models.DateTimeField("e-mailed at", null=True, editable=False)
    given_up_at = models.DateTimeField(null=True, editable=False)

    objects = SignInLetterQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(
                fields=["created_at"], name="sign_in_letter_to_post", condition=Q(emailed_at=None, given_up_at=None)
            ),
            models.Index(fields=["expires_at"], name="sign_in_letter_over"),
        ]

    def __str__(self) -> str:
        return f"Sign-in letter {str(self.pk)[:8]}"

    @property
    def is_over(self) -> bool:
        """Say whether its link leads nowhere any more, as far as the letter itself knows."""
        return self.used_at is not None or self.expires_at <= timezone.now()

    def make_key(self) -> str:
        """Return a new key for its link. One that may have arrived before opens the same, and only once."""
        key = secrets.token_urlsafe(32)
        LetterKey.objects.create(letter=self, digest=_digest(key))
        return key


class LetterKey(models.Model):
    """What is kept of a key: one for each try to send the letter, since the mail server may have taken any of them."""

    digest = models.CharField(max_length=64, primary_key=True)
    letter = models.ForeignKey(SignInLetter, on_delete=models.CASCADE, related_name="keys")

    def __str__(self) -> str:
        return f"Key of {self.letter}"


def _digest(key: str) -> str:
    """Return what a key is found by. It is random, so that a plain digest can't be guessed back."""
    return hashlib.sha256(key.encode()).hexdigest()
