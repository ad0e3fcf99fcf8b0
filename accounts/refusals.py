"""What the broker's refusal of an application is about: which page, which field, and in plain words what to do.

Called by views and operations. The broker names one field at a time, the first that is wrong:
https://docs.alpaca.markets/us/docs/data-validations
"""

import re
from dataclasses import dataclass

from accounts import states, steps
from accounts.models import Application

Place = tuple[str, str]  # a page of the application, and a field there (empty: none of them alone)


@dataclass(frozen=True)
class Refused:
    """Where the refused answer can stand, the likeliest place first, and the sentence for the customer."""

    places: tuple[Place, ...]
    sentence: str

    @property
    def slug(self) -> str:
        return self.places[0][0]

    def field_on(self, slug: str) -> str | None:
        """Return the field on that page that it may be about (empty: none alone), or None for another page."""
        return dict(reversed(self.places)).get(slug)


# A word of the broker's message → where its answer can stand. The first word that occurs counts, so longer ones come
# first; no letter may stand beside it (unit is none of "United Kingdom", but one of unit_number). Of whom a given name
# or a city is, the message does not say.
_FIELDS: tuple[tuple[str, tuple[Place, ...]], ...] = (
    ("trusted_contact", (("trusted-contact", "email_address"),)),
    *(
        (word, (("company", word), ("firm", word)))
        for word in (
            "company_compliance_email",
            "company_street_address",
            "company_city",
            "company_state",
            "company_country",
            "company_name",
        )
    ),
    ("context", (("disclosures", ""),)),
    ("email_address", (("name", ""), ("trusted-contact", "email_address"))),
    ("email", (("name", ""),)),
    ("middle_name", (("name", "middle_name"),)),
    ("given_name", (("name", "given_name"), ("family", "given_name"), ("trusted-contact", "given_name"))),
    ("family_name", (("name", "family_name"), ("family", "family_name"), ("trusted-contact", "family_name"))),
    ("phone", (("contact", "phone"), ("trusted-contact", "phone"))),
    ("employer_address", (("work", "employer_address"),)),
    ("employer_name", (("work", "employer_name"),)),
    ("employment_position", (("work", "employment_position"),)),
    ("employment_sector", (("work", "employment_sector"),)),
    ("employment_status", (("work", "employment_status"),)),
    ("employer", (("work", ""),)),
    ("employment", (("work", ""),)),
    ("street", (("address", "street_address"), ("trusted-contact", "street_address"))),
    ("unit", (("address", "unit"),)),
    ("city", (("address", "city"), ("trusted-contact", "city"))),
    ("postal", (("address", "postal_code"), ("trusted-contact", "postal_code"))),
    ("date_of_birth", (("birth", "date_of_birth"),)),
    ("country_of_birth", (("birth", "country_of_birth"),)),
    ("citizenship", (("citizenship", "country_of_citizenship"), ("birth", "residency"))),
    ("permanent_resident", (("birth", "residency"),)),
    ("visa_expiration", (("visa", "visa_expires_on"),)),
    ("visa", (("visa", "visa_type"),)),
    ("date_of_departure", (("visa", "leaves_usa_on"),)),
    ("country_of_tax_residence", (("tax-id", "country_of_tax_residence"),)),
    ("tax_id_type", (("tax-id", "tax_id_type"),)),
    ("tax_id", (("tax-id", "tax_id"),)),
    ("ssn", (("tax-id", "tax_id"),)),
    ("funding_source", (("money", "funding_sources"),)),
    ("income", (("money", "annual_income"),)),
    ("liquid_net_worth", (("money", "liquid_net_worth"),)),
    ("worth", (("money", "total_net_worth"),)),
    ("investment_objective", (("profile", "investment_objective"),)),
    ("investment_time_horizon", (("profile", "investment_time_horizon"),)),
    ("risk_tolerance", (("profile", "risk_tolerance"),)),
    ("liquidity_needs", (("profile", "liquidity_needs"),)),
    ("investment_experience_with_options", (("profile", "experience_with_options"),)),
    ("investment_experience", (("profile", "experience_with_stocks"),)),
    ("marital_status", (("profile", "marital_status"),)),
    ("dependents", (("profile", "number_of_dependents"),)),
    ("control_person", (("disclosures", "is_control_person"),)),
    ("affiliated", (("disclosures", "is_affiliated_exchange_or_finra"),)),
    ("family_exposed", (("disclosures", "immediate_family_exposed"),)),
    ("exposed", (("disclosures", "is_politically_exposed"),)),
    ("agreement", (("agreements", ""),)),
    ("agreements", (("agreements", ""),)),
    ("signed_at", (("agreements", ""),)),
    ("ip_address", (("agreements", ""),)),
    ("state", (("address", "state"), ("trusted-contact", "state"))),
    ("country", (("address", "country"), ("trusted-contact", "country"))),
)
# What the broker says of a field → what the customer reads.
PO_BOX = "p.o. box"
_SENTENCES: tuple[tuple[str, str], ...] = (
    ("was changed", "The text has changed since you agreed. Read it, and agree again."),
    (PO_BOX, "The broker takes no PO box. Enter the street address where you live."),
    ("already exists", "The broker knows this already from another account. Write to us, and we find out why."),
    ("at most", "This is too long for the broker. Shorten it."),
    ("not allowed", "The broker could not read a letter or sign in here. Type it in plain letters."),
    ("start or end with a space", "The broker takes no space at the beginning or the end. Type it again."),
    ("digits", "The broker could not take this number. Check each digit."),
    ("alpha-3", "The broker does not know this country. Choose it again."),
    ("yyyy-mm-dd", "The broker could not read this day. Enter it again."),
    ("required", "The broker needs an answer here."),
)
_OTHERWISE = "The broker could not take this answer. Check it, and change it."


def read(reason: str, application: Application) -> Refused | None:
    """Return what a refusal is about, where it names something that this person was asked."""
    if reason == states.OTHER_IDENTITY:
        return Refused((("name", ""), ("birth", "")), "Check your name and your date of birth.")
    asked = tuple(place for place in places(reason) if _is_asked(place[0], application))
    if not asked:
        return None
    words = reason.lower()
    return Refused(asked, next((sentence for word, sentence in _SENTENCES if word in words), _OTHERWISE))


def places(reason: str) -> tuple[Place, ...]:
    """Return where the answer that a refusal names can stand, the likeliest place first; or nothing."""
    words = reason.lower()
    return next((each for word, each in _FIELDS if re.search(f"(?<![a-z]){word}(?![a-z])", words)), ())


def _is_asked(slug: str, application: Application) -> bool:
    if slug == "trusted-contact":
        return application.names_trusted_contact is True
    return steps.BY_SLUG[slug].applies(application)
