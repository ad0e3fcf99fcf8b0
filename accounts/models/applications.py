"""What a person answers to get a brokerage account, and what becomes of it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts import states
from accounts.models import choices
from brokerage.append_only import AppendOnly
from brokerage.encryption import EncryptedTextField
from brokerage.status import StatusChange, move


class Application(models.Model):
    """What one person submits to get a brokerage account, from the first answer on. See states.py for `status`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="application")
    status = models.CharField(max_length=20, default=states.DRAFT, editable=False)

    # Who, and where.
    given_name = models.CharField("first name", max_length=100, blank=True)
    middle_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField("last name", max_length=100, blank=True)
    phone = models.CharField("phone number", max_length=20, blank=True)  # E.164
    street_address = models.CharField(max_length=100, blank=True)
    street_address_2 = models.CharField("second line of the street address", max_length=100, blank=True)
    unit = models.CharField("apartment or unit", max_length=20, blank=True)
    city = models.CharField(max_length=50, blank=True)
    state = models.CharField(max_length=50, blank=True)  # two letters in the United States
    postal_code = models.CharField("ZIP code", max_length=12, blank=True)
    country = models.CharField(max_length=3, default="USA")  # ISO 3166-1 alpha-3, as all countries here

    # Birth, residency, tax.
    date_of_birth = EncryptedTextField(blank=True, default="")  # YYYY-MM-DD
    country_of_birth = models.CharField(max_length=3, blank=True)
    residency = models.CharField(max_length=20, choices=choices.Residency, blank=True)
    country_of_citizenship = models.CharField(max_length=3, blank=True)  # of who is no US citizen
    visa_type = models.CharField(max_length=5, choices=choices.VisaType, blank=True)
    visa_expires_on = models.DateField(null=True, blank=True)
    leaves_usa_on = models.DateField("leaves the United States on", null=True, blank=True)
    country_of_tax_residence = models.CharField(max_length=3, default="USA")
    tax_id_type = models.CharField(max_length=20, default="USA_SSN")  # the broker's word
    tax_id = EncryptedTextField("tax id", blank=True, default="")  # dropped once the broker has it
    tax_id_last4 = models.CharField(max_length=4, blank=True, editable=False)
    # A keyed hash: one person, one application. Null, not empty, while unanswered, since it is unique.
    tax_id_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001

    # Work and money.
    employment_status = models.CharField(max_length=20, choices=choices.EmploymentStatus, blank=True)
    employment_sector = models.CharField(max_length=30, choices=choices.EmploymentSector, blank=True)
    employer_name = models.CharField("employer", max_length=100, blank=True)
    employer_address = models.CharField(max_length=100, blank=True)
    employment_position = models.CharField("job title", max_length=100, blank=True)
    funding_sources = models.JSONField(default=list, blank=True)
    annual_income = models.CharField(max_length=20, choices=choices.MoneyRange, blank=True)
    liquid_net_worth = models.CharField(max_length=20, choices=choices.MoneyRange, blank=True)
    total_net_worth = models.CharField(max_length=20, choices=choices.MoneyRange, blank=True)

    # How they mean to invest.
    investment_objective = models.CharField(max_length=40, choices=choices.Objective, blank=True)
    investment_time_horizon = models.CharField(max_length=20, choices=choices.Horizon, blank=True)
    risk_tolerance = models.CharField(max_length=20, choices=choices.RiskTolerance, blank=True)
    liquidity_needs = models.CharField(max_length=20, choices=choices.Liquidity, blank=True)
    experience_with_stocks = models.CharField(max_length=20, choices=choices.Experience, blank=True)
    experience_with_options = models.CharField(max_length=20, choices=choices.Experience, blank=True)
    marital_status = models.CharField(max_length=10, choices=choices.MaritalStatus, blank=True)
    number_of_dependents = models.PositiveSmallIntegerField(null=True, blank=True)

    # Three answers each: yes, no, and not answered (null), which is not "no".
    is_control_person = models.BooleanField(null=True)
    is_affiliated_exchange_or_finra = models.BooleanField(null=True)
    is_politically_exposed = models.BooleanField(null=True)
    immediate_family_exposed = models.BooleanField(null=True)
    names_trusted_contact = models.BooleanField(null=True)

    # The notice that the law wants shown before anybody is asked who they are: the text that was, and when.
    identity_notice = models.ForeignKey(
        "AgreementText", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    identity_notice_at = models.DateTimeField(null=True, editable=False)

    # When each page was last saved (slug → ISO time), so that a page left open elsewhere overwrites nothing unseen.
    page_saves = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    saved_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)  # when the customer chose to send it
    status_at = models.DateTimeField(default=timezone.now, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    next_at = models.DateTimeField(null=True, editable=False)  # nobody sends it, or looks it up, before this
    refusal = models.CharField(max_length=500, blank=True, editable=False)  # the broker's prose, for ops
    purged_at = models.DateTimeField(null=True, editable=False)  # when its answers were emptied, see retention

    class Meta:
        indexes = [
            models.Index(
                fields=["status_at"],
                name="application_waiting",
                condition=models.Q(status__in=[states.READY, states.SENDING, states.UNKNOWN]),
            ),
            models.Index(fields=["-created_at", "-id"], name="application_newest"),
            # By which the desk finds a person.
            models.Index(Lower("family_name"), name="application_of_family_name"),
            models.Index(Lower("given_name"), name="application_of_given_name"),
            models.Index(fields=["tax_id_last4"], name="application_of_last_four"),
            models.Index(fields=["saved_at"], name="application_draft", condition=models.Q(status=states.DRAFT)),
            models.Index(fields=["status_at"], name="application_refused", condition=models.Q(status=states.REFUSED)),
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
    def tax_id_mask(self) -> str:
        """Return the tax id by its last four digits, as people and pages may see it; nothing where there is none."""
        if not self.tax_id_last4:
            return ""
        hidden = "•••-••-" if self.tax_id_type.startswith("USA_") else "•••• "
        return f"{hidden}{self.tax_id_last4}"

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def is_purged(self) -> bool:
        """Say whether its answers were emptied, and nobody has begun anew since."""
        return self.purged_at is not None and self.saved_at is None

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

    append_only = AppendOnly(may_empty={"evidence": {}})
