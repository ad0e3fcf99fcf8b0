"""Which documents a customer may send: what each code of the broker's findings asks for, and what would do.

Pure data and one question; used by views, forms and operations. The codes and what clears them:
https://docs.alpaca.markets/us/docs/accounts-statuses
"""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.models import BrokerageAccount


@dataclass(frozen=True)
class Paper:
    """One document that would do: the broker's two words for it, and ours."""

    kind: str
    sub_kind: str
    label: str

    @property
    def key(self) -> str:
        return self.sub_kind or self.kind


@dataclass(frozen=True)
class Asked:
    """One thing that the broker asks to see; `code` is its finding, or empty for what has none."""

    code: str
    slug: str
    title: str
    text: str
    papers: tuple[Paper, ...]

    def paper(self, key: str) -> Paper:
        """Return the one that was chosen. Raises KeyError."""
        return {paper.key: paper for paper in self.papers}[key]


_ID, _ADDRESS, _BIRTH, _TAX = (
    "identity_verification",
    "address_verification",
    "date_of_birth_verification",
    "tax_id_verification",
)
_PHOTO_IDS = (
    Paper(_ID, "passport", "Passport: the page with your photo"),
    Paper(_ID, "drivers_license", "Driver’s license: the front"),
    Paper(_ID, "id_card", "State or national ID card: the front"),
)
_ADDRESS_PROOFS = (
    Paper(_ADDRESS, "utility_bill", "Utility bill of the last three months"),
    Paper(_ADDRESS, "bank_statement", "Bank statement of the last three months"),
    Paper(_ADDRESS, "lease", "Lease that is in force"),
)

SOMETHING_ELSE = Asked(
    "",
    "something-else",
    "Something else the broker asked for",
    "For what the broker, or we, asked you for by e-mail or telephone.",
    (
        *_PHOTO_IDS,
        *_ADDRESS_PROOFS,
        Paper("account_approval_letter", "letter", "Letter from your employer"),
        Paper("other", "other", "Another document"),
    ),
)

_ALL = (
    Asked(
        "IDENTITY_VERIFICATION",
        "photo-id",
        "A photo ID",
        "It must be valid, and carry the name that is on your application.",
        _PHOTO_IDS,
    ),
    Asked(
        "INVALID_IDENTITY_PASSPORT",
        "passport",
        "A passport that can be read",
        "The broker could not read your passport, or it has expired. Another photo ID does as well.",
        _PHOTO_IDS,
    ),
    Asked(
        "TAX_IDENTIFICATION",
        "tax-id",
        "Proof of your Social Security number",
        "The whole number and your name must be on it.",
        (
            Paper(_TAX, "social_security_card", "Social Security card"),
            Paper(_TAX, "w2", "Form W-2 of last year"),
            Paper(_TAX, "1099", "Form 1099 of last year"),
            Paper(_TAX, "itin_letter", "Letter of the IRS that names your number"),
        ),
    ),
    Asked(
        "ADDRESS_VERIFICATION",
        "address",
        "Proof of your home address",
        "Your name and the address of your application must be on it.",
        _ADDRESS_PROOFS,
    ),
    Asked(
        "DATE_OF_BIRTH",
        "birth",
        "Proof of your date of birth",
        "Your name and your whole date of birth must be on it.",
        (
            Paper(_BIRTH, "birth_certificate", "Birth certificate"),
            Paper(_BIRTH, "passport", "Passport: the page with your photo"),
            Paper(_BIRTH, "drivers_license", "Driver’s license: the front"),
            Paper(_BIRTH, "id_card", "State or national ID card: the front"),
        ),
    ),
    Asked(
        "SELFIE_VERIFICATION",
        "selfie",
        "A photo of your face",
        "Taken now, in good light, from the front, without hat or sunglasses.",
        (Paper(_ID, "selfie", "A photo of my face"),),
    ),
    Asked(
        "VISA_TYPE_OTHER",
        "visa",
        "A copy of your visa",
        "The page of your passport with the visa, or the notice that grants it.",
        (
            Paper(_ID, "visa", "Visa page of my passport"),
            Paper(_ID, "visa_approval_notice", "Approval notice (Form I-797)"),
        ),
    ),
    Asked(
        "W8BEN_CORRECTION",
        "w-8ben",
        "A corrected Form W-8BEN",
        "Fill in the IRS’s Form W-8BEN with the name and country of your application, and sign it.",
        (Paper("w8ben", "", "Form W-8BEN, signed"),),
    ),
    Asked(
        "AFFILIATED",
        "employer-letter",
        "Your employer’s consent",
        "Who works for a broker or an exchange needs its written consent to an account elsewhere (a 407 letter).",
        (Paper("account_approval_letter", "407_letter", "Letter of consent (407 letter)"),),
    ),
)

BY_CODE: Mapping[str, Asked] = {asked.code: asked for asked in _ALL}
BY_SLUG: Mapping[str, Asked] = {asked.slug: asked for asked in (*_ALL, SOMETHING_ELSE)}
_LABELS = {(paper.kind, paper.sub_kind): paper.label for asked in BY_SLUG.values() for paper in asked.papers}


def asked_of(account: BrokerageAccount) -> list[Asked]:
    """Return what the broker's findings ask the customer for now; empty where it would not look at it."""
    if not account.takes_documents:
        return []
    return [BY_CODE[code] for code in account.kyc_codes("indeterminate") if code in BY_CODE]


def may_be_sent(account: BrokerageAccount, asked: Asked) -> bool:
    """Say whether this would be looked at now; what has no code may be sent as long as the broker is to decide."""
    return account.takes_documents and (asked is SOMETHING_ELSE or asked in asked_of(account))


def label_of(kind: str, sub_kind: str) -> str:
    """Return what the pages call a document that was sent, also one that nothing asks for any more."""
    return _LABELS.get((kind, sub_kind), "Document").partition(":")[0]
