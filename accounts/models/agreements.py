"""What was shown to a person word by word, and that they agreed to it."""

import uuid

from django.db import models
from django.utils import timezone

from accounts.models.applications import Application
from accounts.retention import NO_ADDRESS
from brokerage.append_only import AppendOnly


class AgreementText(models.Model):
    """One text as it was shown, kept once; its digest is its name, so that a changed word is another text."""

    digest = models.CharField(max_length=64, primary_key=True)  # SHA-256 of title, revision and text
    agreement = models.CharField(max_length=40)
    revision = models.CharField(max_length=30)
    title = models.CharField(max_length=100)
    text = models.TextField()
    is_sample = models.BooleanField()
    kept_at = models.DateTimeField(default=timezone.now, editable=False)

    append_only = AppendOnly()

    def __str__(self) -> str:
        return f"{self.title}, revision {self.revision}"


class AgreementSignature(models.Model):
    """That a person agreed to one text: when, and from which address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="signatures")
    agreement = models.CharField(max_length=40)  # the broker's word
    revision = models.CharField(max_length=30)
    broker_revision = models.CharField(max_length=30, blank=True)  # the broker's name of it, where the text has one
    # Null for what was signed before texts were kept.
    text = models.ForeignKey(AgreementText, on_delete=models.PROTECT, null=True, related_name="signatures")
    signed_at = models.DateTimeField(default=timezone.now, editable=False)
    ip_address = models.GenericIPAddressField()
    user_agent = models.CharField(max_length=300, blank=True)

    append_only = AppendOnly(may_empty={"ip_address": NO_ADDRESS, "user_agent": ""}, goes_after=("signed_at", 1))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "text"], name="one_signature_per_text")]
        ordering = ["signed_at", "id"]

    def __str__(self) -> str:
        return f"{self.agreement}, revision {self.revision}"
