"""What pages say of a kind of details: its lines, what a change of it means, and how one that was made stands.

Called by views; the broker's own words never reach a page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts import change_notices, change_refusals, kept_details, states
from accounts.models import DetailsChange, DisclosureContext, EmploymentStatus
from accounts.models.changes import Values
from accounts.models.choices import EmploymentSector
from accounts.rules import countries, phones

Kind = DetailsChange.Kind
Lines = dict[str, str]  # label: what stands there

NOTHING = "None"
_REVIEW = "the broker may review it, usually within two business days. Deposits and withdrawals wait until it is done."


@dataclass(frozen=True)
class Words:
    """What a page says of one kind before anything is typed."""

    slug: str
    title: str
    heading: str
    means: str  # what a change of it leads to
    button: str


WORDS: dict[str, Words] = {
    Kind.CONTACT: Words(
        "contact",
        "Contact details",
        "Change your phone number or home address",
        f"A new phone number is taken over at once. If you change the address, {_REVIEW}",
        "Change my contact details",
    ),
    Kind.WORK: Words(
        "work",
        "Work",
        "Change what you do for work",
        f"If you change the employer or the job title, {_REVIEW}",
        "Change my details about work",
    ),
    Kind.TRUSTED_CONTACT: Words(
        "trusted-contact",
        "Trusted contact",
        "Name someone the broker may ask",
        "If the broker can’t reach you, or is worried about you, it may ask this person. They can’t see or move "
        "anything. Transfers go on as they are. A trusted contact can be replaced by another one; the broker has no "
        "way to remove one.",
        "Change my trusted contact",
    ),
    Kind.DISCLOSURES: Words(
        "disclosures",
        "Disclosures",
        "Change what you disclose",
        f"The law has every brokerage ask this. If an answer becomes yes, {_REVIEW}",
        "Change my disclosures",
    ),
}
BY_SLUG = {words.slug: str(kind) for kind, words in WORDS.items()}


def lines(kind: str, values: Values) -> Lines:
    """Return what values of one kind read as."""
    if not values:
        return {"Trusted contact": ""}
    return _READ[kind](values)


def _contact(values: Values) -> Lines:
    return {"Phone": phones.national(values["phone"]), "Home address": _address(values, values["unit"])}


def _address(values: Values, unit: str = "") -> str:
    street = ", ".join(part for part in (values["street_address"], values.get("street_address_2"), unit) if part)
    town = f"{values['city']}, {values['state']} {values['postal_code']}".strip(" ,")
    country = values["country"] if values["country"] not in ("", "USA") else ""
    return "\n".join(part for part in (street, town, country and countries.name_of(country)) if part)


def _work(values: Values) -> Lines:
    return {
        "At present": _label(EmploymentStatus, values["employment_status"]),
        "Employer": values["employer_name"],
        "Address of the employer": values["employer_address"],
        "Job title": values["employment_position"],
        "Kind of work": _label(EmploymentSector, values["employment_sector"]),
    }


def _label(choices: Any, value: str) -> str:
    return str(dict(choices.choices).get(value, value))


def _trusted_contact(values: Values) -> Lines:
    return {
        "Name": f"{values['given_name']} {values['family_name']}",
        "E-mail": values["email_address"],
        "Phone": phones.national(values["phone"]) if values["phone"] else "",
        "Address": _address(values),
    }


_ASKED = {
    "is_control_person": "Officer or 10% owner of a public company",
    "is_affiliated_exchange_or_finra": "Works for a broker, an exchange or FINRA",
    "is_politically_exposed": "Public office",
    "immediate_family_exposed": "Public office in the close family",
}


def _disclosures(values: Values) -> Lines:
    answers = {label: {True: "Yes", False: "No"}.get(values[name], "") for name, label in _ASKED.items()}
    behind = {_label(DisclosureContext.Kind, kind): _context(each) for kind, each in sorted(values["contexts"].items())}
    return answers | behind


def _context(values: dict[str, str]) -> str:
    if "given_name" in values:
        return f"{values['given_name']} {values['family_name']}"
    town = " ".join(values[name] for name in ("company_city", "company_state") if values[name])
    country = countries.name_of(values["company_country"])
    rest = (values["company_street_address"], town, country, values["company_compliance_email"])
    return "\n".join(part for part in (values["company_name"], *rest) if part)


_READ: dict[str, Callable[[Values], Lines]] = {
    Kind.CONTACT: _contact,
    Kind.WORK: _work,
    Kind.TRUSTED_CONTACT: _trusted_contact,
    Kind.DISCLOSURES: _disclosures,
}


def differences(kind: str, before: Values, after: Values) -> list[dict[str, str]]:
    """Return the lines that a change changes: label, what stands there now, what will."""
    old, new = lines(kind, before), lines(kind, after)
    labels = [label for label in dict.fromkeys([*old, *new]) if old.get(label, "") != new.get(label, "")]
    return [{"label": label, "old": old.get(label) or NOTHING, "new": new.get(label) or NOTHING} for label in labels]


def can_review(kind: str, before: Values, after: Values) -> bool:
    """Say whether a change may put the account under review, by what the broker says it looks at."""
    if kind == Kind.CONTACT:
        return any(before[name] != after[name] for name in kept_details.ADDRESS)
    if kind == Kind.WORK:
        looked_at = ("employer_name", "employer_address", "employment_position")
        return any(before[name] != after[name] for name in looked_at)
    if kind == Kind.DISCLOSURES:
        return any(after[name] and not before[name] for name in kept_details.DISCLOSURES)
    return False


@dataclass(frozen=True)
class Standing:
    """How the latest change of a kind stands, while that is worth saying."""

    tone: str
    icon: str
    word: str
    text: str
    can_be_called_off: bool = False


_CONFIRMING = "We are confirming this with the broker. You don’t need to do anything; please don’t send it again."
_WAITING = "The broker can’t be reached right now. We send it as soon as it can be; until then you can call it off."


def standing(change: DetailsChange | None) -> Standing | None:
    """Return what is said of a change beside the details that it is about; of one that went well, nothing."""
    if change is None or change.status in (states.ACCEPTED, states.WITHDRAWN):
        return None
    if change.status == states.REFUSED:
        _, why = change_refusals.of(change)
        name = change_notices.NAMES[Kind(change.kind)]
        return Standing("danger", "stop", "Not changed", f"The broker said no to the change of your {name}. {why}")
    if change.can_be_called_off and change.tries:
        return Standing("busy", "clock", "Waiting", _WAITING, can_be_called_off=True)
    return Standing("unknown", "unknown", "Confirming", _CONFIRMING, can_be_called_off=change.can_be_called_off)
