"""What a customer reads about their application: one plain sentence each, with what comes next.

Called by views; the broker's own words never reach a page.
"""

from dataclasses import dataclass

from accounts import states
from accounts.models import Application, BrokerageAccount


@dataclass(frozen=True)
class Words:
    """A tone (ok, busy, warn, danger, unknown or empty), an icon, a word, a headline and a sentence."""

    tone: str
    icon: str
    word: str
    headline: str
    sentence: str


@dataclass(frozen=True)
class Check:
    """One thing the broker checked, and how it stands."""

    label: str
    tone: str
    icon: str
    word: str


_SENDING = Words(
    "busy",
    "clock",
    "Being sent",
    "We are sending your application",
    "It usually takes seconds. You can close this page; we go on, and your answers are safe.",
)
_REFUSED = Words(
    "warn",
    "alert",
    "Action needed",
    "One answer needs a change",
    "The broker could not take the application as it is. Change the answer below and send it again.",
)
_OTHER_IDENTITY = Words(
    "warn",
    "alert",
    "Action needed",
    "Your e-mail address is known to the broker already",
    "The account it belongs to has another name or date of birth. Check both and send again, or write to us with your "
    "reference.",
)
_IN_REVIEW = Words(
    "busy",
    "clock",
    "Under review",
    "The broker is checking your application",
    "Most people hear within minutes, some within two business days. You don’t need to do anything.",
)
_BY_STATUS = {
    states.ACTION_REQUIRED: Words(
        "warn",
        "alert",
        "Action needed",
        "The broker needs one more thing",
        "Something in your application could not be confirmed. Write to us with your reference, and we arrange it.",
    ),
    states.APPROVAL_PENDING: Words(
        "busy",
        "clock",
        "Under review",
        "A person at the broker is looking at your application",
        "This takes up to two business days. You don’t need to do anything.",
    ),
    states.ACTIVE: Words(
        "ok", "check", "Open", "Your brokerage account is open", "Link your bank, and make your first deposit."
    ),
    states.REJECTED: Words(
        "danger",
        "stop",
        "Declined",
        "The broker did not approve your application",
        "The decision is the broker’s and is final. No money has moved. Write to us if you have a question.",
    ),
    states.UPDATED: Words(
        "busy",
        "clock",
        "Under review",
        "The broker is reviewing a change to your details",
        "Transfers wait until it is done, usually within two business days.",
    ),
    states.CLOSED: Words(
        "", "minus", "Closed", "Your brokerage account is closed", "Your records stay here for you to read."
    ),
}


def of_application(application: Application, account: BrokerageAccount | None) -> Words:
    """Return what the waiting room says."""
    if account is not None:
        return _BY_STATUS.get(account.status, _IN_REVIEW)
    if application.status != states.REFUSED:
        return _SENDING
    return _OTHER_IDENTITY if application.refusal == states.OTHER_IDENTITY else _REFUSED


def is_live(application: Application, account: BrokerageAccount | None) -> bool:
    """Say whether something may change by itself soon."""
    if account is None:
        return application.status in (states.READY, states.SENDING, states.UNKNOWN)
    return account.status in states.OPENING - {states.ACTION_REQUIRED} or account.status not in states.KNOWN


# The broker's codes: https://docs.alpaca.markets/us/docs/accounts-statuses
_CHECKED = {
    "IDENTITY_VERIFICATION": "Identity",
    "DATE_OF_BIRTH": "Date of birth",
    "TAX_IDENTIFICATION": "Social Security number",
    "ADDRESS_VERIFICATION": "Home address",
}


def checks(account: BrokerageAccount | None) -> list[Check]:
    """Return what the broker says it checked; empty while it says nothing."""
    results = account.kyc_results if account else {}
    found = []
    for verdict, tone, icon, word in (
        ("accept", "ok", "check", "Confirmed"),
        ("indeterminate", "warn", "alert", "Not confirmed yet"),
        ("reject", "danger", "stop", "Not confirmed"),
    ):
        codes = results.get(verdict)
        codes = codes if isinstance(codes, dict) else {}
        found += [Check(_CHECKED[code], tone, icon, word) for code in codes if code in _CHECKED]
    return found
