"""The pages of an application, in order: what each asks, why, and of whom.

Called by views and forms. A page is answered when every field that it must have holds something.
"""

from collections.abc import Callable
from dataclasses import dataclass

from accounts import agreements
from accounts.models import Application, DisclosureContext, EmploymentStatus, Residency
from accounts.models.choices import VISITORS

Kind = DisclosureContext.Kind


def _of_everybody(application: Application) -> bool:
    return True


@dataclass(frozen=True)
class Step:
    """One page. `fields` are the columns of Application that it fills; `optional` ones may stay empty."""

    slug: str
    title: str
    question: str
    why: str
    fields: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    applies: Callable[[Application], bool] = _of_everybody
    context: str = ""  # the kind of DisclosureContext that it fills instead

    def is_answered(self, application: Application) -> bool:
        """Say whether the application holds what this page asks for."""
        if self.context:
            return any(each.kind == self.context for each in application.contexts.all())
        special = _ANSWERED.get(self.slug)
        needed = [name for name in self.fields if name not in self.optional]
        filled = all(getattr(application, name) not in ("", None, []) for name in needed)
        return filled and (special is None or special(application))


def _has_read_notice(application: Application) -> bool:
    return application.identity_notice_id is not None


def _has_place_in_usa(application: Application) -> bool:
    return application.country != "USA" or bool(application.state and application.postal_code)


def _has_employer(application: Application) -> bool:
    employed = application.employment_status == EmploymentStatus.EMPLOYED
    return not employed or bool(application.employer_name and application.employment_position)


def _leaves_if_visitor(application: Application) -> bool:
    return application.visa_type not in VISITORS or application.leaves_usa_on is not None


def _has_tax_id(application: Application) -> bool:
    return bool(application.tax_id_last4)


def _names_somebody(application: Application) -> bool:
    return application.names_trusted_contact is False or hasattr(application, "trusted_contact")


def _has_signed(application: Application) -> bool:
    signed = {each.text_id for each in application.signatures.all()}
    return all(text.digest in signed for text in agreements.required())


# What a page needs beyond its columns being filled.
_ANSWERED: dict[str, Callable[[Application], bool]] = {
    "name": _has_read_notice,
    "address": _has_place_in_usa,
    "visa": _leaves_if_visitor,
    "tax-id": _has_tax_id,
    "work": _has_employer,
    "trusted-contact": _names_somebody,
    "agreements": _has_signed,
}


def _is_no_citizen(application: Application) -> bool:
    return application.residency not in ("", Residency.CITIZEN)


def _is_on_visa(application: Application) -> bool:
    return application.residency == Residency.VISA


def _controls_company(application: Application) -> bool:
    return application.is_control_person is True


def _works_at_firm(application: Application) -> bool:
    return application.is_affiliated_exchange_or_finra is True


def _has_exposed_family(application: Application) -> bool:
    return application.immediate_family_exposed is True


