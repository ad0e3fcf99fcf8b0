"""Other people and firms that an applicant names: behind a disclosure, and whom the broker may ask after them."""

import uuid

from django.db import models
from django.utils import timezone

from accounts.models.applications import Application


class DisclosureContext(models.Model):
    """What stands behind one disclosure that is true: a company, a firm, or a person of the close family."""

    class Kind(models.TextChoices):
        """The broker's words."""

        CONTROLLED_FIRM = "CONTROLLED_FIRM", "Public company"
        AFFILIATE_FIRM = "AFFILIATE_FIRM", "Broker, exchange or FINRA"
        IMMEDIATE_FAMILY_EXPOSED = "IMMEDIATE_FAMILY_EXPOSED", "Family member in public office"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="contexts")
    kind = models.CharField(max_length=30, choices=Kind)
    company_name = models.CharField(max_length=100, blank=True)
    company_street_address = models.CharField(max_length=100, blank=True)
    company_city = models.CharField(max_length=50, blank=True)
    company_state = models.CharField(max_length=50, blank=True)
    company_country = models.CharField(max_length=3, blank=True)
    company_compliance_email = models.CharField(max_length=100, blank=True)
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    saved_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "kind"], name="one_context_per_disclosure")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of application {self.application_id}"


class TrustedContact(models.Model):
    """Whom the broker may ask after the customer, and who has no power over the account. FINRA rule 4512."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="trusted_contact")
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    email_address = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=20, blank=True)  # E.164
    street_address = models.CharField(max_length=100, blank=True)
    city = models.CharField(max_length=50, blank=True)
    state = models.CharField(max_length=50, blank=True)
    postal_code = models.CharField(max_length=12, blank=True)
    country = models.CharField(max_length=3, blank=True)
    saved_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(email_address="", phone="", street_address=""),
                name="trusted_contact_can_be_reached",
            )
        ]

    def __str__(self) -> str:
        return f"Trusted contact of application {self.application_id}"
