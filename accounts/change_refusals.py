"""The broker's refusal of a change, in plain words, and the field it is about.

Called by pages and notices. The broker names one field at a time, at the beginning of its sentence or within it; its
prose itself never reaches a page.
"""

from accounts.models import DetailsChange

Kind = DetailsChange.Kind

_ELSEWHERE = "The broker does not take this as it is. Check each answer, or write to us."
_EMAIL_EXISTS = "The broker keeps this e-mail address for another account. Use another one, or write to us."

# The broker's names (the first that its sentence holds counts): our field, and what to do.
_FIELDS: tuple[tuple[str, str, str], ...] = (
    ("email_address already exists", "email", _EMAIL_EXISTS),
    ("email already exists", "email", _EMAIL_EXISTS),
    ("email address already exists", "email", _EMAIL_EXISTS),
    ("email_address", "email_address", "The broker does not take this e-mail address. Check it."),
    ("phone_number", "phone", "The broker does not take this phone number. Check it."),
    ("p.o. box", "street_address", "The broker takes no PO boxes. Enter the street address where you live."),
    ("company_", "contexts", "The broker does not take what you say about the company. Check each line of it."),
    ("context", "contexts", "The broker wants to know more about what you answered with yes."),
    ("street_address", "street_address", "The broker does not take this street address. Check it."),
    ("unit", "unit", "The broker does not take this apartment or unit. Check it."),
    ("postal_code", "postal_code", "The broker does not take this ZIP code. Check it."),
    ("city", "city", "The broker does not take this city. Check it."),
    ("state", "state", "The broker does not take this state. Check it."),
    ("employer_name", "employer_name", "The broker does not take this name of an employer. Check it."),
    ("employer_address", "employer_address", "The broker does not take this address of an employer. Check it."),
    ("employment_position", "employment_position", "The broker does not take this job title. Check it."),
    ("employment_sector", "employment_sector", "The broker does not take this kind of business. Choose another one."),
    ("given_name", "given_name", "The broker does not take this first name. Check it."),
    ("family_name", "family_name", "The broker does not take this last name. Check it."),
)


def of(change: DetailsChange) -> tuple[str, str]:
    """Return the field (empty where none is named) and the sentence for the customer."""
    prose = change.refusal.casefold()
    if change.kind == Kind.EMAIL and change.refusal_status == 409:
        return "email", _EMAIL_EXISTS
    for words, field, sentence in _FIELDS:
        if words in prose:
            return ("email" if change.kind == Kind.EMAIL else field), sentence
    return "", _ELSEWHERE
