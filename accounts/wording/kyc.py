"""What the broker checked, item by item: what each of its codes means, and what the customer can do about it.

The codes: https://docs.alpaca.markets/us/docs/accounts-statuses. What a customer must not learn, a hit on a watch list,
is said in the same neutral words as any review by a person.
"""

import functools
import logging
import unicodedata
from dataclasses import dataclass

from accounts import states
from accounts.models import BrokerageAccount

log = logging.getLogger(__name__)

MOST_PROSE = 500


@dataclass(frozen=True)
class Check:
    """One thing the broker checked, how it stands, and what that means."""

    label: str
    tone: str
    icon: str
    word: str
    sentence: str = ""


@dataclass(frozen=True)
class _Code:
    """One code: what it is about, and what is said while it is open and once it is refused."""

    label: str
    indeterminate: str
    reject: str


_NEUTRAL = _Code(
    "Review by the broker",
    "A person at the broker is looking at your application. There is nothing for you to do.",
    "The broker has looked at your application and did not approve it.",
)
_OTHER = _Code(
    "Something else",
    "The broker needs something that has no name of its own. Write to us with your reference; we find out what.",
    "The broker could not confirm something in your application.",
)
_CODES = {
    "IDENTITY_VERIFICATION": _Code(
        "Identity",
        "Your name could not be matched. A photo ID clears this.",
        "The broker could not confirm who you are.",
    ),
    "INVALID_IDENTITY_PASSPORT": _Code(
        "Passport",
        "Your passport could not be read, or has expired. Another photo ID clears this.",
        "The broker could not accept your passport.",
    ),
    "TAX_IDENTIFICATION": _Code(
        "Tax number",
        "Your number could not be matched with your name. A Social Security card or a tax form clears this.",
        "The broker could not confirm that the number is yours.",
    ),
    "ADDRESS_VERIFICATION": _Code(
        "Home address",
        "Your address could not be matched. A utility bill, a bank statement or a lease clears this; if you mistyped "
        "it, change it under Settings.",
        "The broker could not confirm your address.",
    ),
    "DATE_OF_BIRTH": _Code(
        "Date of birth",
        "It could not be matched. A birth certificate or a photo ID clears this; if you mistyped it, write to us.",
        "The broker could not confirm your date of birth.",
    ),
    "SELFIE_VERIFICATION": _Code(
        "Photo of your face",
        "It could not be matched with your ID. A new photo clears this.",
        "The photo and the ID do not show the same person, as far as the broker can tell.",
    ),
    "PEP": _Code(
        "Public office",
        "You said that you hold a public office, so a person at the broker looks at it. If the answer was wrong, write "
        "to us.",
        "The broker does not open this account for somebody in a public office.",
    ),
    "FAMILY_MEMBER_PEP": _Code(
        "Public office in the family",
        "You said that somebody in your family holds a public office, so a person at the broker looks at it. If the "
        "answer was wrong, write to us.",
        "The broker does not open this account for a family member of somebody in a public office.",
    ),
    "CONTROL_PERSON": _Code(
        "Control of a public company",
        "You said that you control a public company, so a person at the broker looks at it. If the answer was wrong, "
        "write to us.",
        "The broker does not open this account for somebody who controls a public company.",
    ),
    "AFFILIATED": _Code(
        "Work at a broker or an exchange",
        "You said that you work for one. Its written consent clears this; if the answer was wrong, write to us.",
        "The broker does not open this account for somebody who works for a broker or an exchange.",
    ),
    "VISA_TYPE_OTHER": _Code(
        "Visa",
        "The broker wants to see which visa you hold. A copy of it clears this.",
        "The broker does not open accounts for holders of your visa.",
    ),
    "W8BEN_CORRECTION": _Code(
        "Form W-8BEN",
        "Something on the form needs a correction. A new one, filled in and signed, clears this.",
        "The broker could not accept the form.",
    ),
    "COUNTRY_NOT_SUPPORTED": _Code(
        "Country",
        "The broker does not open accounts for the country on your application. If that country is wrong, write to us.",
        "The broker does not open accounts for the country on your application.",
    ),
    "OTHER": _OTHER,
    "OTHER_PARTNER": _NEUTRAL,
    "WATCHLIST_HIT": _NEUTRAL,
}
KNOWN = frozenset(_CODES)


def checks(account: BrokerageAccount | None) -> list[Check]:
    """Return what the broker says it checked, what is open first; empty while it says nothing."""
    if account is None:
        return []
    found = [_open(code, account) for code in account.kyc_codes("indeterminate")]
    found += [_refused(code) for code in account.kyc_codes("reject")]
    # Of what has no name of its own, nobody learns anything from its being settled.
    confirmed = [_of(code).label for code in account.kyc_codes("accept") if _of(code) not in (_NEUTRAL, _OTHER)]
    found += [Check(label, "ok", "check", "Confirmed") for label in confirmed]
    return list(dict.fromkeys(found))  # two reviews read as one


def _open(code: str, account: BrokerageAccount) -> Check:
    """Tell what clears a finding while the broker waits for that; otherwise somebody looks at it, as at anything."""
    said = _of(code)
    if said is _NEUTRAL:
        return Check(said.label, "busy", "clock", "Being looked at", said.indeterminate)
    if account.status != states.ACTION_REQUIRED:
        return Check(said.label, "busy", "clock", "Being looked at")
    if said is _OTHER and in_the_brokers_words(account):
        return Check(said.label, "warn", "alert", "Not confirmed yet", "The broker’s own words stand below.")
    return Check(said.label, "warn", "alert", "Not confirmed yet", said.indeterminate)


def _refused(code: str) -> Check:
    said = _of(code)
    return Check(said.label, "danger", "stop", "Not approved" if said is _NEUTRAL else "Not confirmed", said.reject)


def _of(code: str) -> _Code:
    if code not in _CODES:
        _report(code[:40])
    return _CODES.get(code, _NEUTRAL)


@functools.lru_cache(maxsize=100)
def _report(code: str) -> None:
    """Report a code without words of ours, once in the life of a process: pages are looked at again and again."""
    log.warning("the broker's finding %r has no words here; customers read a general sentence", code)


def in_the_brokers_words(account: BrokerageAccount | None) -> str:
    """Return what the broker wrote about OTHER, as plain text for the customer to read; empty as a rule.

    It alone says what is wanted then, so customers see it, named as the broker's words. It stays with ops whenever a
    watch list is among the findings: nobody may learn from it that they are looked at.
    """
    if account is None or "OTHER" not in account.kyc_codes("indeterminate"):
        return ""
    if any("WATCHLIST_HIT" in account.kyc_codes(verdict) for verdict in ("indeterminate", "reject")):
        return ""
    prose = account.kyc_results.get("additional_information")
    return _plain(prose) if isinstance(prose, str) else ""


def _plain(prose: str) -> str:
    """Return text in one paragraph without what can't be seen, cut to a length for a page."""
    seen = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in prose)
    return " ".join(seen.split())[:MOST_PROSE]
