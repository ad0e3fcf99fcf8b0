"""The pages of an application, in order: what each asks and why.

Called by views and forms. A step is answered when every field that it must have holds something.
"""

from dataclasses import dataclass

from accounts.models import Application, EmploymentStatus


@dataclass(frozen=True)
class Step:
    """One page. `fields` are the columns of Application that it fills; `optional` ones may stay empty."""

    number: int
    slug: str
    title: str
    question: str
    why: str
    fields: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def previous(self) -> "Step | None":
        return STEPS[self.number - 2] if self.number > 1 else None

    @property
    def next(self) -> "Step":
        return STEPS[min(self.number, len(STEPS) - 1)]

    def is_answered(self, application: Application) -> bool:
        """Say whether the application holds what this page asks for."""
        if self.slug == "agreements":
            return application.signatures.exists()
        if self.slug == "tax-id":
            return bool(application.tax_id_last4)
        needed = [name for name in self.fields if name not in self.optional]
        if self.slug == "work" and application.employment_status == EmploymentStatus.EMPLOYED:
            needed = list(self.fields)
        return all(getattr(application, name) not in ("", None, []) for name in needed)


def _step(
    number: int, slug: str, title: str, question: str, why: str, *fields: str, optional: tuple[str, ...] = ()
) -> Step:
    return Step(number, slug, title, question, why, fields, optional)


STEPS: tuple[Step, ...] = (
    _step(
        1,
        "name",
        "your name",
        "What is your name?",
        "As it stands on your passport or driver’s license. The broker compares it with public records.",
        "given_name",
        "family_name",
    ),
    _step(
        2,
        "contact",
        "contact details",
        "How can the broker reach you?",
        "A US number where they can call you, should a check need it. It is not used for advertising.",
        "phone",
    ),
    _step(
        3,
        "address",
        "home address",
        "Where do you live?",
        "The law asks every brokerage for a home address. The broker compares it with public records.",
        "street_address",
        "unit",
        "city",
        "state",
        "postal_code",
        optional=("unit",),
    ),
    _step(
        4,
        "birth",
        "birth and residency",
        "When were you born?",
        "You must be 18 or older, and a citizen or permanent resident of the United States.",
        "date_of_birth",
        "residency",
    ),
    _step(
        5,
        "tax-id",
        "Social Security number",
        "What is your Social Security number?",
        "The law asks every brokerage for it. It is kept encrypted until the broker has it, and then dropped.",
        "tax_id",
    ),
    _step(
        6,
        "work",
        "work",
        "What do you do for work?",
        "Regulators want the broker to know its customers. Leave the last two empty if you are not employed.",
        "employment_status",
        "employer_name",
        "employment_position",
        optional=("employer_name", "employment_position"),
    ),
    _step(
        7,
        "money",
        "money",
        "Where does the money you invest come from?",
        "The law asks the broker to know this. Rough ranges are enough.",
        "funding_sources",
        "annual_income",
        "liquid_net_worth",
    ),
    _step(
        8,
        "disclosures",
        "disclosures",
        "Does any of this apply to you?",
        "A “yes” doesn’t stop your application; the broker may ask for details.",
        "is_control_person",
        "is_affiliated_exchange_or_finra",
        "is_politically_exposed",
        "immediate_family_exposed",
    ),
    _step(
        9,
        "agreements",
        "agreements",
        "Read and agree",
        "We record when you agree, and from which address, because the broker must be able to show it.",
    ),
    _step(
        10,
        "check",
        "check and send",
        "Check your answers",
        "This is what we send to the broker. Nothing is sent until you choose “Send my application”.",
    ),
)
QUESTIONS = STEPS[:-1]
BY_SLUG = {step.slug: step for step in QUESTIONS}
CHECK = STEPS[-1]

# The field that the broker names in a refusal, and the page where it is answered.
_REFUSED_WORDS = {
    "email": "name",
    "given_name": "name",
    "family_name": "name",
    "phone": "contact",
    "street": "address",
    "unit": "address",
    "city": "address",
    "state": "address",
    "postal": "address",
    "date_of_birth": "birth",
    "citizenship": "birth",
    "permanent_resident": "birth",
    "tax_id": "tax-id",
    "ssn": "tax-id",
    "employ": "work",
    "funding_source": "money",
    "income": "money",
    "worth": "money",
    "control_person": "disclosures",
    "affiliated": "disclosures",
    "exposed": "disclosures",
    "agreement": "agreements",
}


def unanswered(application: Application) -> list[Step]:
    """Return the pages that still lack an answer, in order."""
    return [step for step in QUESTIONS if not step.is_answered(application)]


def refused_step(reason: str) -> Step | None:
    """Return the page that the broker's refusal is about, where it names a field that we ask for."""
    words = reason.lower()
    slug = next((slug for word, slug in _REFUSED_WORDS.items() if word in words), None)
    return BY_SLUG[slug] if slug else None
