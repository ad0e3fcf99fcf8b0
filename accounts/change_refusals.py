"""The broker's refusal of a change, in plain words, and the field it is about.

Called by pages and notices. What a word of the broker's means is told by refusals; its prose never reaches a page.
"""

from accounts import refusals
from accounts.models import DetailsChange

Kind = DetailsChange.Kind

# The pages of the application that ask for the same, and what the fields of the change's form begin with there. Of
# which of two companies the broker speaks, it does not say.
_PAGES: dict[str, dict[str, str]] = {
    Kind.CONTACT: {"contact": "", "address": ""},
    Kind.WORK: {"work": ""},
    Kind.TRUSTED_CONTACT: {"trusted-contact": ""},
    Kind.DISCLOSURES: {"disclosures": "", "company": "", "firm": "", "family": "immediate_family_exposed-"},
}
_CALLED = {
    "phone": "phone number",
    "street_address": "street address",
    "unit": "apartment or unit",
    "city": "city",
    "state": "state or region",
    "postal_code": "ZIP or postal code",
    "country": "country",
    "email_address": "e-mail address",
    "given_name": "first name",
    "family_name": "last name",
    "employment_status": "answer about work",
    "employer_name": "name of an employer",
    "employer_address": "address of an employer",
    "employment_position": "job title",
    "employment_sector": "kind of work",
}
_PO_BOX = "The broker takes no PO boxes. Enter a street address."
_COMPANY = "The broker does not take what you say about the company. Check each line of it."
_CONTEXT = "The broker wants to know more about what you answered with yes."
_ELSEWHERE = "The broker does not take this as it is. Check each answer, or write to us."


def of(change: DetailsChange) -> tuple[str, str]:
    """Return the field (empty where none is named) and the sentence for the customer."""
    pages = _PAGES[change.kind]
    slug, field = next((place for place in refusals.places(change.refusal) if place[0] in pages), ("", ""))
    if slug == "company":
        return "", _COMPANY
    if slug == "disclosures" and not field:
        return "", _CONTEXT
    if field not in _CALLED:
        return field, _ELSEWHERE
    is_box = refusals.PO_BOX in change.refusal.lower()
    return f"{pages[slug]}{field}", _PO_BOX if is_box else f"The broker does not take this {_CALLED[field]}. Check it."
