"""What a person answers and signs to get a brokerage account, and what becomes of it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts import states
from brokerage.encryption import EncryptedTextField
from brokerage.status import StatusChange, move


class EmploymentStatus(models.TextChoices):
    EMPLOYED = "employed", "Employed"
    UNEMPLOYED = "unemployed", "Not employed"
    STUDENT = "student", "Student"
    RETIRED = "retired", "Retired"


class FundingSource(models.TextChoices):
    EMPLOYMENT_INCOME = "employment_income", "Pay from work"
    SAVINGS = "savings", "Savings"
    INVESTMENTS = "investments", "Investments"
    BUSINESS_INCOME = "business_income", "A business I own"
    INHERITANCE = "inheritance", "Inheritance"
    FAMILY = "family", "Family"


class MoneyRange(models.TextChoices):
    """Dollars from–to, as the broker wants them: two whole numbers."""

    UNDER_25 = "0-24999", "Under $25,000"
    TO_50 = "25000-49999", "$25,000 to $49,999"
    TO_75 = "50000-74999", "$50,000 to $74,999"
    TO_100 = "75000-99999", "$75,000 to $99,999"
    TO_200 = "100000-199999", "$100,000 to $199,999"
    TO_500 = "200000-499999", "$200,000 to $499,999"
    OVER_500 = "500000-9999999", "$500,000 or more"


class Residency(models.TextChoices):
    CITIZEN = "citizen", "I am a US citizen"
    PERMANENT_RESIDENT = "permanent_resident", "I am a US permanent resident (green card)"


class Application(models.Model):
    """What one person submits to get a brokerage account, from the first answer on. See states.py for `status`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="application")
    status = models.CharField(max_length=20, default=states.DRAFT, editable=False)

    given_name = models.CharField("first name", max_length=100, blank=True)
    family_name = models.CharField("last name", max_length=100, blank=True)
    phone = models.CharField("phone number", max_length=20, blank=True)
    street_address = models.CharField(max_length=100, blank=True)
    unit = models.CharField("apartment or unit", max_length=20, blank=True)
    city = models.CharField(max_length=50, blank=True)
    state = models.CharField(max_length=2, blank=True)
    postal_code = models.CharField("ZIP code", max_length=10, blank=True)
    date_of_birth = EncryptedTextField(blank=True, default="")  # YYYY-MM-DD
    residency = models.CharField(max_length=20, choices=Residency, blank=True)
    tax_id = EncryptedTextField("Social Security number", blank=True, default="")  # dropped once the broker has it
    tax_id_last4 = models.CharField(max_length=4, blank=True, editable=False)
    # A keyed hash: one person, one application. Null, not empty, while unanswered, since it is unique.
    tax_id_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001
    employment_status = models.CharField(max_length=20, choices=EmploymentStatus, blank=True)
    employer_name = models.CharField("employer", max_length=100, blank=True)
    employment_position = models.CharField("job title", max_length=100, blank=True)
    funding_sources = models.JSONField(default=list, blank=True)
    annual_income = models.CharField(max_length=20, choices=MoneyRange, blank=True)
    liquid_net_worth = models.CharField(max_length=20, choices=MoneyRange, blank=True)
    # Three answers: yes, no, and not answered (null), which is not "no".
    is_control_person = models.BooleanField(null=True)
    is_affiliated_exchange_or_finra = models.BooleanField(null=True)
    is_politically_exposed = models.BooleanField(null=True)
    immediate_family_exposed = models.BooleanField(null=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    saved_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)  # when the customer chose to send it
    status_at = models.DateTimeField(default=timezone.now, editable=False)
    refusal = models.CharField(max_length=500, blank=True, editable=False)  # the broker's prose, for ops

    class Meta:
        indexes = [
            models.Index(
                fields=["status_at"],
                name="application_waiting",
                condition=models.Q(status__in=[states.READY, states.SENDING, states.UNKNOWN]),
            )
        ]

    def __str__(self) -> str:
        return f"Application {self.short_reference}"

    @property
    def short_reference(self) -> str:
        return str(self.pk)[:8]

    @property
    def editable(self) -> bool:
        """Say whether the customer may still change an answer."""
        return self.status in (states.DRAFT, states.REFUSED)

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    def move(
        self, to: str, *, actor: str, because: str = "", evidence: dict[str, Any] | None = None, **also: Any
    ) -> None:
        """Move to another status. Raises IllegalMove, LostRace."""
        also["status_at"] = timezone.now()
        move(
            self,
            field="status",
            to=to,
            moves=states.APPLICATION_MOVES,
            actor=actor,
            because=because,
            evidence=evidence,
            also=also,
        )


class ApplicationEvent(StatusChange):
    """One change of an application's status."""

    row = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="events")


class AgreementSignature(models.Model):
    """That a person agreed to one revision of one agreement: when, and from which address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="signatures")
    agreement = models.CharField(max_length=40)
    revision = models.CharField(max_length=20)
    signed_at = models.DateTimeField(default=timezone.now, editable=False)
    ip_address = models.GenericIPAddressField()
    user_agent = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "agreement", "revision"], name="one_signature_per_agreement_revision"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agreement}, revision {self.revision}"
