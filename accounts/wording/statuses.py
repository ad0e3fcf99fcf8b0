"""Every status of an application and of an account, the broker's older words included.

https://docs.alpaca.markets/us/docs/accounts-statuses
"""

from accounts import refusals, states
from accounts.documents_asked import asked_of
from accounts.models import Application, BrokerageAccount
from accounts.wording.words import Words

# --- Before there is an account ---------------------------------------------------------------------------------------

_SENDING = Words(
    "busy",
    "clock",
    "Being sent",
    "We are sending your application",
    "It usually takes seconds. You can close this page; we go on, and your answers are safe.",
    live=True,
)
_REFUSED = Words(
    "warn",
    "alert",
    "Action needed",
    "One answer needs a change",
    "The broker could not take the application as it is. Change the answer below and send it again.",
)
_REFUSED_FOR_US = Words(
    "warn",
    "alert",
    "Not sent yet",
    "The broker could not take your application",
    "It is about something on our side, and not about your answers. We look into it; if you have not heard from us by "
    "tomorrow, write to us with your reference.",
    write=True,
)
_OTHER_IDENTITY = Words(
    "warn",
    "alert",
    "Action needed",
    "Your e-mail address is known to the broker already",
    "It belongs to an account that was opened elsewhere, or has another name or date of birth. Check both and send "
    "again, or write to us with your reference: we connect it once we are sure that it is yours.",
    write=True,
)

# --- The account ------------------------------------------------------------------------------------------------------


def _busy(word: str, headline: str, sentence: str, *, live: bool = True, write: bool = False) -> Words:
    return Words("busy", "clock", word, headline, sentence, live, write)


def _stopped(headline: str, sentence: str) -> Words:
    return Words("danger", "stop", "Stopped", headline, sentence, write=True)


_IN_REVIEW = _busy(
    "Under review",
    "The broker is checking your application",
    "Most people hear within minutes, some within two business days. You don’t need to do anything.",
)
# Also for what a customer must not read more about, such as a review that the law demands.
_BY_A_PERSON = _busy(
    "Under review",
    "A person at the broker is looking at your application",
    "This takes up to two business days. You don’t need to do anything; we tell you as soon as it is decided.",
)
_UNFAMILIAR = _busy(
    "Under review",
    "The broker is looking at your account",
    "We have been told, and see to it within one business day. You don’t need to do anything.",
    write=True,
)
_CHANGE = Words(
    "busy",
    "clock",
    "Under review",
    "The broker is reviewing a change to your details",
    "No money moves until it is done, usually within two business days: deposits and withdrawals wait. What was sent "
    "before goes on.",
)
_DOCUMENTS = Words(
    "warn",
    "alert",
    "Action needed",
    "The broker needs to see a document",
    "Something in your application could not be confirmed. Send what the broker asks for; it usually looks at it "
    "within two business days.",
)
_ONE_MORE_THING = Words(
    "warn",
    "alert",
    "Action needed",
    "The broker needs one more thing",
    "Something in your application could not be confirmed. Write to us with your reference; we find out what helps.",
    write=True,
)

_BY_STATUS = {
    "INACTIVE": _busy(
        "Being set up",
        "Your account is being set up",
        "The broker has your application. This takes minutes as a rule; after one business day, write to us.",
        write=True,
    ),
    "ONBOARDING": _busy(
        "Under review",
        "The broker is still confirming who you are",
        "If it has sent you a link for that, follow it. If not, write to us with your reference.",
        live=False,
        write=True,
    ),
    "SUBMITTED": _IN_REVIEW,
    "SUBMISSION_FAILED": Words(
        "warn",
        "alert",
        "Held up",
        "Your application is held up at the broker",
        "A technical fault there, not your answers, keeps it from being checked. The broker puts that right, usually "
        "within one business day, and nothing needs to be sent again. If this page still says so then, write to us.",
        write=True,
    ),
    states.APPROVAL_PENDING: _BY_A_PERSON,
    "APPROVED": _busy(
        "Approved",
        "Your application is approved",
        "The broker is opening your account. It usually takes minutes, one business day at the most.",
    ),
    states.ACTIVE: Words(
        "ok", "check", "Open", "Your brokerage account is open", "Link your bank, and make your first deposit."
    ),
    states.REJECTED: Words(
        "danger",
        "stop",
        "Declined",
        "The broker did not approve your application",
        "The decision is the broker’s, and as a rule it is final. No money has moved. If you think that an answer was "
        "wrong, or have a question, write to us with your reference.",
        write=True,
    ),
    states.UPDATED: _CHANGE,
    states.CLOSED: Words(
        "",
        "minus",
        "Closed",
        "Your brokerage account is closed",
        "No money moves any more. Your records stay here for you to read. If you did not ask for this, write to us.",
        write=True,
    ),
    # What the broker said in earlier years, and may still say of an older account.
    "SIGNED_UP": _IN_REVIEW,
    "KYC_SUBMITTED": _IN_REVIEW,
    "RESUBMITTED": _IN_REVIEW,
    "REAPPROVAL_PENDING": _BY_A_PERSON,
    "AML_REVIEW": _BY_A_PERSON,
    "EDITED": _CHANGE,
    "LIMITED": _stopped(
        "The broker has limited your account",
        "No money moves right now. Write to us with your reference, and we find out what is missing.",
    ),
    "DISABLE_PENDING": _stopped(
        "The broker is about to stop your account",
        "No money moves right now. Write to us with your reference; we ask the broker why, within one business day.",
    ),
    "DISABLED": _stopped(
        "The broker has stopped your account",
        "No money moves. What is in it stays yours. Write to us with your reference; we ask the broker why.",
    ),
    "PAPER_ONLY": _stopped(
        "Your account is for practice only",
        "It holds no real money, so none can be moved. Write to us with your reference to have it opened.",
    ),
}


def of_application(application: Application, account: BrokerageAccount | None) -> Words:
    """Return what the waiting room says."""
    if account is not None:
        return of_account(account)
    if application.status != states.REFUSED:
        return _SENDING
    if application.refusal == states.OTHER_IDENTITY:
        return _OTHER_IDENTITY
    return _REFUSED if refusals.read(application.refusal, application) else _REFUSED_FOR_US


def of_account(account: BrokerageAccount) -> Words:
    """Return what a status means, what comes next and by when; a word that we do not know is under review."""
    if account.status != states.ACTION_REQUIRED:
        return _BY_STATUS.get(account.status, _UNFAMILIAR)
    if asked_of(account):
        return _DOCUMENTS
    # Nothing that the customer could do anything about: whoever is looked at must not learn what for.
    return _BY_A_PERSON if account.kyc_codes("indeterminate") == ["WATCHLIST_HIT"] else _ONE_MORE_THING


def is_live(application: Application, account: BrokerageAccount | None) -> bool:
    """Say whether something may change by itself soon."""
    return of_application(application, account).live
