"""Whose bank account it is: each comparison of its owner with the customer, and what a person decided about it."""

import uuid

from django.db import models
from django.utils import timezone

from brokerage.append_only import AppendOnly
from brokerage.encryption import EncryptedTextField
from funding.models.banks import ACHRelationship


class OwnerCheck(models.Model):
    """One look at whose bank account it is: how, with which score, and what came of it. Written once.

    The names themselves are kept, sealed, only while a person has to look at them.
    """

    class Method(models.TextChoices):
        MATCH = "MATCH", "Plaid compared the names"
        NAMES = "NAMES", "The bank’s names were compared"
        TYPED = "TYPED", "The customer typed the owner’s name"
        NONE = "NONE", "Nothing was compared"
        PERSON = "PERSON", "A person decided"

    class Outcome(models.TextChoices):
        PASS = "PASS", "The customer’s own"
        REVIEW = "REVIEW", "A person has to look"
        REFUSE = "REFUSE", "Somebody else’s"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    relationship = models.ForeignKey(ACHRelationship, on_delete=models.PROTECT, related_name="owner_checks")
    at = models.DateTimeField(default=timezone.now, editable=False)
    actor = models.CharField(max_length=80)  # "owner check", or "ops 6f1c…"
    method = models.CharField(max_length=10, choices=Method)
    score = models.PositiveSmallIntegerField(null=True)  # of 100; none where nothing was compared
    outcome = models.CharField(max_length=10, choices=Outcome)
    reasons = models.JSONField(default=list)  # words for ops that reveal no name
    owner_names = EncryptedTextField(blank=True, default="")  # one a line; dropped when it is held no more

    append_only = AppendOnly(may_change=("owner_names",))

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__lte=100), name="owner_score_of_a_hundred"
            )
        ]
        indexes = [models.Index(fields=["relationship", "at"], name="owner_check_of_relation")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} ({self.get_method_display()})"
