"""What a customer is told when their account moves: what it means, what comes next, what they can do.

Called by operations.telling_accounts, once for each episode; the words are kept as they were then.
"""

from dataclasses import dataclass
from enum import StrEnum

from accounts import documents_asked, states
from accounts.models import BrokerageAccount
from accounts.wording import blocks, statuses


class Kind(StrEnum):
    """What can be told of an account."""

    RECEIVED = "RECEIVED"
    OPEN = "OPEN"
    OPEN_AGAIN = "OPEN_AGAIN"
    DOCUMENTS_ASKED = "DOCUMENTS_ASKED"
    DECLINED = "DECLINED"
    CLOSED = "CLOSED"
    UNDER_REVIEW = "UNDER_REVIEW"  # once it was open
    STOPPED = "STOPPED"
    BLOCKED = "BLOCKED"
    UNBLOCKED = "UNBLOCKED"


@dataclass(frozen=True)
class Message:
    title: str
    body: str


CONNECTED = Message(
    "You sign in a new way from now on",
    "Your account is connected to the sign-in that was used just now, for your password. Your old password opens it no "
    "more.\nIf this was not you, write to us at once.",
)
_FIXED = {
    Kind.RECEIVED: Message(
        "The broker has your application",
        "It checks who you are. Most people hear within minutes; some checks take up to two business days. We tell you "
        "as soon as it is decided.\nIf you did not apply for an account, write to us at once.",
    ),
    Kind.OPEN: Message(
        "Your brokerage account is open",
        "The broker has approved your application. Link your bank, and make your first deposit.\n"
        "If you did not ask for an account, write to us at once.",
    ),
    Kind.OPEN_AGAIN: Message(
        "Your brokerage account works as before",
        "What the broker looked at is settled. Deposits and withdrawals go on.",
    ),
    Kind.DECLINED: Message(
        "The broker did not approve your application",
        "The decision is the broker’s, and as a rule it is final. No money has moved. If you think that an answer was "
        "wrong, or have a question, write to us with your reference.",
    ),
    Kind.CLOSED: Message(
        "Your brokerage account is closed",
        "No money moves any more. Your records stay for you to read.\n"
        "If you did not ask for this, write to us at once.",
    ),
    Kind.UNBLOCKED: Message(
        "The broker has lifted its blocks",
        "Nothing that the broker had blocked on your account stands any more. What waited for it goes on.",
    ),
}
_STOPPED = frozenset({"LIMITED", "DISABLED", "DISABLE_PENDING", "PAPER_ONLY"})


def kind_of_status(account: BrokerageAccount, before: str, after: str) -> Kind | None:
    """Return what a move tells the customer; None where they have nothing to learn from it."""
    if after == states.ACTIVE:
        return Kind.OPEN if before in states.OPENING else Kind.OPEN_AGAIN
    if after == states.ACTION_REQUIRED:
        # A review that nobody may be warned of is told as no news at all.
        return Kind.DOCUMENTS_ASKED if statuses.of_account(account).tone == "warn" else None
    ends = {states.REJECTED: Kind.DECLINED, states.CLOSED: Kind.CLOSED} | dict.fromkeys(_STOPPED, Kind.STOPPED)
    if after in ends:
        return ends[after]
    return Kind.UNDER_REVIEW if before in states.OPENED and after not in states.OPENING else None


def of_status(account: BrokerageAccount, kind: Kind) -> Message:
    """Return what is told of an account that has just moved."""
    if kind in _FIXED:
        return _FIXED[kind]
    words = statuses.of_account(account)
    titles = [f"· {asked.title}" for asked in documents_asked.asked_of(account)] if kind == Kind.DOCUMENTS_ASKED else []
    return Message(words.headline, "\n".join([words.sentence, *titles]))


def of_blocks(account: BrokerageAccount) -> Message:
    """Return what is told of the broker's blocks as they stand now; the gravest gives the title."""
    standing = blocks.restrictions(account)
    if not standing:
        return _FIXED[Kind.UNBLOCKED]
    return Message(standing[0].title, "\n".join(item.text for item in standing))