QUESTIONS: tuple[Step, ...] = (
    Step(
        "name",
        "your name",
        "What is your name?",
        "As it stands on your passport or driver’s license. The broker compares it with public records.",
        ("given_name", "middle_name", "family_name"),
        optional=("middle_name",),
    ),
    Step(
        "contact",
        "contact details",
        "How can the broker reach you?",
        "A number where they can call you, should a check need it. It is not used for advertising.",
        ("phone",),
    ),
    Step(
        "address",
        "home address",
        "Where do you live?",
        "The law asks every brokerage for a home address. The broker compares it with public records.",
        ("country", "street_address", "street_address_2", "unit", "city", "state", "postal_code"),
        optional=("street_address_2", "unit", "state", "postal_code"),
    ),
    Step(
        "birth",
        "birth and residency",
        "When and where were you born?",
        "You must be 18 or older. The law asks every brokerage for your date of birth and your residency.",
        ("date_of_birth", "country_of_birth", "residency"),
    ),
    Step(
        "citizenship",
        "citizenship",
        "Of which country are you a citizen?",
        "The broker has to know the citizenship of everybody who is no US citizen.",
        ("country_of_citizenship",),
        applies=_is_no_citizen,
    ),
    Step(
        "visa",
        "visa",
        "Which visa do you hold?",
        "The broker has to know until when you may stay, and may ask for a copy.",
        ("visa_type", "visa_expires_on", "leaves_usa_on"),
        optional=("leaves_usa_on",),
        applies=_is_on_visa,
    ),
    Step(
        "tax-id",
        "tax number",
        "What is your tax number?",
        "The law asks every brokerage for it. It is kept encrypted until the broker has it, and then dropped.",
        ("tax_id_type", "country_of_tax_residence", "tax_id"),
        optional=("tax_id",),
    ),
    Step(
        "work",
        "work",
        "What do you do for work?",
        "Regulators want the broker to know its customers. If you are not employed, choose that and go on.",
        ("employment_status", "employer_name", "employment_position", "employment_sector", "employer_address"),
        optional=("employer_name", "employment_position", "employment_sector", "employer_address"),
    ),
    Step(
        "money",
        "money",
        "Where does the money you invest come from?",
        "The law asks the broker to know this. Rough ranges are enough.",
        ("funding_sources", "annual_income", "liquid_net_worth", "total_net_worth"),
    ),
    Step(
        "profile",
        "how you invest",
        "How do you want to invest?",
        "The broker has to know what suits you. Your answers don’t decide whether you get an account.",
        (
            "investment_objective",
            "investment_time_horizon",
            "risk_tolerance",
            "liquidity_needs",
            "experience_with_stocks",
            "experience_with_options",
            "marital_status",
            "number_of_dependents",
        ),
        optional=("marital_status", "number_of_dependents"),
    ),
    Step(
        "disclosures",
        "disclosures",
        "Does any of this apply to you?",
        "A “yes” doesn’t stop your application; the broker looks at it more closely.",
        (
            "is_control_person",
            "is_affiliated_exchange_or_finra",
            "is_politically_exposed",
            "immediate_family_exposed",
        ),
    ),
    Step(
        "company",
        "the public company",
        "Which public company is it?",
        "The one you are an officer of, or own 10% or more of. The broker watches trades in its shares.",
        applies=_controls_company,
        context=Kind.CONTROLLED_FIRM,
    ),
    Step(
        "firm",
        "the broker or exchange",
        "Which broker or exchange do you work for?",
        "FINRA rule 3210 lets your employer see your account there. The broker may have to ask them first.",
        applies=_works_at_firm,
        context=Kind.AFFILIATE_FIRM,
    ),
    Step(
        "family",
        "the family member",
        "Who in your family holds a public office?",
        "The broker has to know who it is. It does not contact them.",
        applies=_has_exposed_family,
        context=Kind.IMMEDIATE_FAMILY_EXPOSED,
    ),
    Step(
        "trusted-contact",
        "trusted contact",
        "Whom may the broker call if it can’t reach you?",
        "Someone you trust, 18 or older. They can’t see your account or move money; the broker may ask them whether "
        "you are well, or how to reach you.",
        ("names_trusted_contact",),
    ),
    Step(
        "agreements",
        "agreements",
        "Read and agree",
        "We record when you agree, from which address, and to which words: the broker must be able to show it.",
    ),
)
CHECK = Step(
    "check",
    "check and send",
    "Check your answers",
    "This is what we send to the broker. Nothing is sent until you choose “Send my application”.",
)
BY_SLUG = {step.slug: step for step in QUESTIONS}


def of(application: Application) -> list[Step]:
    """Return the pages that this person sees, in order, the check at the end; answers add pages and take them away."""
    return [*(step for step in QUESTIONS if step.applies(application)), CHECK]


def unanswered(application: Application) -> list[Step]:
    """Return the pages that still lack an answer, in order."""
    return [step for step in of(application)[:-1] if not step.is_answered(application)]


def before(step: Step, application: Application) -> Step | None:
    """Return the page before this one, or None at the first."""
    pages = of(application)
    place = pages.index(step) if step in pages else 0
    return pages[place - 1] if place else None


def after(step: Step, application: Application) -> Step:
    """Return the page that follows this one."""
    pages = of(application)
    return pages[min(pages.index(step) + 1, len(pages) - 1)] if step in pages else CHECK
