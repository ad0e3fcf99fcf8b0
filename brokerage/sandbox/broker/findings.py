"""What the checks of a person found: the codes of `kyc_results`, how they are asked for, and what clears them.

A given name asks for codes as a family name asks for an outcome (`accounts`): Identityverification, Watchlisthit,
or several, parted by blanks; case and punctuation do not matter.
"""

import re
from collections.abc import Iterable
from typing import Any

Findings = dict[str, Any]
Change = tuple[str, str]

CODES = (
    "IDENTITY_VERIFICATION", "TAX_IDENTIFICATION", "ADDRESS_VERIFICATION", "DATE_OF_BIRTH",
    "INVALID_IDENTITY_PASSPORT", "SELFIE_VERIFICATION", "PEP", "FAMILY_MEMBER_PEP", "CONTROL_PERSON", "AFFILIATED",
    "VISA_TYPE_OTHER", "W8BEN_CORRECTION", "COUNTRY_NOT_SUPPORTED", "WATCHLIST_HIT", "OTHER", "OTHER_PARTNER",
)  # fmt: skip
BY_NAME = {code.replace("_", "").lower(): code for code in CODES}
MESSAGES = {
    "OTHER": "Please send a letter that explains where the money for this account comes from.",
    "OTHER_PARTNER": "Please call our operations desk about this application.",
}
USUAL = {"ACTION_REQUIRED": ["ADDRESS_VERIFICATION"], "REJECTED": ["IDENTITY_VERIFICATION"]}
PLACES = {"ACTION_REQUIRED": "indeterminate", "APPROVAL_PENDING": "indeterminate", "REJECTED": "reject"}
DISCLOSED = {
    "is_control_person": "CONTROL_PERSON",
    "is_affiliated_exchange_or_finra": "AFFILIATED",
    "is_politically_exposed": "PEP",
    "immediate_family_exposed": "FAMILY_MEMBER_PEP",
}
# Nothing is asked of the customer here; the broker goes on by itself.
NOT_THE_CUSTOMERS = ("COUNTRY_NOT_SUPPORTED", "WATCHLIST_HIT", "OTHER_PARTNER")
NAMES = (("identity", "given_name"), ("identity", "middle_name"), ("identity", "family_name"))
ANSWERS = tuple(("disclosures", name) for name in (*DISCLOSED, "context"))
# Which document, and which corrected field, clears a code. OTHER asks in its own words: any document will do.
CLEARED_BY: dict[str, tuple[tuple[str, ...], tuple[Change, ...]]] = {
    "IDENTITY_VERIFICATION": (("identity_verification",), NAMES),
    "INVALID_IDENTITY_PASSPORT": (("identity_verification",), ()),
    "SELFIE_VERIFICATION": (("identity_verification", "other"), ()),
    "DATE_OF_BIRTH": (("date_of_birth_verification", "identity_verification"), (("identity", "date_of_birth"),)),
    "TAX_IDENTIFICATION": (
        ("tax_id_verification", "social_security_number_verification", "w9"),
        (("identity", "tax_id"), ("identity", "tax_id_type")),
    ),
    "ADDRESS_VERIFICATION": (
        ("address_verification",),
        tuple(("contact", name) for name in ("street_address", "unit", "city", "state", "postal_code", "country")),
    ),
    "PEP": (("pep_declaration_form",), ANSWERS),
    "FAMILY_MEMBER_PEP": (("pep_declaration_form",), ANSWERS),
    "CONTROL_PERSON": (("account_approval_letter", "other"), ANSWERS),
    "AFFILIATED": (("account_approval_letter", "other"), ANSWERS),
    "VISA_TYPE_OTHER": (("identity_verification", "other"), (("identity", "visa_type"),)),
    "W8BEN_CORRECTION": (("w8ben",), ()),
}


def asked_for(given_name: str) -> list[str]:
    """The codes that a given name asks for."""
    written = (re.sub(r"[^a-z0-9]", "", word) for word in given_name.lower().split())
    return [BY_NAME[word] for word in written if word in BY_NAME]


def found(status: str, codes: Iterable[str]) -> Findings | None:
    """What is said along with a status about `codes`, or about the usual one; None where nothing is said."""
    codes = list(codes) or USUAL.get(status, [])
    if not codes or status not in PLACES:
        return None
    text = " ".join(MESSAGES[code] for code in codes if code in MESSAGES)
    return {**_nothing(text), PLACES[status]: {code: {} for code in codes}, "summary": "fail"}


def passed(before: Findings | None) -> Findings:
    """Whatever was open is accepted."""
    known = before or {}
    return {
        **_nothing(""),
        "accept": {**(known.get("accept") or {}), **(known.get("indeterminate") or {})},
        "summary": "pass",
    }


def answered(before: Findings, document: dict[str, Any]) -> Findings:
    """The findings after a second look: what was sent or corrected is accepted, the rest is as open as it was."""
    kinds = {each["document_type"] for each in document["documents"]}
    corrected = {tuple(each) for each in document.get("corrected", [])}
    still_open = before.get("indeterminate") or {}
    cleared: Findings = {code: {} for code in still_open if _is_cleared(code, kinds, corrected)}
    left: Findings = {code: {} for code in still_open if code not in cleared}
    return {**before, "accept": {**(before.get("accept") or {}), **cleared}, "indeterminate": left}


def corrections(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Which of the fields that clear a code a change to an account has changed."""
    fields = {field for _, fields in CLEARED_BY.values() for field in fields}
    return sorted((part, name) for part, name in fields if before[part].get(name) != after[part].get(name))


def _is_cleared(code: str, kinds: set[str], corrected: set[Change]) -> bool:
    if code in NOT_THE_CUSTOMERS:
        return True
    if code not in CLEARED_BY:
        return bool(kinds)
    documents, fields = CLEARED_BY[code]
    return not kinds.isdisjoint(documents) or not corrected.isdisjoint(fields)


def _nothing(text: str) -> Findings:
    return {"accept": {}, "indeterminate": {}, "reject": {}, "additional_information": text}
