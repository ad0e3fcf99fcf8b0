"""Documents that the broker draws up, as its list names them, and who has fetched which.

The documents themselves stay at the broker. Both kinds of rows are only ever added to.
"""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

from accounts.models.brokerage import BrokerageAccount
from brokerage.append_only import AppendOnly

STATEMENT, CONFIRMATION, TAX, APPLICATION, OTHER = "statements", "confirmations", "taxes", "application", "other"
# The broker's words by the kind under which a customer looks for them.
# https://docs.alpaca.markets/reference/getdocsforaccount
WORDS = {
    STATEMENT: ("account_statement", "crypto_account_statement"),
    CONFIRMATION: ("trade_confirmation", "trade_confirmation_json"),
    TAX: ("tax_statement",),
    APPLICATION: ("account_application", "options_application"),
}
KNOWN_WORDS = [word for words in WORDS.values() for word in words]
# Having given a reason, a person of ops may fetch a document for so long.
ALLOWED_FOR = timedelta(minutes=10)


class DocumentList(models.Model):
    """When an account's list of documents was last read, and last asked for."""

    brokerage_account = models.OneToOneField(
        BrokerageAccount, on_delete=models.PROTECT, primary_key=True, related_name="document_list"
    )
    as_of = models.DateTimeField(null=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)  # also when no answer came

    def __str__(self) -> str:
        return f"Documents of {self.brokerage_account_id}"


class DocumentQuerySet(models.QuerySet["BrokerDocument"]):
    """Questions about many documents."""

    def newest_first(self) -> "DocumentQuerySet":
        return self.order_by(F("on").desc(nulls_last=True), "-first_seen_at", "pk")

    def of_group(self, group: str) -> "DocumentQuerySet":
        return self.exclude(kind__in=KNOWN_WORDS) if group == OTHER else self.filter(kind__in=WORDS[group])


class BrokerDocument(models.Model):
    """One document in the broker's list. What it says is fetched when somebody wants to read it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brokerage_account = models.ForeignKey(BrokerageAccount, on_delete=models.PROTECT, related_name="documents")
    alpaca_document_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=60)  # the broker's own word
    name = models.CharField(max_length=200, blank=True)
    on = models.DateField(null=True)
    first_seen_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brokerage_account", "alpaca_document_id"], name="one_row_per_document_of_the_broker"
            )
        ]
        indexes = [
            models.Index(fields=["brokerage_account", "kind", "-on"], name="documents_of_a_kind"),
            models.Index(fields=["alpaca_document_id"], name="document_of_broker_id"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on or ''}".strip()

    @property
    def group(self) -> str:
        """Return the kind under which a customer looks for it."""
        return next((group for group, words in WORDS.items() if self.kind in words), OTHER)


class DocumentAccess(models.Model):
    """That somebody asked for a document, and what came of it; written before the first byte goes out."""

    class Actor(models.TextChoices):
        CUSTOMER = "CUSTOMER", "The customer"
        OPS = "OPS", "A person of ops"

    class Outcome(models.TextChoices):
        ALLOWED = "ALLOWED", "A reason was given; it may be downloaded for ten minutes"
        OPENED = "OPENED", "The broker handed it out; sending began"
        SENT = "SENT", "Sent whole"
        BROKEN_OFF = "BROKEN_OFF", "Broken off while it was sent"
        REFUSED = "REFUSED", "The broker refused it"
        AWAY = "AWAY", "The broker could not be reached"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(BrokerDocument, on_delete=models.PROTECT, related_name="accesses")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="document_accesses")
    actor = models.CharField(max_length=10, choices=Actor)
    at = models.DateTimeField(default=timezone.now, editable=False)
    ip_address = models.GenericIPAddressField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    because = models.CharField(max_length=300, blank=True)

    append_only = AppendOnly(goes_after=("at", 366))

    class Meta:
        verbose_name_plural = "document accesses"
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(outcome="ALLOWED") | models.Q(actor="OPS") & ~models.Q(because=""),
                name="ops_gave_a_reason_for_a_document",
            )
        ]
        indexes = [models.Index(fields=["ip_address"], name="document_access_from")]

    def __str__(self) -> str:
        return f"{self.get_actor_display()}: {self.get_outcome_display()}"
